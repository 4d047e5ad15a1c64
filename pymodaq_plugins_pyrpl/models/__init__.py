"""Models for PyMoDAQ's own PID extension (none yet; PyMoDAQ looks for this package)."""
