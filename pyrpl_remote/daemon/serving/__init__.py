"""The Pyro side of the daemon: connections, clients, requests and answers."""
