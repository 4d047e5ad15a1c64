"""The daemon: one process that owns the only PyRPL instance of one board and serves it over Pyro5.

From the board upwards: board (starts PyRPL), link (guards its connection), exports (what PyRPL offers, as a
schema and by path, with assigned and local_only), stored (its configuration and curves), hardware (the Qt
thread that alone touches PyRPL) and light_sleep (how it waits), quick (requests that are answered without
waiting, served there at once), acquisitions (who may acquire), pieces (long calls in turns), dispatcher (get,
set, call), events and mailbox (what clients that listen are told), registry (who holds the board), doors (the
Pyro objects), later (answers that are not there yet), server (the Pyro daemon), service (lifetime).
"""
