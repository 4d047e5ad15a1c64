"""Questions to a board over the SSH connection that PyRPL has made: each is a channel of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

ANSWER_SECONDS = 5.0
"""How long the board may take to answer one question."""


def asks(ssh: Any) -> tuple[Callable[[str], str], tuple[str, int]]:
    """A function that returns what a command prints on the board, and the connection's local end.

    `ssh` is a paramiko.SSHClient. The function raises the errors of paramiko, or OSError, if the board does
    not answer.
    """

    def ask(command: str) -> str:
        _, output, _ = ssh.exec_command(command, timeout=ANSWER_SECONDS)
        return str(output.read().decode("utf-8", "replace"))

    return ask, ssh.get_transport().sock.getsockname()[:2]
