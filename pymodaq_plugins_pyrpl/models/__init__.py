"""Models for PyMoDAQ's own PID extension."""
