"""Subscriptions to PyRPL's Qt signals themselves, for programs that use a module's `_signal_launcher`."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from ..records import current_cause
from .mailbox import ChangeSubscription


class SignalSubscription(ChangeSubscription):
    """A subscription of one session to one signal of a module.

    As in Qt, what a request causes is delivered before the call returns: it travels with the reply. What
    others cause comes with the stream.
    """

    def __init__(self, session: Hashable, number: int, path: str, name: str) -> None:
        """`number` is the subscription's, which the client chose; `name` is the signal's."""
        super().__init__(topic(path, name))
        self.module_path, self.name = path, name
        self._session, self._number = session, number

    def covers(self, path: str) -> bool:
        """Whether `path` is this signal's topic."""
        return path == self.path

    def offer(self, order: int, event: dict[str, Any]) -> None:
        """Add the event to the reply of the session's own request, or keep it for the stream."""
        cause = current_cause()
        own = cause is not None and cause.session == self._session
        if not (own and cause is not None and cause.add_event([self._number, {**event, "lost": 0}])):
            super().offer(order, event)


def topic(path: str, name: str) -> str:
    """The text that stands for a signal of the module at `path` among the paths of subscriptions."""
    return f"{path}:{name}"
