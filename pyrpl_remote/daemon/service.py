"""The service of one board: starts it, serves it over Pyro5, and ends it when nobody holds it any more."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable

import filelock
import Pyro5.api

from .. import settings, wire
from .._version import __version__
from ..errors import BoardNameTaken, NameServerError, PyrplRemoteError
from ..names import directory
from ..names.directory import Entry
from .adapter.start import Board, Request
from .serving.clients import Registry
from .serving.server import BoardServer

log = logging.getLogger(__name__)

CLAIM_SECONDS = 20.0
"""How long a new daemon waits for the one before it on the same board to let go."""

SWITCH_SECONDS = 0.0005
"""How long one thread may keep the others from running."""

ANSWER_SECONDS = 0.1
"""How long a daemon that was told to end goes on, for its answer to be sent."""

UPKEEP_SECONDS = 5.0
"""How often the daemon looks after silent sessions and its own registration."""


class Service:
    """One board's daemon. Its life: `Service(...)` starts the board, `run()` serves it until it is stopped."""

    def __init__(self, request: Request, grace: float | None, progress: Callable[[str], None]):
        """Start the board of `request`.

        `grace`: s to wait for clients before the daemon ends itself, None to stay until it is stopped.
        Raises a StartError that says why it did not start.
        """
        self.name = request.name
        self.grace = grace
        self.started = time.time()
        self._ending = threading.Event()
        wire.configure_daemon()
        # a call that computes holds the GIL for Python's 5 ms by default, and everyone else's read waits for it
        sys.setswitchinterval(SWITCH_SECONDS)
        self._lock: filelock.BaseFileLock | None = None
        self._identity = ""
        naming = threading.Thread(target=_ensure_name_server, daemon=True)
        naming.start()
        try:
            self._board = Board(request, progress, self._claim)
            progress("describing the modules")
            self._open()
            naming.join()
            progress("registering with the name server")
            self._register()
        except BaseException:
            self._release()
            raise

    @property
    def uri(self) -> str:
        """The board object's Pyro URI."""
        return self._entry.uri

    def run(self) -> None:
        """Serve until stopped; to be called in the main thread."""
        threading.Thread(target=self._server.requestLoop, name="requests", daemon=True).start()
        threading.Thread(target=self._upkeep, name="upkeep", daemon=True).start()
        self._registry.open()
        log.info("board %s is served at %s", self.name, self.uri)
        with _stopped_by_signals(self.stop):
            if not self._ending.is_set():
                self._application.exec()
        log.info("board %s: the end", self.name)
        self._registry.close()
        directory.remove(self._entry)
        try:
            self._board.close()
        finally:
            self._release()

    def stop(self) -> None:
        """End the service; from any thread."""
        from .qt.thread import after

        if not self._ending.is_set():
            self._ending.set()
            self._registry.close()
            # the answer to the client that asked for it goes out first
            self._hardware.submit(lambda: after(ANSWER_SECONDS, self._application.quit))

    def status(self) -> dict:
        """The board, its daemon and its clients, as plain data."""
        return {
            "board": self.name,
            "state": "ending" if self._ending.is_set() else "connected",
            "hostname": self._board.hostname,
            "daemon": {
                "pid": os.getpid(),
                "started": self.started,
                "uptime": time.time() - self.started,
                "version": __version__,
                "grace": self.grace,
                "log": str(settings.log_path(self.name)),
            },
            "clients": self._registry.clients(),
        }

    def _open(self) -> None:
        """Make the Pyro objects of the board and of each of its modules."""
        # PyRPL can be imported from here on, which made the Qt application
        from qtpy import QtCore

        from .adapter.describe import Exports
        from .dispatcher import Dispatcher
        from .events.signals import Events
        from .qt.polling import LightSleep
        from .qt.thread import HardwareThread
        from .serving.board_object import BoardDoor, module_door
        from .serving.direct import QuickRequests

        self._application = QtCore.QCoreApplication.instance()
        self._registry = Registry(self.grace, self.stop)
        self._hardware = HardwareThread(self._caller)
        exports = Exports(self._board.pyrpl)
        dispatcher = Dispatcher(exports, self._hardware)
        events = Events(exports, self._hardware)
        self._sleep = LightSleep(dispatcher.acquiring, self._board.last_access)
        door = BoardDoor(self.name, dispatcher, events, self._registry, self.status, self.stop)
        self._server = BoardServer(self._registry, door._session_ended, QuickRequests(self._hardware).serve)
        uri = self._server.register_board(door, directory.PREFIX + self.name)
        self._entry = Entry(self.name, str(uri), self._identity)
        self._kinds = {}
        for path in exports.top_level():
            module = exports.module(path)
            kind = exports.module_type(module)
            name = path.rpartition(".")[2]
            self._kinds[name] = kind.name
            self._server.register(
                module_door(path, kind, dispatcher, self._registry), f"{directory.PREFIX}{self.name}.{name}"
            )

    def _caller(self) -> str:
        """On whose behalf the calling thread works: a client's whose request it serves, else PyRPL's."""
        from .qt.thread import PYRPL

        client = Pyro5.api.current_context.client
        return self._registry.name(client.session) if client is not None else PYRPL

    def _register(self) -> None:
        directory.ensure_name_server()
        try:
            directory.register(self._entry, self._kinds, self._uri_of)
        except NameServerError:  # the last board's name server was just about to end
            directory.ensure_name_server()
            directory.register(self._entry, self._kinds, self._uri_of)

    def _uri_of(self, name: str) -> str:
        return str(self._server.uriFor(name))

    def _upkeep(self) -> None:
        while not self._ending.wait(UPKEEP_SECONDS):
            for connection in self._registry.silent_connections():
                log.warning("a session was silent for %g s: its lease ends", settings.LEASE_SECONDS)
                # its own thread, woken by this, closes it
                with contextlib.suppress(OSError):  # it is doing so
                    connection.sock.shutdown(socket.SHUT_RDWR)
            try:
                if not directory.is_registered(self._entry):
                    log.warning("the name server lost board %s: registering again", self.name)
                    self._register()
            except (PyrplRemoteError, Pyro5.api.errors.PyroError, OSError):
                log.exception("registering again failed; trying again in %g s", UPKEEP_SECONDS)

    def _claim(self, identity: str) -> None:
        """Become the board's only daemon. Raises BoardNameTaken if another one serves it."""
        self._identity = identity
        lock = filelock.FileLock(settings.lock_path(f"board-{identity}"))
        deadline = time.monotonic() + CLAIM_SECONDS
        served: list[str] = []
        while True:
            try:
                lock.acquire(timeout=0.5)
                self._lock = lock
                return
            except filelock.Timeout:
                # twice in a row: one that is ending holds the lock a little longer than its name
                before, served = served, [e.name for e in directory.boards() if e.identity == identity]
                if set(before) & set(served) or time.monotonic() > deadline:
                    raise BoardNameTaken(
                        f"the board {identity} is already served, under the name {', '.join(served) or '(unknown)'}",
                        f"use connect({served[0]!r})"
                        if served
                        else "end the other daemon first: a board has one",
                    ) from None

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()


def _ensure_name_server() -> None:
    # early, while PyRPL starts; where it fails, registering says so
    with contextlib.suppress(NameServerError, filelock.Timeout):
        directory.ensure_name_server()


@contextlib.contextmanager
def _stopped_by_signals(stop: Callable[[], None]):
    """SIGINT and SIGTERM call `stop`, although Qt's loop runs no Python code while it sleeps."""
    from qtpy import QtCore

    waking, woken = socket.socketpair()
    waking.setblocking(False)
    previous = signal.set_wakeup_fd(waking.fileno())
    notifier = QtCore.QSocketNotifier(woken.fileno(), QtCore.QSocketNotifier.Read)
    # reading the byte is all there is to do: Python runs the handlers on its way here
    notifier.activated.connect(lambda *_: woken.recv(64))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop())
    try:
        yield
    finally:
        notifier.setEnabled(False)
        signal.set_wakeup_fd(previous)
        waking.close()
        woken.close()
