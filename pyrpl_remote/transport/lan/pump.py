"""Copies between a socket and two pipes, as those of ssh or of this process."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import IO

PIECE = 65536


def pump(sock: socket.socket, source: IO[bytes], sink: IO[bytes]) -> list[threading.Thread]:
    """Copy from `source` to the socket and from it to `sink` until one of them ends; returns the threads."""
    threads = [
        threading.Thread(target=_to_socket, args=(source, sock), daemon=True),
        threading.Thread(target=_from_socket, args=(sock, sink), daemon=True),
    ]
    for thread in threads:
        thread.start()
    return threads


def _to_socket(source: IO[bytes], sock: socket.socket) -> None:
    with contextlib.suppress(OSError, ValueError):
        while piece := source.read(PIECE):
            sock.sendall(piece)
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _from_socket(sock: socket.socket, sink: IO[bytes]) -> None:
    with contextlib.suppress(OSError, ValueError):
        while piece := sock.recv(PIECE):
            sink.write(piece)
            sink.flush()
    with contextlib.suppress(OSError, ValueError):
        sink.close()
    sock.close()
