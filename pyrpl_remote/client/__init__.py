"""The client: proxies for a board that a daemon serves, in any process and thread, without Qt and PyRPL.

From the connections upwards: connection (requests and replies, for any thread; living lists the open ones),
stream (receives events and results, with events, future and callbacks), locate and launch (find or start a
daemon), session (all of one process's connections to one board), handle (one connect()'s use of a session),
proxies/ (the objects that a user holds), connect (puts it together). Beside them: observer (looks at boards
without a session), parameters (checks and converts the arguments of connect()), configuration (the file that
they lead to, and the board's name), wanted (which running daemon serves the board), refusal (a daemon's
refusal as an error), whoami (this process's program, user, host and pid).
"""
