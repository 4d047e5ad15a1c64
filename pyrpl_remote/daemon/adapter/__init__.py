"""What the daemon knows of PyRPL. No other room imports PyRPL.

The service starts and ends a Board (start.py). The dispatcher and the events reach PyRPL's modules by path,
and find them described, through Modules (modules.py). All of it is used in the Qt thread.
"""
