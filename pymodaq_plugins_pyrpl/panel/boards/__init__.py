"""The boards of the lab: the list at the left, what is known of each, and what can be done with it."""
