"""The virtual Red Pitaya: a process that unmodified PyRPL cannot tell from a real board.

It imports neither the client nor the daemon: it is a board, and knows nothing of Pyro.
"""
