"""Requests of one session to its daemon, on connections that belong to threads; refusals, and silence."""
