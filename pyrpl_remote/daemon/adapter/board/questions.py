"""Questions to a board over an SSH connection that PyRPL has made: each is a channel of its own."""

from __future__ import annotations

from typing import Any

ANSWER_SECONDS = 5.0
"""How long the board may take to answer one question."""


def ask(ssh: Any, command: str) -> str:
    """What `command` prints on the board; `ssh` is a paramiko.SSHClient.

    Raises the errors of paramiko, or OSError, if the board does not answer.
    """
    _, output, _ = ssh.exec_command(command, timeout=ANSWER_SECONDS)
    return str(output.read().decode("utf-8", "replace"))


def own_end(ssh: Any) -> tuple[str, int]:
    """The local address and port of the connection."""
    address, port = ssh.get_transport().sock.getsockname()[:2]
    return str(address), int(port)
