"""The name server's process: the module `pyrpl_remote.names.server`, started by the first daemon of a host.

Any Pyro5 program can use it as it would use Pyro5's own. It limits what connections may send, as a board's
daemon does, and ends when no board is registered any more. Its argument is its starter's process id.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import sys
import threading
import time

import Pyro5.api
from Pyro5 import config
from Pyro5 import errors as pyro_errors

from .. import settings
from ..machine.listener import surely_refuses
from ..machine.log_file import LogFile
from ..machine.running import runs
from ..transport.admission import MAX_GREETING, Admission, raise_descriptors
from ..transport.guarded import GuardedDaemon
from ..transport.pyro_config import configure_server
from ..transport.refusals import Refusals, catch_complaints
from .name_table import NAME_SERVER, NameTable

FIRST_REGISTRATION_SECONDS = 60.0
"""How long a new name server waits for its first name, while its starter runs: a daemon starts it before it
connects to its board."""

EMPTY_SECONDS = 0.3
"""How long no name must be registered before it ends: a restarted daemon removes and registers its names."""

CLEANING_SECONDS = 2.0
"""The pause between two looks whether all processes that registered names are there."""

GONE_SECONDS = 2.0
"""How long nothing must answer before a name is removed: clients would try to connect to it."""

ANSWER_SECONDS = 1.0
"""How long a process may take to accept a connection."""

LOG = "name-server"
"""What its log is called, as if it were a board's."""

log = logging.getLogger(__name__)


def main() -> None:
    """Serve until no board is registered any more."""
    log_file = LogFile(settings.log_path(LOG), LOG, descriptors=(1, 2))
    logging.basicConfig(level=logging.INFO, handlers=[log_file])
    configure_server(uris=True)
    refusals = Refusals()
    catch_complaints(refusals)
    admission = Admission(greeted=raise_descriptors() - MAX_GREETING)
    daemon = GuardedDaemon(config.NS_HOST, config.NS_PORT, admission, refusals)
    table = NameTable(f"PYRO:{NAME_SERVER}@{daemon.locationStr}", accepts)
    daemon.register(table, NAME_SERVER)
    threading.Thread(target=_end_when_empty, args=(daemon, table, int(sys.argv[1])), daemon=True).start()
    threading.Thread(target=_clean, args=(table,), daemon=True).start()
    log.info("serving names at %s", daemon.locationStr)
    daemon.requestLoop()
    log.info("nothing is registered any more: the end")


def accepts(uri: str) -> bool:
    """Whether a process accepts connections at a URI; one that is stopped counts as living."""
    try:
        place = Pyro5.api.URI(uri)
        if place.sockname:
            return True
        if surely_refuses(place.host, place.port):
            return False
        with socket.create_connection((place.host, place.port), ANSWER_SECONDS):
            return True
    except TimeoutError:
        return True
    except (OSError, ValueError, TypeError, OverflowError, UnicodeError, pyro_errors.PyroError):
        return False


def _clean(table: NameTable) -> None:
    """Remove the names of processes that have ended."""
    gone: dict[str, float] = {}
    while True:
        time.sleep(CLEANING_SECONDS)
        try:
            clean_once(table, gone)
        except Exception:  # boundary: whatever is registered, the cleaning goes on
            log.exception("looking for processes that have ended failed")


def clean_once(table: NameTable, gone: dict[str, float]) -> None:
    """Remove the names of URIs at which nothing has answered for GONE_SECONDS; `gone` has since when."""
    names: dict[str, list[str]] = {}
    for name, uri in table.entries().items():
        names.setdefault(uri, []).append(name)
    places: dict[str, bool] = {}
    for uri in names:
        place = uri.rpartition("@")[2]
        if place not in places:
            places[place] = accepts(uri)
        if places[place]:
            gone.pop(uri, None)
        elif time.monotonic() - gone.setdefault(uri, time.monotonic()) >= GONE_SECONDS:
            log.info("nothing answers at %s: its names are removed: %s", uri, ", ".join(names[uri][:5]))
            for name in names[uri]:
                table.forget(name, uri)
    for uri in gone.keys() - names.keys():
        with contextlib.suppress(KeyError):
            del gone[uri]


def _end_when_empty(daemon: GuardedDaemon, table: NameTable, starter: int) -> None:
    """Shut `daemon` down when only its own name is registered, or when its starter failed to register one."""
    limit, pause = FIRST_REGISTRATION_SECONDS, 0.02  # a board that is ended at once is registered for 0.1 s
    empty_since = time.monotonic()
    while time.monotonic() - empty_since < limit:
        time.sleep(pause)
        if limit > EMPTY_SECONDS and not runs(starter):
            empty_since, limit = time.monotonic(), EMPTY_SECONDS
        if table.count() > 1:
            empty_since = time.monotonic()
            limit, pause = EMPTY_SECONDS, 0.1
    daemon.shutdown()


if __name__ == "__main__":
    main()
