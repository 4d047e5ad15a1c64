"""The Pyro name server: find it, start it, register a board, look boards up."""
