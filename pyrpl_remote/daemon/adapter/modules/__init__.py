"""PyRPL's modules: their paths and descriptions, and what a client may set and call."""
