"""The start and the end of a board: PyRPL is imported, reads its configuration, and connects to the board."""
