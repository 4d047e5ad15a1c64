"""Connections to a host without a gate, through the system's ssh: `connect("lab", via="ssh://user@host")`.

ssh runs `pyrpl-remote relay` there, which is a gate for one connection: whoever may log in as that user owns
that user's boards. Keys, known hosts, ports and jumps are those of the user's ssh configuration.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from ... import settings
from ...errors import BadParameter, HostUnreachable
from ...machine.detached import own_group
from .pump import pump

PREFIX = "ssh://"

COMMAND = "pyrpl-remote"
"""What is run on the host, unless the address names the command's path there."""

CONNECT_SECONDS = 30.0
"""How long a login by ssh, and the start of Python there, may take."""

LAST_WORDS_SECONDS = 2.0
"""How long ssh may take to say why it has failed."""

REMEDY = (
    "`ssh` to that host must ask nothing, and `pyrpl-remote` be found there; else name its path, as in "
    "ssh://user@host/opt/venv/bin/pyrpl-remote"
)
"""What to do about a host that cannot be used."""

MAX_SOCKET_PATH = 103
"""The longest path of a socket; Linux allows 107 characters, macOS 103 (sun_path of sys/un.h)."""

ADDED_CHARACTERS = 38 + 17
"""How much longer ssh makes the path: 40 digits in place of %C, then a dot and 16 letters while it starts."""


def is_address(host: str) -> bool:
    """Whether `host` is an ssh:// address, not the name of a paired host."""
    return host.startswith(PREFIX)


def require_address(text: object) -> str:
    """Return `text` if it is a valid ssh:// address. Raises BadParameter."""
    if isinstance(text, str) and is_address(text):
        with contextlib.suppress(ValueError):
            parts = urlsplit(text)
            # a host that begins with a dash would be an option of ssh
            plain = f"{parts.username or ''}{parts.hostname or ''}".replace("-", "a").replace(".", "a")
            safe = plain.replace("_", "a").isalnum() and not text.removeprefix(PREFIX).startswith("-")
            if safe and not str(parts.hostname).startswith("-") and parts.password is None:
                _ = parts.port
                return text
    raise BadParameter(
        f"via={text!r} is no address for ssh",
        'write it as "ssh://user@host", or with the command there "ssh://user@host/opt/bin/pyrpl-remote"',
    )


def dial(address: str) -> tuple[socket.socket, Callable[[], str]]:
    """A socket to `pyrpl-remote relay` on the host, and a function that returns ssh's last words.

    Raises HostUnreachable, BadParameter.
    """
    command = [_ssh(), *_arguments(require_address(address))]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, **own_group())
    ours, its = socket.socketpair()
    assert process.stdin is not None and process.stdout is not None
    pump(its, process.stdout, process.stdin)
    said: list[str] = []
    follower = threading.Thread(target=_follow, args=(process, said), daemon=True)
    follower.start()

    def last_words() -> str:
        follower.join(LAST_WORDS_SECONDS)
        return said[-1] if said else ""

    return ours, last_words


def _follow(process: subprocess.Popen[bytes], said: list[str]) -> None:
    """Keep the last line that ssh prints, and wait for its end."""
    assert process.stderr is not None
    with process.stderr:
        for line in process.stderr:
            said[:] = [line.decode(errors="replace").strip()]
    process.wait()


def _ssh() -> str:
    found = shutil.which("ssh")
    if found is None:
        raise HostUnreachable("this machine has no ssh", "install OpenSSH's client")
    return found


def _arguments(address: str) -> list[str]:
    parts = urlsplit(address)
    user = [] if parts.username is None else ["-l", parts.username]
    port = [] if parts.port is None else ["-p", str(parts.port)]
    command = parts.path if len(parts.path) > 1 else COMMAND
    return [
        "-T",
        "-o",
        "BatchMode=yes",
        *_shared(),
        *user,
        *port,
        str(parts.hostname),
        f"{shlex.quote(command)} relay",
    ]


def _shared() -> list[str]:
    """Options by which all connections to a host use one login."""
    path = str(settings.lan_dir() / "ssh-%C")
    if os.name == "nt" or len(os.fsencode(path)) + ADDED_CHARACTERS > MAX_SOCKET_PATH:
        return []
    # in quotation marks: ssh splits an option at spaces, and macOS has one in "Application Support"
    return ["-o", "ControlMaster=auto", "-o", f'ControlPath="{path}"', "-o", "ControlPersist=60"]
