"""PyRPL's register protocol over TCP: the counterpart of the program `monitor_server` on a Red Pitaya.

`machine` starts one for a command of the shell. Like the real program, it serves exactly one client; further
connections wait in the kernel's backlog. It exits when that client closes its connection, or sends anything
that is no request. A thread with a blocking socket serves the client: an event loop would make a register
access, which is one short round trip, slower.

A request is 8 bytes: `r` or `w` (or `c`), a reserved byte, the number of 32-bit words, the address (both
little endian). The reply is the same header, followed by the words for a read. A request for 0 words is
ignored, with any letter.
"""

from __future__ import annotations

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
_GREETING = "Incoming client connection accepted!"
"""The text that the real program prints. It does not end in a newline, so the terminal shows it only when the
program exits."""

log = logging.getLogger(__name__)


class Registers(Protocol):
    """The registers that the protocol accesses: 32-bit words at byte addresses."""

    def read(self, address: int, count: int) -> np.ndarray:
        """Read `count` words, uint32 (count,), from `address` on."""

    def write(self, address: int, words: np.ndarray) -> None:
        """Write words (uint32) from `address` on."""


@dataclass
class LinkFaults:
    """Faults of the link to the client; the control channel changes them while a server runs.

    `latency`: shortest time from a request to its reply, in s; `write_latency`: the same for the reply to a
    write (None: it does not differ). `silent`: requests are received and never answered. `cut_after`: the
    connection ends after that many bytes of the next reply, with a TCP reset if `cut_resets`. `deaf`: the end
    of the client's connection is not noticed, as after a client's machine lost its power.
    """

    latency: float = 0.0
    write_latency: float | None = None
    silent: bool = False
    cut_after: int | None = None
    cut_resets: bool = False
    deaf: bool = False

    def delay(self, kind: bytes) -> float:
        """Seconds from a request of that kind to its reply."""
        return self.write_latency if kind == b"w" and self.write_latency is not None else self.latency


def reserve(host: str, port: int) -> socket.socket:
    """A socket that reserves a port (0: a free one) without listening, so that connections are refused."""
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
    """One run of `monitor_server`, from listening until its only client's connection ends.

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
        """End the server, as `killall monitor_server` and Ctrl-C do; returns when the port is free again.

        The client's connection is closed normally, or by a TCP reset.
        """
        self._stopped.set()
        with contextlib.suppress(OSError):  # the server has just exited by itself
            self._waker.send(b"x")
        with self._lock:
            if self._client is not None:
                with contextlib.suppress(OSError):  # the client has just closed its connection
                    if reset:
                        _reset_on_close(self._client)
                    self._client.shutdown(socket.SHUT_RD if reset else socket.SHUT_RDWR)
        self._thread.join()

    @property
    def peer(self) -> str | None:
        """The client that is served, as `address:port`; None if there is none."""
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
                    if self._faults.deaf:
                        self._stopped.wait()
        finally:
            with self._lock:
                self._client = self._peer = None
            self._on_exit(printed)

    def _await_client(self) -> bool:
        """Wait for a connection; False if the server is killed before."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._wake, selectors.EVENT_READ)
            return all(key.fileobj is self._listener for key, _ in selector.select())

    def _serve(self, client: socket.socket, peer: str) -> None:
        log.info("serving client %s on port %d", peer, self.port)
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
                    reply = header + self._registers.read(address, count).astype("<u4").tobytes()
                elif kind == b"w":
                    body = _receive(client, 4 * count)
                    if body is None:
                        return
                    self._registers.write(address, np.frombuffer(body, "<u4"))
                    reply = header
                else:
                    return
                if not self._send_reply(client, reply, begin + self._faults.delay(kind)):
                    return
        except OSError as error:
            log.info("client lost: %s", error)

    def _send_reply(self, client: socket.socket, reply: bytes, due: float) -> bool:
        """Send the reply at the time `due`, unless a fault prevents it; False if the connection must end."""
        faults = self._faults
        now = time.perf_counter()
        if due > now:
            time.sleep(due - now)
        if faults.silent:
            return True
        if faults.cut_after is not None:
            client.sendall(reply[: faults.cut_after])
            faults.cut_after = None
            if faults.cut_resets:
                _reset_on_close(client)
            return False
        client.sendall(reply)
        return True


def _reset_on_close(client: socket.socket) -> None:
    client.setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
    )


def _receive(client: socket.socket, size: int) -> bytes | None:
    """Receive exactly `size` bytes; None if the client has closed its connection."""
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
