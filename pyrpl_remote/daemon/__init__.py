"""The daemon: one process that owns the only PyRPL instance of one board and serves it over Pyro5.

adapter/ is the only package that imports PyRPL; qt/ has the Qt thread, in which PyRPL runs; events/ has what
clients subscribe to; serving/ the Pyro5 side; life/ the daemon's lock, names and signals on its host. Beside
them: caller (who sent a request), values (values <-> plain data), dispatcher (carries out verbs), service
(puts it together).
"""
