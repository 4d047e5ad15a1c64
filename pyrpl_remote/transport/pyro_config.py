"""Pyro5's process-wide options for a process that serves. In a client's process nothing is set."""

from __future__ import annotations

from Pyro5 import config

from ..wire import MAX_MESSAGE_BYTES


def configure_server() -> None:
    """Set Pyro5's options for the daemon of a board, or for a name server."""
    config.SERVERTYPE = "thread"
    # each connection occupies a thread of the pool; Pyro5 refuses further clients when all are in use
    config.THREADPOOL_SIZE = 2000
    config.THREADPOOL_SIZE_MIN = 2
    config.MAX_MESSAGE_SIZE = MAX_MESSAGE_BYTES
    # no time limit on sockets: leases and heartbeats find dead clients, and idle ones are alive
    config.COMMTIMEOUT = 0.0
    # a reply of several segments must not wait for the acknowledgement of the first
    config.SOCK_NODELAY = True
