"""What this host has for paired hosts: boards that are served, those that it can start, and logs."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import Pyro5.api

from .. import clean_path, lab_file, settings, stop_note
from ..error_data import rebuild
from ..errors import ConfigurationError, PyrplRemoteError, UnknownBoard
from ..machine import users
from ..machine.log_reader import LogReader
from ..machine.other_end import has_tables
from ..names import directory
from ..names.directory import Entry
from ..setup_names import did_you_mean

FOLLOW_SECONDS = 0.3
"""How often a log that is followed is read."""

MAX_LINES = 1_000_000
"""The most lines of a log that are read at once."""

PIECE = 50_000
"""How much of a log is sent in one message, in characters: an answer is a line of at most 1 MiB."""

MAX_STARTS = 8
"""How many daemons are started at a time: each start is a process."""

_starts = threading.BoundedSemaphore(MAX_STARTS)

STARTER = "pyrpl_remote.client.starter"
"""The process that starts a board's daemon as a client of this host would."""


NO_BOARDS = ("global_config",)
"""Files of PyRPL beside those of boards."""

KNOWN_SECONDS = 5.0
"""How long the gate need not ask again whether a daemon is registered: its port tells if it runs."""

_known: dict[str, float] = {}
"""The URIs of boards that were registered, and when."""


def is_own(location: str) -> bool:
    """Whether a program of this user listens at `location` (host:port). Only Linux tells; elsewhere True.

    Another user may have registered the name of a board, or have taken the port of a daemon that has ended.
    """
    address, _, port = location.rpartition(":")
    return not has_tables() or users.listener(address, int(port)) == users.this_user()


def _boards() -> list[Entry]:
    """The registered boards of this user."""
    found = [entry for entry in directory.boards() if is_own(str(Pyro5.api.URI(entry.uri).location))]
    _known.update(dict.fromkeys([entry.uri for entry in found], time.monotonic()))
    return found


def serves(uri: str) -> bool:
    """Whether a board of this host is served at `uri`."""
    if time.monotonic() - _known.get(uri, -KNOWN_SECONDS) < KNOWN_SECONDS:
        return True
    _known.pop(uri, None)
    return any(entry.uri == uri for entry in _boards())


def served() -> list[dict[str, Any]]:
    """The entries of the boards that this user serves on this host, as plain data."""
    return [dataclasses.asdict(entry) | {"aliases": list(entry.aliases)} for entry in _boards()]


def stopped_by(name: str) -> str:
    """Who has stopped the daemon of a board, "" if nobody has or it is served again."""
    if any(entry.name == name for entry in _boards()):
        return ""
    note = stop_note.read(name)
    return "" if note is None else note.by


def startable() -> list[str]:
    """The names of the boards that have a configuration file of PyRPL here, or an entry in lab.toml."""
    folder = Path(os.environ.get("PYRPL_USER_DIR") or Path.home() / "pyrpl_user_dir", "config")
    names = [path.stem for path in folder.glob("*.yml") if path.is_file() and path.stem not in NO_BOARDS]
    with contextlib.suppress(ConfigurationError):  # who starts a board gets it; the others can be used
        names += [
            name for name, own in lab_file.read().boards.items() if "hostname" in own and "on" not in own
        ]
    return sorted({*names, settings.VIRTUAL})


def start(name: str, host_name: str) -> Iterator[dict[str, Any]]:
    """Start the daemon of a board; yields its steps as `progress`, and at last its entry as `ready`.

    Only boards of the own configurations of this host, called `host_name`, can be started. Raises
    UnknownBoard, and the error of the start.
    """
    known = startable()
    if name not in known:
        raise UnknownBoard(
            f"{host_name} has no board called {name!r:.80}",
            did_you_mean(str(name)[:80], known, f"it has {', '.join(known)}"),
        )
    if not _starts.acquire(blocking=False):
        raise PyrplRemoteError(f"{host_name} starts {MAX_STARTS} boards already", "try again in a moment")
    try:
        yield from _started(name)
    finally:
        _starts.release()


def _started(name: str) -> Iterator[dict[str, Any]]:
    process = subprocess.Popen(
        clean_path.command(STARTER, name),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        with process.stdout:
            for line in process.stdout:
                report = json.loads(line)
                if "error" in report:
                    raise rebuild(report["error"])
                yield report
                if "ready" in report:
                    return
        raise UnknownBoard(
            f"the start of board {name!r} ended with exit code {process.wait()}",
            f"`pyrpl-remote logs {name}` shows why",
        )
    finally:
        process.wait()


def log(name: str, lines: int, follow: bool, host_name: str) -> Iterator[dict[str, Any]]:
    """The last lines of a board's log on this host, called `host_name`, as pieces of `text`.

    The last piece has `end`, unless new lines `follow` as they come ("" while none does). Raises
    UnknownBoard.
    """
    path = settings.log_path(name)
    if name not in {*startable(), *(entry.name for entry in directory.boards())} or not path.exists():
        raise UnknownBoard(
            f"{host_name} has no log of a board called {name!r:.80}", "`pyrpl-remote ls` shows its boards"
        )
    reader = LogReader(path)
    for piece in _pieces(reader.last(min(lines, MAX_LINES))):
        yield {"text": piece}
    while follow:
        time.sleep(FOLLOW_SECONDS)
        for piece in _pieces(reader.new()):
            yield {"text": piece}
    yield {"text": "", "end": True}


def _pieces(text: str) -> list[str]:
    return [text[at : at + PIECE] for at in range(0, max(1, len(text)), PIECE)]
