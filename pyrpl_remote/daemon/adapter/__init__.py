"""The only room that imports PyRPL."""
