"""Starts a name server on this host, in place of one that is frozen.

Daemons call it before they register, and clients that find a frozen one.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import BinaryIO

from .. import settings
from ..errors import NameServerError, NameServerSilent
from ..machine.detached import reap, start_detached
from .directory import location, name_server
from .frozen import MODULE, end_frozen, is_suspended, not_started

SURE_SECONDS = 10.0
"""How long a name server that is not suspended may be silent before another one takes its place: the machine
may be busy."""


def ensure_name_server() -> None:
    """Start a name server on this host unless one answers, in place of one that is frozen.

    Raises NameServerError if none can be started.
    """
    if _answers() is None:
        return
    import filelock  # not at the top, as in client/finding/locate.py

    with filelock.FileLock(
        settings.lock_path(f"name-server-{location()}"), timeout=settings.START_SILENCE_SECONDS
    ):
        trouble = _answers()
        if isinstance(trouble, NameServerSilent) and not is_suspended(location()):
            trouble = _answers(SURE_SECONDS)
        if trouble is None:
            return
        if isinstance(trouble, NameServerSilent):
            end_frozen(trouble, location())
        log = settings.log_path("name-server")
        with _opened(log) as output:
            process = start_detached(
                MODULE, str(os.getpid()), stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        reap(process)
        deadline = time.monotonic() + settings.START_SILENCE_SECONDS
        while _answers() is not None:
            if process.poll() is not None or time.monotonic() > deadline:
                # another process may have started a name server on this port in the meantime
                if _answers() is None:
                    return
                raise not_started(location(), log)
            time.sleep(0.02)


def _opened(log: Path) -> BinaryIO:
    """The log, opened to append to it; nothing is kept if it cannot be written."""
    try:
        return open(log, "ab")
    except OSError:
        return open(os.devnull, "ab")


def _answers(seconds: float | None = None) -> NameServerError | None:
    """None if the name server answers, else the error that says why it does not."""
    try:
        with name_server(seconds):
            return None
    except NameServerError as error:
        return error
