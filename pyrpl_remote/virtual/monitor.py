"""PyRPL's register protocol on TCP: the virtual counterpart of the `monitor_server` program on a Red Pitaya.

`machine` starts one when the shell's command line does. As the real program it serves exactly one client, further
connections wait unanswered in the kernel's backlog, and it exits when that client closes or sends what is no request.
A blocking thread serves the socket, because a register access is one short round trip that an event loop would only
lengthen.

A request is 8 bytes: `r` or `w` (or `c`), a reserved byte, the number of 32-bit words, the address (both little endian).
The answer is the same header, followed by the words for a read. A length of 0 is ignored, whatever the letter.
"""

import contextlib
import logging
import os
import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

_HEADER = struct.Struct("<cBHI")
#: printed by the real program on its terminal, without a newline, hence only seen when it exits
_GREETING = "Incoming client connection accepted!"

logger = logging.getLogger(__name__)


class Registers(Protocol):
    """What is behind the protocol: 32-bit words at byte addresses."""

    def read(self, address: int, count: int) -> np.ndarray: ...

    def write(self, address: int, words: np.ndarray) -> None: ...


@dataclass
class LinkFaults:
    """What is wrong with the link to the client; the control channel changes it while a server runs.

    `latency` is the time in seconds that an answer takes at least, `write_latency` the same for that to a write (None: no
    other). `silent` takes requests and never answers. `cut_after` ends the connection after that many bytes of the next
    answer, with a TCP reset if `cut_resets`.
    """

    latency: float = 0.0
    write_latency: float | None = None
    silent: bool = False
    cut_after: int | None = None
    cut_resets: bool = False

    def delay(self, kind: bytes) -> float:
        """Seconds from a request of that kind to its answer."""
        return self.write_latency if kind == b"w" and self.write_latency is not None else self.latency


def reserve(host: str, port: int) -> socket.socket:
    """A socket that holds the port (0: any free one) without listening: a connect is refused, as on a board."""
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


class MonitorServer:
    """One run of `monitor_server`: from listening to the end of its only client.

    `on_exit` is called once, from the server's thread, with what the program has printed.
    """

    def __init__(
        self,
        listener: socket.socket,
        registers: Registers,
        faults: LinkFaults,
        on_exit: Callable[[str], None],
    ):
        self._listener = listener
        self._registers = registers
        self._faults = faults
        self._on_exit = on_exit
        self._client: socket.socket | None = None
        self._peer: str | None = None
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._wake, self._waker = socket.socketpair()
        self.port = listener.getsockname()[1]
        listener.listen(5)
        self._thread = threading.Thread(target=self._run, name=f"monitor_server {self.port}", daemon=True)
        self._thread.start()

    def kill(self, reset: bool = False) -> None:
        """End it from outside, as `killall monitor_server` or ^C do; returns when the port is free again.

        The client sees its connection closed in good order, or by a TCP reset.
        """
        self._stopped.set()
        with contextlib.suppress(OSError):  # it has just exited by itself
            self._waker.send(b"x")
        with self._lock:
            if self._client is not None:
                with contextlib.suppress(OSError):  # the client has just gone by itself
                    if reset:
                        _reset_on_close(self._client)
                    self._client.shutdown(socket.SHUT_RD if reset else socket.SHUT_RDWR)
        self._thread.join()

    @property
    def peer(self) -> str | None:
        """Who is served, as `address:port`."""
        with self._lock:
            return self._peer

    def _run(self) -> None:
        printed = ""
        try:
            with self._listener, self._wake, self._waker:
                if not self._await_client():
                    return
                client, peer = self._listener.accept()
                printed = _GREETING
                with client:
                    self._serve(client, f"{peer[0]}:{peer[1]}")
        finally:
            with self._lock:
                self._client = self._peer = None
            self._on_exit(printed)

    def _await_client(self) -> bool:
        """Wait for somebody to connect; False if the server is killed before."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._wake, selectors.EVENT_READ)
            return all(key.fileobj is self._listener for key, _ in selector.select())

    def _serve(self, client: socket.socket, peer: str) -> None:
        logger.info("serving client %s on port %d", peer, self.port)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._client, self._peer = client, peer
        try:
            while not self._stopped.is_set() and (header := _receive(client, _HEADER.size)) is not None:
                begin = time.perf_counter()
                kind, _, count, address = _HEADER.unpack(header)
                if count == 0:
                    continue
                if kind == b"r":
                    answer = header + self._registers.read(address, count).astype("<u4").tobytes()
                elif kind == b"w":
                    body = _receive(client, 4 * count)
                    if body is None:
                        return
                    self._registers.write(address, np.frombuffer(body, "<u4"))
                    answer = header
                else:
                    return
                if not self._answer(client, answer, begin + self._faults.delay(kind)):
                    return
        except OSError as error:
            logger.info("client lost: %s", error)

    def _answer(self, client: socket.socket, answer: bytes, due: float) -> bool:
        """Send it when it is due, unless a fault is on; False if the connection is to end."""
        faults = self._faults
        now = time.perf_counter()
        if due > now:
            time.sleep(due - now)
        if faults.silent:
            return True
        if faults.cut_after is not None:
            client.sendall(answer[: faults.cut_after])
            faults.cut_after = None
            if faults.cut_resets:
                _reset_on_close(client)
            return False
        client.sendall(answer)
        return True


def _reset_on_close(client: socket.socket) -> None:
    client.setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
    )


def _receive(client: socket.socket, size: int) -> bytes | None:
    """Exactly `size` bytes, or None when the client has closed."""
    data = client.recv(size)
    if len(data) == size:
        return data
    parts = [data]
    missing = size - len(data)
    while data and missing:
        data = client.recv(missing)
        parts.append(data)
        missing -= len(data)
    return None if missing else b"".join(parts)
