"""The name server's process: the module `pyrpl_remote.names.server`, started by the first daemon of a host.

It is Pyro5's own name server, but ends when no board is registered any more.
"""

from __future__ import annotations

import logging
import threading
import time

from Pyro5 import config
from Pyro5.nameserver import AutoCleaner, NameServerDaemon

from .. import settings
from ..log_file import LogFile
from ..transport.pyro_config import configure_server

FIRST_REGISTRATION_SECONDS = 60.0
"""How long a new name server waits for its first name: a daemon starts it before it connects to its board."""

EMPTY_SECONDS = 0.3
"""How long no name must be registered before it ends: a restarted daemon removes and registers its names."""

LOG = "name-server"
"""What its log is called, as if it were a board's."""

log = logging.getLogger(__name__)


def main() -> None:
    """Serve until no board is registered any more."""
    log_file = LogFile(settings.log_path(LOG), LOG, descriptors=(1, 2))
    logging.basicConfig(level=logging.INFO, handlers=[log_file])
    configure_server()
    # by default Pyro5 keeps the names of a killed daemon for 20 s, and clients would try to connect to it
    config.NS_AUTOCLEAN = 3.0
    AutoCleaner.max_unreachable_time = 2.0
    daemon = NameServerDaemon(config.NS_HOST, config.NS_PORT)
    threading.Thread(target=_end_when_empty, args=(daemon,), daemon=True).start()
    log.info("serving names at %s", daemon.locationStr)
    daemon.requestLoop()
    log.info("nothing is registered any more: the end")


def _end_when_empty(daemon: NameServerDaemon) -> None:
    """Shut `daemon` down when only its own name is registered."""
    limit, pause = FIRST_REGISTRATION_SECONDS, 0.02  # a board that is ended at once is registered for 0.1 s
    empty_since = time.monotonic()
    while time.monotonic() - empty_since < limit:
        time.sleep(pause)
        if daemon.nameserver.count() > 1:
            empty_since = time.monotonic()
            limit, pause = EMPTY_SECONDS, 0.1
    daemon.shutdown()


if __name__ == "__main__":
    main()
