"""References for remote access: a bare TCP socket and plain Pyro5, each served by its own process."""

from __future__ import annotations

import multiprocessing
import socket
import statistics
import time
from collections.abc import Callable

import numpy as np
import Pyro5.api

SHAPE = (2, 16384)
"""Of the curve that is fetched, float64; one row of it is what is sent."""

CONTEXT = multiprocessing.get_context("spawn")


@Pyro5.api.expose
class Plain:
    """An object with one attribute, served by plain Pyro5 with its default serializer."""

    value = property(lambda self: 1)


def _serve_pyro(pipe) -> None:
    Pyro5.api.config.SERVERTYPE = "thread"
    with Pyro5.api.Daemon() as daemon:
        pipe.send(str(daemon.register(Plain())))
        daemon.requestLoop()


def _serve_socket(pipe) -> None:
    """Answer 8 bytes with themselves, "c..." with the curve, "s..." when a row of samples has come."""
    curve = np.zeros(SHAPE).tobytes()
    with socket.create_server(("127.0.0.1", 0)) as server:
        pipe.send(server.getsockname()[1])
        connection, _ = server.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while request := connection.recv(8, socket.MSG_WAITALL):
            if request[:1] == b"s":
                np.frombuffer(_receive(connection, 8 * SHAPE[1]))
            connection.sendall(curve if request[:1] == b"c" else request)


def _receive(connection: socket.socket, count: int) -> bytearray:
    data = bytearray(count)
    view = memoryview(data)
    while view:
        view = view[connection.recv_into(view) :]
    return data


class Yardsticks:
    """Both servers; they end with the block."""

    def __enter__(self) -> Yardsticks:
        self._processes: list[multiprocessing.process.BaseProcess] = []
        port, self.pyro_uri = self._start(_serve_socket), self._start(_serve_pyro)
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._pyro = Pyro5.api.Proxy(self.pyro_uri)
        self._row = np.zeros(SHAPE[1])
        return self

    def __exit__(self, *_) -> None:
        self._pyro._pyroRelease()
        self._socket.close()
        for process in self._processes:
            process.terminate()
            process.join()

    def _start(self, target):
        ours, theirs = CONTEXT.Pipe()
        process = CONTEXT.Process(target=target, args=(theirs,), daemon=True)
        process.start()
        self._processes.append(process)
        return ours.recv()

    def read(self) -> None:
        """A round trip of 8 bytes."""
        self._socket.sendall(b"r1234567")
        _receive(self._socket, 8)

    def fetch(self) -> np.ndarray:
        """Receive the curve."""
        self._socket.sendall(b"c1234567")
        return np.frombuffer(_receive(self._socket, 8 * SHAPE[0] * SHAPE[1])).reshape(SHAPE)

    def send(self) -> None:
        """Send the samples, and wait for the confirmation."""
        self._socket.sendall(b"s1234567" + self._row.tobytes())
        _receive(self._socket, 8)

    def pyro_read(self) -> int:
        """Read an attribute over plain Pyro5."""
        return self._pyro.value


def seconds(function: Callable[[], object], times: int = 1) -> float:
    """The duration of one call in s, averaged over `times` calls."""
    begin = time.perf_counter()
    for _ in range(times):
        function()
    return (time.perf_counter() - begin) / times


def medians(ways: dict[str, Callable[[], object]], times: int, rounds: int = 9) -> dict[str, float]:
    """The duration of one call of each kind in s: medians of rounds in which the kinds alternate."""
    taken = [{name: seconds(function, times) for name, function in ways.items()} for _ in range(rounds)]
    return {name: statistics.median(one[name] for one in taken) for name in ways}
