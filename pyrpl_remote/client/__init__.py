"""The client: proxies for a board that a daemon serves, in any process and thread, without Qt and PyRPL.

From the connection upwards: connection (of each thread), stream (what the daemon sends by itself, for events,
future and callbacks), locate and launch (find or start a daemon), session (one process's tie to one board),
handle (one connect()'s share of it), proxies/ (what a user holds), connect (puts it together). observer looks
at boards without holding them; parameters checks what connect() is given; refusal turns a daemon's refusal
into an error; whoami says who this is.
"""
