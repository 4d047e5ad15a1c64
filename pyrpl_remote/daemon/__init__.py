"""The daemon: one process that owns the only PyRPL instance of one board and serves it over Pyro5.

adapter/ is the only room that imports PyRPL; qt/ has the Qt thread, in which PyRPL runs; events/ has what
clients subscribe to; jobs/ what goes on without clients; serving/ the Pyro5 side; life/ the daemon's lock,
names and signals on its host. Beside them: caller (who sent a request), records (what a request causes beside
its result), values (values <-> plain data), acquiring (the acquisition that a call begins), dispatcher
(carries out verbs), service (puts it together).
"""
