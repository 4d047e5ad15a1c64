"""A session: what all proxies of one process share to use one board: it comes back, has events, futures."""
