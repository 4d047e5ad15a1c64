"""This machine: its users, processes, ports and installed libraries, and the logs that are written on it."""
