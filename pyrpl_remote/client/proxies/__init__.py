"""What a user works with: the board, its modules, and values that belong to the daemon.

From the base upwards: lists (attributes that are lists), config_tree (`p.c`), curves (saved curves), ipython
(what notebooks show), module (base classes of proxies), members (properties and functions from the schema),
board (the proxy of the whole board), classes (proxy classes from the schema), decoders (which received value
becomes what).
"""
