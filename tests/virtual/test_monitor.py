"""The register protocol over a real socket, with a few registers in a dict."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import threading

import numpy as np
import pytest

from pyrpl_remote.virtual.monitor import LinkFaults, MonitorServer, reserve

from ..processes import wait_until


class Registers:
    def __init__(self):
        self.words = {}

    def read(self, address, count):
        return np.array([self.words.get(address + 4 * i, 0) for i in range(count)], np.uint32)

    def write(self, address, words):
        self.words.update({address + 4 * i: int(word) for i, word in enumerate(words)})


class Run:
    """A server that can be started again after it has exited, as PyRPL does."""

    def __init__(self):
        self.registers = Registers()
        self.faults = LinkFaults()
        self.exited = threading.Event()
        self.printed = None
        self.start(reserve("127.0.0.1", 0))

    def start(self, listener):
        self.exited.clear()
        self.server = MonitorServer(listener, self.registers, self.faults, self.on_exit)
        self.port = self.server.port

    def on_exit(self, printed):
        self.printed = printed
        self.exited.set()

    def connect(self):
        client = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        wait_until(lambda: self.server.peer or self.exited.is_set())
        return client


@pytest.fixture
def run():
    run = Run()
    yield run
    run.server.kill()


def header(kind: bytes, count: int, address: int) -> bytes:
    return struct.pack("<cBHI", kind, 0, count, address)


def receive(client, size):
    """Up to `size` bytes: fewer if the server ends the connection before."""
    data = bytearray()
    while len(data) < size:
        part = client.recv(size - len(data))
        if not part:
            break
        data += part
    return bytes(data)


def write_read(client, value):
    client.sendall(header(b"w", 2, 0x40000030) + struct.pack("<2I", value, value + 1))
    assert receive(client, 8) == header(b"w", 2, 0x40000030)
    client.sendall(header(b"r", 2, 0x40000030))
    assert receive(client, 16) == header(b"r", 2, 0x40000030) + struct.pack("<2I", value, value + 1)


def test_what_is_written_reads_back_under_the_same_header(run):
    with run.connect() as client:
        write_read(client, 7)


def test_a_request_that_arrives_in_pieces_is_answered(run):
    with run.connect() as client:
        request = header(b"w", 1, 0x40000030) + struct.pack("<I", 5) + header(b"r", 1, 0x40000030)
        for byte in request:
            client.sendall(bytes([byte]))
        assert receive(client, 20)[-4:] == struct.pack("<I", 5)


def test_the_longest_read_arrives_whole(run):
    with run.connect() as client:
        client.sendall(header(b"r", 65535, 0x40100000))
        assert len(receive(client, 8 + 4 * 65535)) == 8 + 4 * 65535


def test_a_request_of_length_zero_is_ignored_even_with_the_letter_for_close(run):
    with run.connect() as client:
        client.sendall(header(b"c", 0, 0) + header(b"x", 0, 0))
        write_read(client, 1)


@pytest.mark.parametrize(
    "last_words", [b"", b"r\0\1", header(b"c", 1, 0), header(b"?", 1, 0), header(b"w", 9, 0) + b"half"]
)
def test_the_server_exits_after_a_close_or_an_invalid_request_and_frees_its_port(run, last_words):
    with run.connect() as client:
        client.sendall(last_words)
        client.shutdown(socket.SHUT_WR)
        assert run.exited.wait(20)
    assert run.printed == "Incoming client connection accepted!"
    run.start(reserve("127.0.0.1", run.port))
    with run.connect() as client:
        write_read(client, 2)


def test_only_the_first_client_is_served(run):
    with run.connect() as first:
        others = [socket.create_connection(("127.0.0.1", run.port), timeout=0.2) for _ in range(3)]
        for other in others:
            other.sendall(header(b"r", 1, 0x40000000))
        with pytest.raises(TimeoutError):
            others[0].recv(1)
        write_read(first, 3)
        for other in others:
            other.close()


def test_a_kill_ends_the_server_while_it_waits_and_while_it_serves(run):
    run.server.kill()
    assert run.exited.is_set() and run.printed == ""
    run.start(reserve("127.0.0.1", run.port))
    with run.connect() as client:
        run.server.kill()
        assert run.exited.is_set()
        assert client.recv(1) == b""


def test_random_bytes_neither_hang_nor_break_the_server(run):
    draw = random.Random(0)
    for _ in range(50):
        with (
            run.connect() as client,
            contextlib.suppress(OSError),
        ):  # the server may end the connection at once
            client.sendall(draw.randbytes(draw.randrange(200)))
            client.shutdown(socket.SHUT_WR)
            # 200 bytes are at most 25 requests, each of which reads at most 65535 words
            receive(client, 25 * 4 * (65535 + 2) + 1)
        assert run.exited.wait(20)
        run.start(reserve("127.0.0.1", run.port))
    with run.connect() as client:
        write_read(client, 4)


def test_a_cut_ends_the_connection_in_the_middle_of_an_answer(run):
    with run.connect() as client:
        run.faults.cut_after = 10
        client.sendall(header(b"r", 4, 0x40000000))
        assert len(receive(client, 24)) == 10
        assert run.exited.wait(20)


def test_a_deaf_board_keeps_the_connection_of_a_client_that_is_gone(run):
    run.faults.deaf = True
    with run.connect() as client:
        write_read(client, 7)
        own = f"127.0.0.1:{client.getsockname()[1]}"
    assert not run.exited.wait(0.2)
    assert run.server.peer == own
    run.server.kill()
    assert run.exited.is_set()


def test_a_silent_link_answers_no_request(run):
    with run.connect() as client:
        run.faults.silent = True
        client.settimeout(0.2)
        client.sendall(header(b"r", 1, 0x40000000))
        with pytest.raises(TimeoutError):
            client.recv(1)
        run.faults.silent = False
        write_read(client, 6)
