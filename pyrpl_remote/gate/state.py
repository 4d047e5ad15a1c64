"""What a host's gate is called and where it listens, in `gate.json`; and whether it runs."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from .. import settings
from ..machine import files_in_use
from ..machine.private_file import write_private
from ..transport.lan.paired_hosts import valid_name


@dataclass(frozen=True)
class GateState:
    """The host's name for paired hosts, the gate's port, and its process (0 if it has ended)."""

    name: str
    port: int = settings.GATE_PORT
    pid: int = 0


def state_path() -> Path:
    """The file `gate.json`."""
    return settings.lan_dir() / "gate.json"


def read() -> GateState | None:
    """The state of this host's gate, None if the host is not shared."""
    try:
        return GateState(**json.loads(state_path().read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write(state: GateState) -> None:
    """Note the state of this host's gate."""
    write_private(state_path(), json.dumps(asdict(state)).encode())


def own_name() -> str:
    """The name of this machine for paired hosts, unless another one is chosen."""
    return valid_name(socket.gethostname().partition(".")[0])


@contextlib.contextmanager
def holding() -> Iterator[None]:
    """Within the block this process is the host's gate. Raises filelock.Timeout if another one is."""
    import filelock  # not at the top, as in client/finding/locate.py

    with filelock.FileLock(settings.lock_path("gate"), timeout=0):
        yield


def is_running() -> bool:
    """Whether a process is the host's gate now."""
    import filelock  # not at the top, as in client/finding/locate.py

    try:
        with holding():
            return False
    except filelock.Timeout:
        return True


def end() -> None:
    """Let the gate end: it notices within a moment that the file is gone."""
    with contextlib.suppress(FileNotFoundError):
        files_in_use.patiently(state_path().unlink)
