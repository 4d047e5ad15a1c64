"""The Pyro name server: its process, and functions to find or start it, and to register and find boards."""
