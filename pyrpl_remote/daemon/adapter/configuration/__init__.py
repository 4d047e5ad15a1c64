"""PyRPL's configuration: its tree, the journal of its changes, what other programs changed in its file."""
