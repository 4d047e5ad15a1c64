"""A daemon without its Pyro server in the process of the tests, on PyRPL's own `_FAKE_` board.

The thread of the tests is the Qt thread. `Rig.until` lets Qt's event loop run, `Rig.elsewhere` does so while
other threads use the daemon.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from pyrpl_remote import settings
from pyrpl_remote.board_status import BoardStatus, DaemonStatus, LinkStatus
from pyrpl_remote.daemon.adapter.starting.start import Board, Request
from pyrpl_remote.daemon.caller import Caller

LIMIT_SECONDS = 20.0
"""How long anything may take."""


class Rig:
    """The parts of a daemon, put together as service.py does, and ways to wait for them."""

    def __init__(self) -> None:
        self.board = Board(Request("rig", "", None, {"hostname": "_FAKE_"}), lambda _: None, lambda _: None)
        # PyRPL, which the board has imported, made the Qt application that these need
        from pyrpl_remote.daemon.adapter.files.files import Files
        from pyrpl_remote.daemon.adapter.modules.modules import Modules
        from pyrpl_remote.daemon.dispatcher import Dispatcher
        from pyrpl_remote.daemon.events.mailboxes import Mailboxes
        from pyrpl_remote.daemon.events.signals import Events
        from pyrpl_remote.daemon.jobs.jobs import Jobs
        from pyrpl_remote.daemon.jobs.parts import Parts
        from pyrpl_remote.daemon.life.metrics import Metrics
        from pyrpl_remote.daemon.qt.thread import QtThread
        from pyrpl_remote.daemon.serving.clients import Clients
        from pyrpl_remote.daemon.serving.daemon_verbs import DaemonVerbs
        from pyrpl_remote.daemon.serving.failures import Failures
        from pyrpl_remote.daemon.serving.requests import Requests
        from pyrpl_remote.daemon.serving.session_verbs import SessionVerbs
        from pyrpl_remote.daemon.values import Values

        self.pyrpl = self.board.pyrpl
        self.qt = QtThread()
        self.stopped = threading.Event()
        self.allowed: list[str] = []
        self.clients = Clients(None, self.stopped.set)
        self.modules = Modules(self.pyrpl)
        self.files = Files(self.pyrpl.c)
        self.values = Values(self.modules, self.files)
        self.dispatcher = Dispatcher(self.modules, self.qt.post)
        self.mailboxes = Mailboxes()
        self.events = Events(self.modules, self.qt, self.mailboxes)
        self.ending = threading.Event()
        self.parts = Parts(
            "rig",
            "_FAKE_",
            self.qt,
            self.dispatcher,
            self.values,
            self.mailboxes,
            self.events,
            self.board.link,
            self.ending,
            self.pyrpl,
        )
        self.jobs = Jobs(self.parts, self.clients.hold, self.clients.free)
        failures = Failures("rig", Metrics())
        sessions = SessionVerbs(
            self.qt, self.values, self.dispatcher, self.events, self.mailboxes, self.clients, failures
        )
        of_daemon = DaemonVerbs(
            "rig", self.clients, self.status, lambda by: self.stopped.set(), self.allowed.append
        )
        self.requests = Requests(
            *(self.qt, self.values, self.dispatcher, self.files, self.jobs),
            *(sessions, of_daemon, failures),
        )

    def launcher(self, path: str) -> Any:
        """The object with the Qt signals of the module at `path`."""
        return self.modules.module(path)._signal_launcher

    def status(self) -> BoardStatus:
        """The status, as a daemon's service returns it."""
        daemon = DaemonStatus(os.getpid(), 0.0, 0.0, "", None, str(settings.log_path("rig")))
        link = LinkStatus("up", "", 0.0)
        return BoardStatus("rig", "connected", "_FAKE_", link, daemon, self.clients.status())

    def until(
        self, condition: Callable[[], Any], what: str = "the condition", seconds: float = LIMIT_SECONDS
    ) -> Any:
        """Let Qt's event loop run until `condition()` is true, and return its value."""
        from qtpy import QtCore

        deadline = time.monotonic() + seconds
        values: list[Any] = []
        errors: list[Exception] = []
        loop, timer = QtCore.QEventLoop(), QtCore.QTimer()

        def look() -> None:
            try:
                value = condition()
                assert value or time.monotonic() < deadline, f"waited {seconds} s for {what}"
            except Exception as error:  # noqa: BLE001  boundary: Qt would end the process
                errors.append(error)
            else:
                values.extend([value] if value else [])
            if values or errors:
                timer.stop()
                loop.quit()

        timer.timeout.connect(look)
        timer.start(1)
        loop.exec()
        if errors:
            raise errors[0]
        return values[0]

    def elsewhere(self, work: Callable[[], Any]) -> Any:
        """Run `work()` in another thread while Qt's event loop runs; return what it returns, or raise it."""
        pool = ThreadPoolExecutor(1)
        try:
            return self.result(pool.submit(work))
        finally:
            pool.shutdown(wait=False)

    def result(self, future: Future[Any]) -> Any:
        """Let Qt's event loop run until `future` is done; return its result, or raise its error."""
        self.until(future.done, "a future")
        return future.result()

    def close(self) -> None:
        """End PyRPL."""
        self.board.close()
        self.until(lambda: True)


def verb_classes() -> list[type]:
    """The classes whose public functions are verbs of the protocol."""
    from pyrpl_remote.daemon.adapter.files.files import Files
    from pyrpl_remote.daemon.dispatcher import Dispatcher
    from pyrpl_remote.daemon.jobs.jobs import Jobs
    from pyrpl_remote.daemon.serving.daemon_verbs import DaemonVerbs
    from pyrpl_remote.daemon.serving.session_verbs import SessionVerbs

    return [SessionVerbs, DaemonVerbs, Dispatcher, Jobs, Files]


@pytest.fixture(scope="package", autouse=True)
def event_loop() -> Iterator[None]:
    """PyRPL takes the event loop of the process at its import; an earlier asyncio.run() left none."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture(scope="module")
def rig(own_pyrpl_folder) -> Iterator[Rig]:
    """A daemon without a server; PyRPL lives in the thread of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        # as the daemon sets it before it imports PyRPL; later processes of the tests choose for themselves
        patch.setenv("QT_NO_GLIB", "1")
        rig = Rig()
        yield rig
        rig.close()


@pytest.fixture
def scope(rig) -> Iterator[Any]:
    """The scope, about to take a short curve; stopped in the end."""
    scope = rig.pyrpl.rp.scope
    scope.setup(duration=1e-3, trigger_source="immediately", rolling_mode=False, trace_average=1)
    yield scope
    scope.stop()


@pytest.fixture
def posted(rig) -> Callable[[Caller], list[Any]]:
    """A function that takes the new items (kind, number, content) out of a client's mailbox."""
    received: dict[Caller, int] = {}

    def take(caller: Caller) -> list[Any]:
        number, batch = rig.mailboxes.of(caller.session).take(received.get(caller, 0), True, 0.0)
        received[caller] = number
        return list(batch)

    return take


@pytest.fixture
def ada(rig) -> Iterator[Caller]:
    """A client with a session, which ends with the test."""
    yield from _client(rig, "notebook (pid 42, ada at lab1)")


@pytest.fixture
def bob(rig) -> Iterator[Caller]:
    """Another client."""
    yield from _client(rig, "script (pid 43, bob at lab1)")


def _client(rig: Rig, label: str) -> Iterator[Caller]:
    caller = Caller(uuid.uuid4().hex, label)
    yield caller
    rig.requests.sessions.ended(caller.session)
    rig.result(rig.qt.post(lambda: None))
