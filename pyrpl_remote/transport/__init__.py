"""How messages travel through a Pyro5 connection."""
