"""The verbs that concern the daemon and its board as a whole: status, history of the lock, the end."""

from __future__ import annotations

from collections.abc import Callable

from ... import board_status, schema, settings
from ..caller import Caller
from ..jobs.locks.history_file import LOCK_EVENTS
from ..jobs.locks.history_file import read as read_history
from ..values import Plain
from .clients import Clients


class DaemonVerbs:
    """Carries out the verbs of the daemon, in any thread. Each public function is a verb of protocol.py."""

    def __init__(
        self,
        board: str,
        clients: Clients,
        status: Callable[[], board_status.BoardStatus],
        stop: Callable[[str], None],
        allow: Callable[[str], None],
    ):
        """`allow(state)` lets the daemon end this state of the link by force (see LinkStatus)."""
        self._board = board
        self._clients = clients
        self._status = status
        self._stop = stop
        self._allow = allow

    def status(self, caller: Caller) -> Plain:
        """The board, its link, its daemon and its clients."""
        return Plain(schema.to_data(self._status()))

    def lock_history(
        self, caller: Caller, since: float | None, until: float | None, limit: int = LOCK_EVENTS
    ) -> Plain:
        """The history of the lock, watched or not; see jobs/locks/history_file.py."""
        return Plain(read_history(settings.lock_history_path(self._board), since, until, limit))

    def take_over(self, caller: Caller) -> Plain:
        """Take the board from the program that uses it; the link's status says when that is done."""
        self._allow(board_status.TAKEN)
        return Plain(None)

    def restore_gateware(self, caller: Caller) -> Plain:
        """Load PyRPL's gateware again; the link's status says when that is done."""
        self._allow(board_status.OTHER_GATEWARE)
        return Plain(None)

    def stop(self, caller: Caller, unused: bool = False) -> Plain:
        """End the daemon; the FPGA keeps running unchanged.

        `unused`: only if clients have used it, and all have left; returns whether it ends.
        """
        if not unused:
            self._stop(caller.label)
            return Plain(None)
        ends = self._clients.all_left()
        if ends:
            self._stop("")
        return Plain(ends)
