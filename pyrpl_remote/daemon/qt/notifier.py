"""A Qt notifier of a socket that can be read."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from qtpy import QtCore


def notify_readable(sock: socket.socket, slot: Callable[..., object]) -> Any:
    """Call `slot` in Qt's event loop whenever `sock` can be read; returns the notifier, to be kept."""
    kind: Any = QtCore.QSocketNotifier  # PyQt6's own types do not know that a descriptor is a number
    notifier = kind(sock.fileno(), QtCore.QSocketNotifier.Type.Read)
    notifier.activated.connect(slot)
    return notifier
