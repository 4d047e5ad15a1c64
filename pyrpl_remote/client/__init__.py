"""The client: proxies for a board that a daemon serves, in any process and thread, without Qt and PyRPL.

Its rooms, from the lowest to the highest: connections/ (requests to a daemon, refusals, silence), finding/
(finds or starts a daemon; its status without a session), sessions/ (what all proxies of one process share),
proxies/ (the objects that a user holds). connect puts them together.

Beside them: jobs and locks (what a client does with jobs and with the watch of the lock), get_back (a board
that another program has taken), running (boards whose daemon runs), starter (the process in which a gate
starts a daemon), stubs (types for editors), doors (how errors leave the functions that users call), staying
(the base of objects that cannot be sent to another process).
"""
