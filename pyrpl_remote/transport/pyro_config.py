"""Pyro5's process-wide options, for a process that serves. A client's process is left as it is."""

from __future__ import annotations

from Pyro5 import config

from ..wire import MAX_MESSAGE_BYTES


def configure_server() -> None:
    """Set Pyro5's options for the daemon of a board, or for a name server."""
    config.SERVERTYPE = "thread"
    # a connection holds a thread of the pool, and a refused client is worse than a sleeping thread
    config.THREADPOOL_SIZE = 2000
    config.THREADPOOL_SIZE_MIN = 2
    config.MAX_MESSAGE_SIZE = MAX_MESSAGE_BYTES
    # idle clients are alive: leases and heartbeats tell, not the socket's time limit
    config.COMMTIMEOUT = 0.0
    # a reply of several segments must not wait for the acknowledgement of the first
    config.SOCK_NODELAY = True
