"""The daemon: one process that owns the only PyRPL instance of one board and serves it over Pyro5.

adapter/ is the only room that imports PyRPL; qt/ the thread in which PyRPL lives; events/ what clients
subscribe to; serving/ the Pyro side; life/ its place on the host. Beside them: caller (who asks), values
(values <-> plain data), dispatcher (what a verb does), service (puts it together).
"""
