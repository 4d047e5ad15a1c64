"""`Parts`: the parts of the daemon that jobs use."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from ..adapter.board.link import Link
from ..dispatcher import Dispatcher
from ..events.mailboxes import Mailboxes
from ..events.signals import Events
from ..qt.thread import QtThread
from ..values import Values


@dataclass(frozen=True)
class Parts:
    """The parts of the daemon that jobs use. `ending` is set when the daemon ends.

    `pyrpl`: the Pyrpl instance; `fpga_kept`: the start of the daemon left the FPGA as it was.
    """

    board: str
    hostname: str
    qt: QtThread
    dispatcher: Dispatcher
    values: Values
    mailboxes: Mailboxes
    events: Events
    link: Link
    ending: threading.Event
    pyrpl: Any = None
    fpga_kept: bool = False
