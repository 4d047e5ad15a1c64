"""Directories, defaults and environment variables of client, daemon and command line.

Environment variables:

| variable | meaning | default |
|---|---|---|
| `PYRPL_REMOTE_DIR` | folder for logs and locks | the platform's state folder of the user |
| `PYRPL_REMOTE_GRACE` | seconds that a daemon started by a client waits after its last client left | 10 |
| `PYRO_NS_HOST`, `PYRO_NS_PORT` | the name server, as for every other Pyro5 program | localhost, 9090 |
| `PYRPL_REMOTE_TRANSPORT` | `ordinary`: Pyro5's ordinary way only (see transport/) | `fast`, if possible |
| `PYRPL_USER_DIR` | PyRPL's own folder (configurations, curves), read by PyRPL | ~/pyrpl_user_dir |
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import platformdirs

VIRTUAL = "virtual"
"""The board name or hostname that means a virtual Red Pitaya, which the daemon starts and ends."""

GRACE_SECONDS = 10.0
"""Default wait between the last client's release and the end of a daemon that a client started."""

START_SILENCE_SECONDS = 30.0
"""A starting daemon that reports no progress for this time has failed. PyRPL's longest step is 8 s of fixed
sleeps while it loads the gateware; the virtual board's first compilation reports progress."""

LEASE_SECONDS = 60.0
"""A session without heartbeat for this time is taken to have lost power or network; its lease ends."""

STREAM_SECONDS = 0.5
"""How long a request of a session's stream waits in the daemon for something to send. The end of a killed
client is noticed with this delay."""


def grace_seconds() -> float:
    """The grace period, in s, of a daemon that this process starts.

    Raises ValueError for a malformed number.
    """
    text = os.environ.get("PYRPL_REMOTE_GRACE", "")
    return float(text) if text else GRACE_SECONDS


def fast_transport() -> bool:
    """Whether this process may use the fast way of transport/. Raises ValueError for an unknown value."""
    text = os.environ.get("PYRPL_REMOTE_TRANSPORT", "") or "fast"
    if text not in ("fast", "ordinary"):
        raise ValueError(f"PYRPL_REMOTE_TRANSPORT is 'fast' or 'ordinary', not {text!r}")
    return text == "fast"


def state_dir() -> Path:
    """The folder for logs and locks, made if absent."""
    chosen = os.environ.get("PYRPL_REMOTE_DIR")
    folder = Path(chosen) if chosen else platformdirs.user_state_path("pyrpl_remote", appauthor=False)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def log_path(board: str) -> Path:
    """The log file of the daemon of `board`."""
    return state_dir() / f"{file_stem(board)}.log"


def lock_path(subject: str) -> Path:
    """The lock file for `subject`, such as the start of one board's daemon."""
    return state_dir() / f"{file_stem(subject)}.lock"


def file_stem(name: str) -> str:
    """`name` with only the characters that a file name may have on every platform."""
    return re.sub(r"[^A-Za-z0-9.-]", "_", name)
