"""A board's monitor server that fails on demand: a test chooses a fault for each request."""

from __future__ import annotations

import socket
import struct
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress

Fault = Callable[[socket.socket, bytes], None]
"""What happens instead of an answer; called with the connection and the answer that was due."""


class MonitorServer:
    """Serves registers of 32 bits over the monitor protocol on loopback. A context manager.

    `faults` are used in order, one for each request. `registers` has the written values; other registers read
    0. `requests` counts all requests. It listens on `port`.
    """

    def __init__(self) -> None:
        self.registers: dict[int, int] = {}
        self.faults: deque[Fault] = deque()
        self.requests = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._connections: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept)

    def __enter__(self) -> MonitorServer:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
        self._thread.join()

    def close(self) -> None:
        """End all connections, and accept no other."""
        for connection in (self._listener, *self._connections):
            with suppress(OSError):  # it ended before
                connection.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        threads = []
        with suppress(OSError):  # the listener was closed
            while True:
                connection, _ = self._listener.accept()
                self._connections.append(connection)
                threads.append(threading.Thread(target=self._serve, args=(connection,)))
                threads[-1].start()
        for thread in threads:
            thread.join()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while header := connection.recv(8, socket.MSG_WAITALL):
                kind, length, address = struct.unpack("<BxHI", header)
                if kind == ord("c"):
                    return
                self.requests += 1
                addresses = range(address, address + 4 * length, 4)
                answer = header
                if kind == ord("r"):
                    answer += struct.pack(f"<{length}I", *(self.registers.get(a, 0) for a in addresses))
                else:
                    words = struct.unpack(f"<{length}I", connection.recv(4 * length, socket.MSG_WAITALL))
                    self.registers.update(zip(addresses, words))
                if self.faults:
                    self.faults.popleft()(connection, answer)
                else:
                    connection.sendall(answer)


def half_close(connection: socket.socket, answer: bytes) -> None:
    """Send all but the end of the answer, and close this direction of the connection only."""
    connection.sendall(answer[:-1])
    connection.shutdown(socket.SHUT_WR)


def reset_connection(connection: socket.socket, answer: bytes) -> None:
    """Break the connection by a TCP reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def answer_another(connection: socket.socket, answer: bytes) -> None:
    """Reply to another request, as a board does that is out of step."""
    connection.sendall(b"r\0\1\0" + b"\xaa\xbb\xcc\xdd")


def silence(connection: socket.socket, answer: bytes) -> None:
    """Send no reply."""
