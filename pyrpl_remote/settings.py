"""Directories, defaults and environment variables, in one place for client, daemon and command line.

Environment variables:

| variable | meaning | default |
|---|---|---|
| `PYRPL_REMOTE_DIR` | folder for logs and locks | the platform's state folder of the user |
| `PYRPL_REMOTE_GRACE` | seconds that a daemon started by a client waits after its last client left | 10 |
| `PYRO_NS_HOST`, `PYRO_NS_PORT` | the name server, as for every other Pyro5 program | localhost, 9090 |
| `PYRPL_REMOTE_TRANSPORT` | `ordinary`: requests go Pyro5's ordinary way only | `fast`, where it can be |
| `PYRPL_USER_DIR` | PyRPL's own folder (configurations, curves), read by PyRPL | ~/pyrpl_user_dir |
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import platformdirs

VIRTUAL = "virtual"
"""As board or hostname: a virtual Red Pitaya that the daemon starts, owns and ends."""

GRACE_SECONDS = 10.0
"""Default wait between the last client's release and the end of a daemon that a client started."""

START_SILENCE_SECONDS = 30.0
"""A starting daemon that reports no progress for so long is given up. PyRPL's longest silent step is 8 s of
fixed sleeps while it loads the gateware; the virtual board's first compilation reports as it goes."""

LEASE_SECONDS = 60.0
"""A session that is silent for so long belongs to a machine that lost power or network; its lease ends."""

STREAM_SECONDS = 0.5
"""How long the daemon keeps a request of a session's stream open while there is nothing to send. The end of a
client that was killed is noticed so much later."""


def grace_seconds() -> float:
    """The grace period in force for a daemon that this process starts, in s."""
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
    """Where the daemon of `board` writes its log."""
    return state_dir() / f"{file_stem(board)}.log"


def lock_path(subject: str) -> Path:
    """The file whose lock stands for `subject`, such as the start of one board's daemon."""
    return state_dir() / f"{file_stem(subject)}.lock"


def file_stem(name: str) -> str:
    """`name` as part of a file's name on every platform."""
    return re.sub(r"[^A-Za-z0-9.-]", "_", name)
