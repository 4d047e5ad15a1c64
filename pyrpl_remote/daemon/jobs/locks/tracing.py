"""`Tracing`: lets the scope record for the watch while the lock holds and nobody else uses the scope."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from ....errors import BoardLinkLost
from ..job_board import JobBoard, JobEnded
from .recorder import Recorder

if TYPE_CHECKING:
    from ...adapter.lockbox.lent_scope import LentScope
    from ...adapter.lockbox.lockbox_view import LockboxView

log = logging.getLogger(__name__)

SCOPE_PATHS = ("rp.scope", "spectrumanalyzer")
"""The modules that use the scope: while a client acquires with one of them, or waits for its turn, the scope
is left alone. A proxy of them alone uses nothing: whoever uses it later gets the scope as it was."""

LENT = "lent scope"
"""The note with what the scope was before it was lent, for the next daemon if this one is killed."""


class Tracing:
    """The scope of one watch. For the job's thread, but for what it says otherwise."""

    def __init__(self, board: JobBoard, recorder: Recorder) -> None:
        self._board = board
        self._recorder = recorder
        self._scope: LentScope | None = None
        self._signals: tuple[str, str] | None = None
        self._noted = False

    def open(self, view: LockboxView) -> None:
        """Begin: set what a daemon that was killed had lent."""
        noted = self._recorder.note(LENT)
        kept = self._board.fpga_kept

        def work() -> None:
            from ...adapter.lockbox.lent_scope import LentScope  # not at the top: it imports PyRPL

            self._scope = LentScope(self._board.pyrpl)
            view.trace = self._scope.trace
            if noted is not None and kept:
                self._scope.restore(noted)

        self._board.qt(work)
        self._recorder.set_note(LENT, None)

    def tend(self, view: LockboxView) -> None:
        """Lend the scope if nobody uses it, else see to it that it is not lent. Raises BoardLinkLost."""
        free = self._is_free()
        scope, signals, values = self._board.qt(lambda: self._look(view, free))
        if self._noted and not scope.lent:
            self._noted = False
            self._recorder.set_note(LENT, None)
        if values is None:
            return
        # first: a daemon that is killed leaves the note
        self._recorder.set_note(LENT, values)
        self._noted = True
        self._board.qt(lambda: scope.lend(*signals) if scope.is_idle() else None)

    def close(self) -> None:
        """Give the scope back."""
        scope = self._scope
        try:
            if scope is not None:
                self._board.qt(scope.give_back)
                self._recorder.set_note(LENT, None)
        except (JobEnded, BoardLinkLost) as error:
            # the end of the daemon gives it back; if it cannot, the next one finds the note
            log.debug("the scope is given back later: %s", error)

    def _look(self, view: LockboxView, free: bool) -> tuple[LentScope, Any, dict[str, Any] | None]:
        """The scope, the signals to record, and what to note before it is lent, or None; in Qt's thread."""
        scope = self._scope
        assert scope is not None
        signals = view.signals()
        if scope.lent and (not free or signals != self._signals):
            scope.give_back()
        if scope.lent or not free or signals is None or "off" in signals or not scope.is_idle():
            return scope, None, None
        self._signals = signals
        return scope, signals, scope.values(*signals)

    def _is_free(self) -> bool:
        """Whether no client acquires with the scope, or waits for its turn."""
        return not any(path.startswith(SCOPE_PATHS) for path, _ in self._board.holders())
