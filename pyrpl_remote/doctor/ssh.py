"""One SSH connection to a board, through paramiko, which comes with PyRPL. It is used to read only."""

from __future__ import annotations

import logging
import socket
import threading
from typing import Any

CONNECT_SECONDS = 3.0
"""How long a host may take to accept a connection."""

ANSWER_SECONDS = 5.0
"""How long the board may take for each step of the login, and for a command."""


class Ssh:
    """The connection, made in three steps, each of which is a check: `connect`, `start`, `login`.

    Attribute: `refused`, the error of a host that answers, but accepts no connection; None otherwise.
    """

    def __init__(self) -> None:
        self.refused: ConnectionRefusedError | None = None
        self._socket: socket.socket | None = None
        self._transport: Any = None

    def connect(self, address: str, port: int) -> None:
        """Connect over TCP. Raises OSError if nothing answers; a refusal is an answer."""
        try:
            self._socket = socket.create_connection((address, port), timeout=CONNECT_SECONDS)
        except ConnectionRefusedError as error:
            self.refused = error

    def start(self) -> None:
        """Agree with the other end on SSH. Raises errors of paramiko, OSError or EOFError."""
        import paramiko  # not at the top: a client does not have it

        assert self._socket is not None
        # each failure is a finding: it needs no traceback on stderr
        logging.getLogger("paramiko").addHandler(logging.NullHandler())
        self._transport = paramiko.Transport(self._socket)
        self._transport.banner_timeout = ANSWER_SECONDS
        # not with a timeout, after which paramiko returns as if all was well
        agreed = threading.Event()
        self._transport.start_client(agreed)
        if not agreed.wait(ANSWER_SECONDS + 1):
            raise TimeoutError(f"no answer within {ANSWER_SECONDS:g} s")
        if not self._transport.is_active():
            raise self._transport.get_exception() or EOFError("the connection was closed")

    def login(self, user: str, password: str) -> None:
        """Log in. Raises paramiko's AuthenticationException, other errors of paramiko, or OSError."""
        self._transport.auth_timeout = ANSWER_SECONDS
        self._transport.auth_password(user, password)

    def ask(self, command: str) -> str:
        """What a command prints, errors included. Raises as `login` does."""
        with self._transport.open_session(timeout=ANSWER_SECONDS) as channel:
            channel.settimeout(ANSWER_SECONDS)
            channel.set_combine_stderr(True)
            channel.exec_command(command)
            parts = []
            while part := channel.recv(65536):
                parts.append(part)
        return b"".join(parts).decode("utf-8", "replace")

    @property
    def own_end(self) -> tuple[str, int]:
        """The local address and port of the connection."""
        assert self._socket is not None
        address, port = self._socket.getsockname()[:2]
        return str(address), int(port)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._transport is not None:
            self._transport.close()
        if self._socket is not None:
            self._socket.close()
