"""`notify_readable`: calls a function when a socket can be read."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from qtpy import QtCore


def notify_readable(sock: socket.socket, slot: Callable[..., object]) -> Any:
    """Call `slot` in Qt's event loop whenever `sock` can be read, as long as the returned notifier exists."""
    kind: Any = QtCore.QSocketNotifier  # PyQt6's type hints do not accept a number as descriptor
    notifier = kind(sock.fileno(), QtCore.QSocketNotifier.Type.Read)
    notifier.activated.connect(slot)
    return notifier
