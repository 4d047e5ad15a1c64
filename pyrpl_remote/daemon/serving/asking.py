"""Which client asked for what a thread does now: for the daemon's log."""

from __future__ import annotations

from collections.abc import Callable

import Pyro5.api

from ..caller import Caller
from ..records import current_cause
from .clients import Clients


def asking_client(clients: Clients, asking_in_qt_thread: Callable[[], str]) -> str:
    """The label of the client whose request this thread carries out, "" if it carries out none.

    An acquisition goes on for its client after the request. `asking_in_qt_thread` is QtThread.asking.
    """
    cause = current_cause()
    if cause is not None and cause.session is not None:
        return clients.label(cause.session)
    if label := asking_in_qt_thread():
        return label
    # in a worker thread of Pyro5, which serves one connection
    caller: Caller | None = getattr(Pyro5.api.current_context.client, "caller", None)
    return "" if caller is None else caller.label
