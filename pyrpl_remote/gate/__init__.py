"""The gate of a host: its door to the local network, a process of its own.

One TLS port. Paired hosts are known by their keys; the gate reads the first message of each connection, tells
the daemon who it is and in which role, and then only passes bytes on. It also starts daemons for paired
hosts, and answers look-ups of names. Daemons listen on loopback only, and never meet the network.
"""
