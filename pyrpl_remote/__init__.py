"""One Red Pitaya with PyRPL, shared by every program at once.

    from pyrpl_remote import connect

    with connect("virtual") as p:          # or connect("lab", hostname="rp-f08d6c.local")
        p.rp.asg0.setup(waveform="sin", frequency=1e3, amplitude=0.8, output_direct="out1")
        ch1, ch2 = p.rp.scope.single(timeout=2)

Everything public is here: `connect`; `discover`, `status` and `stop`, which need no session with a board;
`Entry`, `BoardStatus`, `JobHandle`, `LockHistory`, `LockEvent`, `Change` and `CurveFrame`, which they
return or pass to callbacks; `errors` and `__version__`. Public modules are `virtual_cavity`, a lock to try,
and `lockbox_sweep`, the sweep of a lockbox with the model's curve.
"""

import importlib
import sys
from typing import TYPE_CHECKING, Any

from . import clean_path

if clean_path.python_m_runs("pyrpl_remote"):
    sys.path.pop(0)  # the working folder, put before the libraries

from . import errors
from ._version import __version__

if TYPE_CHECKING:
    from .board_status import BoardStatus
    from .client.connect import connect
    from .client.finding.observer import status, stop
    from .client.jobs import JobHandle
    from .client.sessions.events import Change, CurveFrame
    from .lock_history import LockEvent, LockHistory
    from .names.directory import Entry
    from .names.paired import discover

__all__ = [
    "BoardStatus",
    "Change",
    "CurveFrame",
    "Entry",
    "JobHandle",
    "LockEvent",
    "LockHistory",
    "__version__",
    "connect",
    "discover",
    "errors",
    "status",
    "stop",
]

_HOMES = {
    "connect": ("client.connect", "connect"),
    "Change": ("client.sessions.events", "Change"),
    "CurveFrame": ("client.sessions.events", "CurveFrame"),
    "JobHandle": ("client.jobs", "JobHandle"),
    "status": ("client.finding.observer", "status"),
    "stop": ("client.finding.observer", "stop"),
    "Entry": ("names.directory", "Entry"),
    "discover": ("names.paired", "discover"),
    "BoardStatus": ("board_status", "BoardStatus"),
    "LockEvent": ("lock_history", "LockEvent"),
    "LockHistory": ("lock_history", "LockHistory"),
}
"""For each public name that is imported at its first use: its module, and its name there."""


def __getattr__(name: str) -> Any:
    # at the first use: Pyro5 reads environment variables at import, and a malformed one is an error of ours
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .environment import require_name_server

    require_name_server()
    module, attribute = _HOMES[name]
    value = getattr(importlib.import_module(f".{module}", __name__), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
