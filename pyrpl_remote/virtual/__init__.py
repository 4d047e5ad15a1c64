"""The virtual Red Pitaya: a process that unmodified PyRPL cannot tell from a real board.

It imports neither the client nor the daemon, and does not use Pyro5: it is a board.
"""
