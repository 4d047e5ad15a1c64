"""The objects that a user holds: the board, its modules, lists, the configuration tree, saved curves.

From the base upwards: lists (attributes that are lists), config_tree (`p.c`), curves (saved curves), ipython
(completion and tables in notebooks), overview (how notebooks display a board), module (base classes of
proxies), members (properties and functions from the schema), board (the proxy of the whole board), shell
(options inside quotes and `?` in IPython), classes (proxy classes from the schema), decoders (functions that
make these objects from received data). redpitaya is the proxy of `p.rp`; parts and signals
are what PyRPL's own scripts use: its objects that are no modules, and its Qt signals.
"""
