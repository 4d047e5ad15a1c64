"""This machine: its users, processes, ports, screens and libraries, and the files that we write on it."""
