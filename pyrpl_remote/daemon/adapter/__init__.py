"""The daemon's interface to PyRPL. No other package imports PyRPL.

The service starts and ends a Board (start.py). The dispatcher and the events find PyRPL's modules by path,
and their descriptions, through Modules (modules.py). All of it is used in the Qt thread.
"""
