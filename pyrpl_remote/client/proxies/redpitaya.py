"""`RemoteRedPitaya`, the proxy of `p.rp`, and the counters of PyRPL's connection to the board."""

from __future__ import annotations

from typing import Any

from ...errors import NotRemote
from ..sessions.handle import Handle
from .module import RemoteModule

COUNTERS = ("_read_counter", "_write_counter")
"""PyRPL's names of the counters, in the order of the verb `access_counts`."""


class RemoteRedPitaya(RemoteModule):
    """The hardware modules of a board that a daemon serves."""

    __slots__ = ()
    _own = ("client",)

    @property
    def client(self) -> AccessCounters:
        """How often PyRPL has accessed the board; only with connect(private=True)."""
        if not self._handle.private:
            raise self._unknown("client")
        return AccessCounters(self._handle)


class AccessCounters:
    """Stands for PyRPL's connection to the board, of which a client may read the counters only.

    `_read_counter` and `_write_counter` count the reads and writes of all clients, and of PyRPL itself.
    """

    def __init__(self, handle: Handle):
        object.__setattr__(self, "_handle", handle)

    def __getattr__(self, name: str) -> Any:
        if name in COUNTERS:
            return dict(zip(COUNTERS, self._handle.ask("access_counts")))[name]
        raise self._refusal(name)

    def __setattr__(self, name: str, value: Any) -> None:
        # PyRPL's scripts switch its debugging by sound off, which is off in a daemon
        if name != "_sound_debug" or value is not False:
            raise self._refusal(name)

    def _refusal(self, name: str) -> NotRemote:
        return NotRemote(
            f"board {self._handle.board!r}: rp.client has {name!r} in the daemon's process only, if at all",
            "the daemon alone talks to the board: use the attributes of the modules. "
            f"{' and '.join(COUNTERS)} can be read",
        )

    def __repr__(self) -> str:
        return f"<counters of the accesses to board {self._handle.board!r}>"
