"""Finds the daemon of a board, here or on a paired host, or starts one; its status without a session."""
