"""The daemon's interface to PyRPL. No other room imports PyRPL.

The service starts and ends a Board (starting/start.py). The dispatcher and the events find PyRPL's modules by
path, and their descriptions, through Modules (modules/modules.py). All of it is used in the Qt thread, but
for what brings a lost board back (board/recovery.py) and what says that it is for any thread.
"""
