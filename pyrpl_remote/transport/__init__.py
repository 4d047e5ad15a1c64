"""How requests and replies are sent over a Pyro5 connection.

There are two ways. The ordinary way is Pyro5's own. The fast way works on plain loopback, with the releases
of Pyro5 in pyro_internals.TESTED: `buffered` receives and sends the `messages`, large arrays travel beside a
message uncopied, and the daemon serves the requests in its Qt thread. `channel` is the client's end, and
chooses the way. `pyro_config` sets Pyro5's options. `pyro_internals` is the only file that uses undocumented
names of Pyro5. `lan` has the connections to other hosts, and `any_channel` opens one or the other.
"""
