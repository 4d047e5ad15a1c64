"""Pyro5's process-wide options for a process that serves. In a client's process nothing is set."""

from __future__ import annotations

import contextlib
import ctypes
import sys

from Pyro5 import config

from ..wire import MAX_MESSAGE_BYTES
from .plain_serializers import use_plain_serializers


def configure_server(uris: bool = False) -> None:
    """Set Pyro5's options for the daemon of a board, or for a name server; `uris`: requests may have URIs."""
    use_plain_serializers(uris)
    _limit_arenas()
    config.SERVERTYPE = "thread"
    # each connection occupies a thread of the pool; Pyro5 refuses further clients when all are in use
    config.THREADPOOL_SIZE = 2000
    config.THREADPOOL_SIZE_MIN = 2
    config.MAX_MESSAGE_SIZE = MAX_MESSAGE_BYTES
    # no time limit on sockets: leases and heartbeats find dead clients, and idle ones are alive
    config.COMMTIMEOUT = 0.0
    # a reply of several segments must not wait for the acknowledgement of the first
    config.SOCK_NODELAY = True


ARENAS = 2
"""How many arenas glibc may allocate memory from."""

M_ARENA_MAX = -8
"""The number of this option of glibc's mallopt() (malloc.h)."""


def _limit_arenas() -> None:
    """Let threads share memory: glibc has 8 arenas a processor, and each keeps what its threads once needed.

    Each connection has a thread: after many of them the process would have twice the memory that it needs.
    """
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)
