"""The lab: its hosts, who may use the boards of this one, and the one configuration of all boards."""
