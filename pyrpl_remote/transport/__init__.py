"""How requests and replies travel through a Pyro5 connection.

The ordinary way is Pyro5's own. The fast way works on plain loopback, with the releases of Pyro5 that it was
tested with (pyro_internals.TESTED): requests are received and sent by `buffered`, large arrays travel beside
the message uncopied, and the daemon serves requests in its Qt thread. `channel` is the client's
end and chooses; `pyro_config` has Pyro5's options; `pyro_internals` is the only file that uses undocumented
names of Pyro5.
"""
