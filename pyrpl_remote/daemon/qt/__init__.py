"""The Qt thread, in which PyRPL lives: its work, its polling, and the acquisitions that it waits for."""
