"""Models for PyMoDAQ's own PID extension. It shows each under the name of its file."""
