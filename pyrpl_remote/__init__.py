"""One Red Pitaya with PyRPL, shared by every program at once.

    from pyrpl_remote import connect

    with connect("virtual") as p:          # or connect("lab", hostname="rp-f08d6c.local")
        p.rp.asg0.setup(waveform="sin", frequency=1e3, amplitude=0.8, output_direct="out1")
        ch1, ch2 = p.rp.scope.single(timeout=2)

Everything public is here: `connect`; `discover`, `status` and `stop`, which need no session with a board;
`Entry`, `BoardStatus`, `Change` and `CurveFrame`, which they return or pass to callbacks; `errors` and
`__version__`.
"""

from . import errors
from ._version import __version__
from .client.connect import connect
from .client.events import Change, CurveFrame
from .client.observer import status, stop
from .names.directory import Entry
from .names.directory import boards as discover
from .schema import BoardStatus

__all__ = [
    "BoardStatus",
    "Change",
    "CurveFrame",
    "Entry",
    "__version__",
    "connect",
    "discover",
    "errors",
    "status",
    "stop",
]
