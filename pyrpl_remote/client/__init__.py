"""The client: proxies for a board that a daemon serves, in any process and thread, without Qt and PyRPL.

From the socket upwards: connection (one Pyro connection a thread), events (subscriptions, and the thread of
their callbacks), future (calls under way), session (one process's tie to one board), proxy (what the user
holds), config_tree, curves and lists (values that live with the daemon), arrivals (what values become),
launch (start a daemon), connect (find or start one, and tie the session); observer (look without holding),
ipython (what notebooks show).
"""
