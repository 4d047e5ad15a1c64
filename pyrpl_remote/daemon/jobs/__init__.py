"""Jobs: what the daemon goes on doing after the client that asked for it has left.

A job has a thread of its own, and uses the board as a client does. It is stored, and the next daemon of the
board starts it again.
"""
