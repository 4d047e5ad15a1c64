"""The Pyro5 side of the daemon: connections, clients, requests and replies."""
