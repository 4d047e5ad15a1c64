"""Quick requests: carried out in the hardware thread as they arrive, with no other thread in between.

A request that a Pyro worker thread receives costs two changes of thread more than its work, which take longer than
everything else. A client opens a connection of its own for requests whose work and answer are short (see
client/connection.py); the worker thread of such a connection waits while the hardware thread serves it.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from typing import Any

from Pyro5 import protocol
from Pyro5.callcontext import current_context
from Pyro5.errors import ProtocolError
from qtpy import QtCore

from .hardware import HardwareThread

LONGEST = 4096
"""Bytes of the longest request that is quick; a longer one might not have arrived as a whole."""

_HEADER_BYTES = struct.calcsize(protocol._header_format)
_DO_NOT_WAIT = getattr(socket, "MSG_DONTWAIT", 0)  # Windows has none; there, data or the end is there when Qt says so


class _Stay:
    """A connection's stay in the hardware thread, until something comes that is not quick."""

    def __init__(self, connection: Any, handle: Callable[[Any], None]):
        self._connection = connection
        self._handle = handle
        self._notifier: QtCore.QSocketNotifier | None = None
        self.over = threading.Event()
        self.error: Exception | None = None

    def begin(self) -> None:
        """To be called in the hardware thread."""
        self._notifier = QtCore.QSocketNotifier(self._connection.sock.fileno(), QtCore.QSocketNotifier.Read)
        self._notifier.activated.connect(self._arrived)

    def _arrived(self, *_) -> None:
        try:
            whole = _is_whole(self._connection.sock.recv(LONGEST, socket.MSG_PEEK | _DO_NOT_WAIT))
        except BlockingIOError:
            return  # an event loop inside this one has dealt with it
        except OSError:
            whole = False  # whoever reads on is told
        if not whole:
            self._end()
            return
        # work may wait in an event loop of its own, in which other clients are served
        before = current_context.to_global()
        try:
            self._handle(self._connection)
        except Exception as error:  # boundary: it is raised in the connection's own thread
            self._end(error)
        finally:
            current_context.from_global(before)

    def _end(self, error: Exception | None = None) -> None:
        self._notifier.setEnabled(False)
        self._notifier.deleteLater()
        self.error = error
        self.over.set()


def serve(hardware: HardwareThread, connection: Any, handle: Callable[[Any], None]) -> None:
    """Let the hardware thread call `handle(connection)` for each request, as long as they are quick.

    Returns when another request has begun to arrive or the connection was closed. Raises what `handle` raises.
    """
    stay = _Stay(connection, handle)
    hardware.submit(stay.begin)
    stay.over.wait()
    if stay.error is not None:
        raise stay.error


def _is_whole(received: bytes) -> bool:
    """Whether a request has arrived as a whole."""
    if len(received) < _HEADER_BYTES:
        return False
    try:
        message = protocol.ReceivingMessage(received[:_HEADER_BYTES])
    except ProtocolError:
        return False
    return len(received) >= _HEADER_BYTES + message.data_size + message.annotations_size
