"""`OpenBoard`: the panel's session with one board, which all its pages share.

The window's thread never calls a proxy: a board that does not answer would stop the window.
"""

from __future__ import annotations

import dataclasses
import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from qtpy.QtCore import QObject, QTimer, Signal

from pyrpl_remote import Change, connect
from pyrpl_remote.errors import SessionClosed

from .background import Background, Failed

Result = TypeVar("Result")

log = logging.getLogger(__name__)

UP = "up"
"""The state of a board that can be used."""

CONNECTING, FAILED, CLOSED = "connecting", "failed", "closed"
"""States that the panel adds to those of a link (see `RemotePyrpl.on_link`)."""

CHANGES_MILLISECONDS = 50
"""How long changes are collected before they are shown."""


def made_here(who: str) -> bool:
    """Whether a change was made by this program, as its `who` says."""
    return f"(pid {os.getpid()}, " in who and who.endswith(f" at {socket.gethostname()})")


class OpenBoard(QObject):
    """A session with a board, in background threads.

    `name` is the board's, as "lab" or "lab@daq2"; `state` and `reason` are those of its link, or "connecting"
    (the reason is then the step of the start), "failed" (the session could not be begun; `error` says why,
    `retry` tries again) or "closed".

    Signals, all in the window's thread: `state_changed(state, reason)`; `connected()`, when the session has
    begun; `changes(list of Change)`, at most 20 times a second: what anyone has set on the board, of each
    attribute the last change; `closed()`.
    """

    state_changed = Signal(str, str)
    connected = Signal()
    changes = Signal(list)
    closed = Signal()

    def __init__(
        self, name: str, parameters: Mapping[str, Any], failed: Failed, parent: QObject | None = None
    ) -> None:
        """`parameters` are those of `connect`; `failed(error)` shows an error."""
        super().__init__(parent)
        self.name = name
        self.state, self.reason = CONNECTING, ""
        self.error: Exception | None = None
        self._parameters = dict(parameters)
        self._failed = failed
        self._background = Background(f"panel {name}", failed)
        self._session: Any = None
        self._last_calls: list[Callable[[Any], object]] = []
        self._lock = threading.Lock()
        self._changes: dict[tuple[str, str], Change] = {}
        self._changes_timer = QTimer(self)
        self._changes_timer.setSingleShot(True)
        self._changes_timer.setInterval(CHANGES_MILLISECONDS)
        self._changes_timer.timeout.connect(self._pass_changes)
        self._connect()

    def ask(
        self,
        function: Callable[[Any], Result],
        done: Callable[[Result], object] | None = None,
        failed: Failed | None = None,
    ) -> None:
        """Call `function(p)` with the board's proxy in its worker thread, after the calls before it.

        Then `done(result)` is called in the window's thread, or `failed(error)`; without `failed` the error
        is shown in the error bar.
        """
        self._background.call(lambda: function(self._proxy()), done, failed)

    def ask_long(
        self,
        function: Callable[[Any], Result],
        done: Callable[[Result], object] | None = None,
        failed: Failed | None = None,
    ) -> None:
        """As `ask`, in a thread of its own: for calls that wait, for a trigger or a lock for example."""
        self._background.call_beside(lambda: function(self._proxy()), done, failed)

    def post(self, function: Callable[[], object]) -> None:
        """Call `function()` soon in the window's thread; from any thread, such as that of a subscription."""
        self._background.post(function)

    def at_end(self, function: Callable[[Any], object]) -> None:
        """Call `function(p)` in a thread when the session ends, before it ends."""
        self._last_calls.append(function)

    def retry(self, **more: Any) -> None:
        """Begin the session again after it has failed, with `more` parameters of `connect`."""
        if self.state == FAILED:
            self._parameters.update(more)
            self.error = None
            self._set_state(CONNECTING, "")
            self._connect()

    def close(self) -> None:
        """End the session; the board goes on with its other clients. Never waits."""
        if self.state == CLOSED:
            return
        self._changes_timer.stop()
        self._background.close(self._end_session)
        self._set_state(CLOSED, "")
        self.closed.emit()

    def _proxy(self) -> Any:
        if self._session is None:
            raise SessionClosed(
                f"the panel has no session with the board {self.name!r}", "open the board again"
            )
        return self._session

    def _connect(self) -> None:
        self._background.call(self._begin_session, lambda _: self._begun(), self._not_begun)

    def _begin_session(self) -> None:
        session = connect(
            self.name,
            progress=lambda text: self.post(lambda: self._set_state(CONNECTING, text)),
            **self._parameters,
        )
        with self._lock:
            self._session = session
        if self._background.closed:  # meanwhile
            self._end_session()
            return
        session.on_link(lambda link: self.post(lambda: self._set_state(link.state, link.reason)))
        session.on_change(self._changed)
        link = session.status().link
        self.post(lambda: self._set_state(link.state, link.reason))

    def _begun(self) -> None:
        self.connected.emit()

    def _not_begun(self, error: Exception) -> None:
        self.error = error
        self._set_state(FAILED, getattr(error, "message", str(error)))
        self._failed(error)

    def _end_session(self) -> None:
        with self._lock:
            session, self._session = self._session, None
        if session is None:
            return
        for function in self._last_calls:
            try:
                function(session)
            except Exception as error:  # noqa: BLE001 - boundary: the session ends whatever the board replies
                log.warning("at the end of the session with %s: %s", self.name, error)
        session.close()

    def _set_state(self, state: str, reason: str) -> None:
        if self.state != CLOSED and (state, reason) != (self.state, self.reason):
            self.state, self.reason = state, reason
            self.state_changed.emit(state, reason)

    def _changed(self, change: Change) -> None:
        """Keep a change, in the thread of the subscription."""
        key = (change.module, change.name)
        with self._lock:
            first = not self._changes
            before = self._changes.pop(key, None)
            if before is not None and before.lost:
                change = dataclasses.replace(change, lost=change.lost + before.lost)
            self._changes[key] = change
        if first:
            self.post(self._changes_timer.start)

    def _pass_changes(self) -> None:
        with self._lock:
            changes, self._changes = list(self._changes.values()), {}
        self.changes.emit(changes)
