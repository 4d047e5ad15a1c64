"""The service of one board: starts it, serves it over Pyro5, and ends after the last client has left."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from .. import settings, stop_note
from .._version import __version__
from ..board_status import LOCK_WATCH, UP, BoardStatus, DaemonStatus, LinkStatus, LockStatus
from ..errors import StateFolderError
from ..machine.log_file import name_clients
from ..names import directory
from ..names.directory import Entry
from ..schema import from_data
from ..transport.admission import MAX_GREETING, Admission, raise_descriptors
from ..transport.pyro_config import configure_server
from ..transport.refusals import Refusals, catch_complaints
from .adapter.modules.warned import catch_warnings
from .adapter.starting.start import Board, Request
from .life.claim import Claim
from .life.leases import run_leases
from .life.process import usage, versions
from .life.prometheus import serve_metrics
from .life.registration import Registration, prepare_name_server
from .life.signals import stopped_by_signals
from .life.upkeep import run_upkeep

log = logging.getLogger(__name__)

SWITCH_SECONDS = 0.0005
"""The longest time that one thread keeps Python's global lock while others wait for it."""

REPLY_SECONDS = 0.1
"""How long the daemon continues after a request to stop it, so that the reply can be sent."""


END_SECONDS = 5.0
"""How long the end of the daemon waits for an attempt to bring the link back, and for the jobs."""


class Service:
    """One board's daemon: `Service(...)` starts the board, `run()` serves it until it is stopped.

    Attribute: `entry` (its name, Pyro URI and identity in the directory).
    """

    def __init__(
        self, request: Request, grace: float | None, progress: Callable[[str], None], metrics_port: int = 0
    ) -> None:
        """Start the board of `request`.

        `grace`: how long the daemon waits, in s, after its last client has left, None to run until it is
        stopped. `progress(text)` is called before each step. `metrics_port`: where it answers Prometheus, 0
        for nowhere. Raises a StartError.
        """
        self.name = request.name
        self._grace = grace
        self._started = time.time()
        self._log = str(settings.log_path(request.name))  # now: the folder may be gone later
        self._metrics_address = ""
        self._ending = threading.Event()
        configure_server()
        # with Python's default of 5 ms, a call that computes would delay other clients' reads by as much
        sys.setswitchinterval(SWITCH_SECONDS)
        catch_warnings()
        self._claim = Claim(request.name, progress)
        naming = threading.Thread(target=prepare_name_server, daemon=True)
        naming.start()
        try:
            self._board = Board(request, progress, self._claim.take)
            progress("describing the modules")
            self._open()
            if naming.is_alive():
                progress("waiting for the name server")
            naming.join()
            progress("registering with the name server")
            self._registration.register()
            self._claim.serves()
            # not before: without it, clients would start a daemon
            stop_note.remove(self.name)
            if metrics_port:
                self._metrics_address = serve_metrics(metrics_port, self.status, self._metrics)
        except BaseException:
            self._claim.release()
            raise

    @property
    def uri(self) -> str:
        """The board object's Pyro URI."""
        return self.entry.uri

    def run(self) -> None:
        """Serve until `stop` is called; to be called in the main thread."""
        threading.Thread(target=self._server.requestLoop, name="requests", daemon=True).start()
        upkeep = (self._ending, self._registration, self._claim.refresh)
        threading.Thread(target=run_upkeep, args=upkeep, name="upkeep", daemon=True).start()
        leases = (self._ending, self._clients.silent_connections, self._events.drop_left)
        threading.Thread(target=run_leases, args=leases, name="leases", daemon=True).start()
        threading.Thread(target=self._metrics.run, args=(self._ending,), name="metrics", daemon=True).start()
        if self._supervisor is not None:
            self._supervisor.start()
        self._jobs.resume()
        self._clients.open()
        log.info("board %s is served at %s", self.name, self.uri)
        with stopped_by_signals(self.stop):
            if not self._ending.is_set():
                self._application.exec()
        log.info("board %s: the daemon ends", self.name)
        # from now on nobody serves requests; clients that connect again are told who has stopped the daemon
        self._clients.disconnect()
        self._claim.serves(False)
        self._registration.remove()
        self._jobs.join(END_SECONDS)
        if self._supervisor is not None:
            self._supervisor.join(END_SECONDS)
        try:
            self._board.close()
        finally:
            self._claim.release()

    def stop(self, by: str = "") -> None:
        """End the service; from any thread. `by` says who has stopped it, "" if it ends by itself."""
        from .qt.thread import after, log_failure

        if not self._ending.is_set():
            self._ending.set()
            if by:
                log.info("board %s: the daemon was stopped by %s", self.name, by)
                try:
                    stop_note.write(self.name, by)
                except (OSError, StateFolderError) as error:
                    log.warning("clients may start the daemon again: its stop cannot be noted: %s", error)
            self._clients.close(by)
            self._jobs.end()
            # after a pause, in which the reply to the request is sent
            quits = self._qt.post(lambda: after(REPLY_SECONDS, self._application.quit))
            quits.add_done_callback(log_failure)

    def status(self) -> BoardStatus:
        """The status of the board, its link, its daemon, its clients and their requests."""
        # not at the top, as in _open
        from .adapter.board.about_board import gateware, os_version
        from .serving.holdings import clients_status

        clients = clients_status(self._clients, self._dispatcher, self._mailboxes)
        return BoardStatus(
            board=self.name,
            state="ending" if self._ending.is_set() else "connected",
            hostname=self._board.hostname,
            link=self._board.link.status(),
            daemon=DaemonStatus(
                pid=os.getpid(),
                started=self._started,
                uptime=time.time() - self._started,
                version=__version__,
                grace=self._grace,
                log=self._log,
                cpu=self._metrics.cpu(),
                versions=versions(),
                metrics=self._metrics_address,
                **usage(),
            ),
            clients=clients,
            saving=self._board.changes.saving.status,
            gateware=gateware(self._board.link),
            os_version=os_version(self._board.pyrpl),
            backlog=sum(client.backlog for client in clients),
            requests=self._metrics.status(),
            jobs=self._jobs.present(),
            lock=_lock(self._jobs.data_of(LOCK_WATCH)),
        )

    def _link_changed(self, link: LinkStatus) -> None:
        self._events.link_changed(link)
        if link.state == UP:  # in the Qt thread
            self._dispatcher.reserved.free_left()
            self._board.interrupted.go_on()

    def _open(self) -> None:
        """Make the parts of the daemon, and the Pyro objects of the board and of each of its modules."""
        # not at the top: these import PyRPL and Qt, which Board has set up by now
        from qtpy import QtCore

        from .adapter.files.files import Files
        from .adapter.modules.modules import Modules
        from .dispatcher import Dispatcher
        from .events.mailboxes import Mailboxes
        from .events.signals import Events
        from .jobs.jobs import Jobs
        from .jobs.parts import Parts
        from .life.metrics import Metrics
        from .life.supervisor import Supervisor
        from .qt.polling import Polling
        from .qt.thread import QtThread
        from .serving.asking import asking_client
        from .serving.clients import Clients
        from .serving.daemon_verbs import DaemonVerbs
        from .serving.direct import DirectServing
        from .serving.failures import Failures
        from .serving.identity import identity
        from .serving.module_object import module_object
        from .serving.requests import Requests
        from .serving.server import BoardServer
        from .serving.session_verbs import SessionVerbs
        from .values import Values

        self._application: Any = QtCore.QCoreApplication.instance()
        self._qt = QtThread()
        self._qt.after_work = self._board.changes.write_journal
        self._clients = Clients(self._grace, self.stop, identity)
        modules = Modules(self._board.pyrpl)
        files = Files(self._board.pyrpl.c)
        values = Values(modules, files)
        self._dispatcher = dispatcher = Dispatcher(modules, self._qt.post)
        self._polling = Polling(dispatcher.acquiring, self._board.last_access)
        self._mailboxes = mailboxes = Mailboxes()
        self._events = events = Events(modules, self._qt, mailboxes)
        dispatcher.restructured = events.restructured
        self._board.link.changed = self._link_changed
        self._board.changes.saving.changed = mailboxes.saving_changed
        recovery = self._board.recovery()
        self._supervisor = (
            None if recovery is None else Supervisor(self._board.link, recovery, self._qt, self._ending)
        )
        host, link, ending = self._board.hostname, self._board.link, self._ending
        board, clients = self._board, self._clients
        parts = Parts(
            *(self.name, host, self._qt, dispatcher, values, mailboxes, events, link, ending),
            pyrpl=board.pyrpl,
            fpga_kept=board.kept,
        )
        self._jobs = Jobs(parts, self._clients.hold, self._clients.free)
        self._metrics = Metrics()
        failures = Failures(self.name, self._metrics)
        sessions = SessionVerbs(self._qt, values, dispatcher, events, mailboxes, clients, failures)
        allow = _no_link if recovery is None else recovery.allow
        of_daemon = DaemonVerbs(self.name, clients, self.status, self.stop, allow)
        requests = Requests(self._qt, values, dispatcher, files, self._jobs, sessions, of_daemon, failures)
        name_clients(partial(asking_client, self._clients, self._qt.asking))
        board_id = directory.PREFIX + self.name
        refusals = Refusals()
        catch_complaints(refusals)
        admission = Admission(greeted=raise_descriptors() - MAX_GREETING)
        self._server = BoardServer(
            board_id, self._clients, requests, DirectServing(self._qt), admission, refusals
        )
        self.entry = Entry(self.name, self._server.board_uri, self._claim.identity, board.file, board.aliases)
        kinds = {}
        for path in modules.top_level():
            kind = modules.module_type(modules.module(path))
            name = path.rpartition(".")[2]
            kinds[name] = kind.name
            served = module_object(path, kind, requests, dispatcher, values, self._clients)
            self._server.register(served, f"{board_id}.{name}")
        self._registration = Registration(self.entry, kinds, lambda name: str(self._server.uriFor(name)))


def _lock(data: dict[str, Any] | None) -> LockStatus | None:
    """The status of the lock for what its watch says, None if it is not watched."""
    return from_data(LockStatus, data) if data else None


def _no_link(state: str) -> None:
    """A board that PyRPL simulates has no link that can be lost."""
