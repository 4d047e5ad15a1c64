"""Buffered connections: messages in any pieces arrive complete, and sending to a slow peer does not block."""

import _thread
import contextlib
import os
import select
import signal
import socket
import struct
import threading
import time
from concurrent.futures import Future

import numpy as np
import pytest
from Pyro5 import errors as pyro_errors
from Pyro5.socketutil import SocketConnection

from pyrpl_remote.transport import buffered as tested
from pyrpl_remote.transport import pyro_internals as pyro
from pyrpl_remote.transport.buffered import AHEAD_BYTES, Buffered

from ..processes import wait_until

LONG = bytes(range(256)) * 8192  # 2 MiB: more than is read ahead, and more than a socket holds


class WithoutSendmsg(socket.socket):
    """A socket without sendmsg, as on Windows."""

    @property
    def sendmsg(self):
        raise AttributeError("sendmsg")


@pytest.fixture
def pair():
    """A Buffered, and the socket at the other end."""
    near, far = socket.socketpair()
    connection = SocketConnection(near)
    far.settimeout(20)
    with contextlib.closing(connection), far:
        yield Buffered(connection), far


@pytest.fixture(
    params=["this system", "without poll", "without MSG_DONTWAIT and MSG_WAITALL", "without sendmsg"]
)
def any_system(request, monkeypatch):
    """The same pair, also as on systems without sendmsg or poll."""
    if request.param == "without poll":
        monkeypatch.delattr(select, "poll")
    if request.param == "without MSG_DONTWAIT and MSG_WAITALL":
        monkeypatch.setattr(tested, "_DO_NOT_WAIT", 0)
        monkeypatch.setattr(tested, "_WAIT_FOR_ALL", 0)
    near, far = socket.socketpair()
    if request.param == "without sendmsg":
        near = WithoutSendmsg(fileno=near.detach())
    far.settimeout(20)
    connection = SocketConnection(near)
    with contextlib.closing(connection), far:
        yield Buffered(connection), far


def message(data: bytes = b"data", arrays=(), sequence: int = 1) -> bytes:
    return b"".join(pyro.plain_message(pyro.REQUEST, sequence, data, arrays))


def in_pieces(far: socket.socket, data: bytes, size: int) -> threading.Thread:
    """Send `data` in pieces of `size` bytes, in another thread."""
    pieces = [data[begin : begin + size] for begin in range(0, len(data), size)]
    thread = threading.Thread(target=lambda: [far.sendall(piece) for piece in pieces])
    thread.start()
    return thread


def receive_all(far: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size and (piece := far.recv(size - len(received))):
        received += piece
    return received


def poll(near: Buffered):
    return wait_until(near.poll_message, what="the message")


def stop_blocking(near: Buffered) -> None:
    near._sock.setblocking(False)


def test_exactly_the_requested_bytes_are_received_and_the_rest_is_kept(any_system):
    near, far = any_system
    far.sendall(b"abcdefgh")
    assert near.receive(2) == b"ab"
    assert near.receive(1) == b"c"
    assert near.receive(5) == b"defgh"


def test_bytes_that_arrive_in_two_parts_are_received_as_one(any_system):
    near, far = any_system
    in_pieces(far, b"abcdef", 1).join()
    far.sendall(b"gh")
    assert near.receive(7) == b"abcdefg"
    assert near.receive(1) == b"h"


@pytest.mark.parametrize("size", [1000, 65_536, len(LONG)])
def test_a_long_payload_arrives_whole_and_can_be_written_to(any_system, size):
    near, far = any_system
    sender = in_pieces(far, LONG + b"next", size)
    received = near.receive(len(LONG))
    assert bytes(received) == LONG
    received[0] = 7
    assert near.receive(4) == b"next"
    sender.join()


def test_a_long_payload_of_which_a_part_was_read_ahead_arrives_whole(any_system):
    near, far = any_system
    sender = in_pieces(far, b"head" + LONG, 100_000)
    assert near.receive(4) == b"head"
    assert bytes(near.receive(len(LONG))) == LONG
    sender.join()


def test_a_message_that_arrives_byte_by_byte_is_received_whole(any_system):
    near, far = any_system
    sender = in_pieces(far, message(b"data", [np.arange(3.0)]), 1)
    received = near.receive_message()
    assert received.data == b"data"
    np.testing.assert_array_equal(np.frombuffer(pyro.arrays_of(received)[0]), np.arange(3.0))
    sender.join()


def test_a_message_that_arrives_byte_by_byte_is_polled_for_without_blocking(pair):
    near, far = pair
    stop_blocking(near)
    whole = message(b"data", [np.arange(3.0)])
    for byte in range(len(whole) - 1):
        far.sendall(whole[byte : byte + 1])
        assert near.poll_message() is None
        assert not near.has_message()
    far.sendall(whole[-1:])
    assert poll(near).data == b"data"
    assert near.poll_message() is None


@pytest.mark.parametrize("size", [100_000, len(LONG)])
def test_a_long_message_that_arrives_in_pieces_is_polled_for_without_blocking(pair, size):
    near, far = pair
    stop_blocking(near)
    array = np.frombuffer(LONG)
    sender = in_pieces(far, message(b"data", [array]) + message(b"next"), size)
    received = poll(near)
    np.testing.assert_array_equal(np.frombuffer(pyro.arrays_of(received)[0]), array)
    assert poll(near).data == b"next"
    sender.join()


def test_two_messages_in_one_read_are_received_one_after_the_other(pair):
    near, far = pair
    far.sendall(message(b"one") + message(b"two") + message(b"three")[:42])
    assert near.receive_message().data == b"one"
    assert near.has_message()
    stop_blocking(near)
    assert poll(near).data == b"two"
    assert not near.has_message()
    far.sendall(message(b"three")[42:])
    assert poll(near).data == b"three"


def test_a_message_that_is_no_request_is_left_for_pyro5_to_receive(pair):
    near, far = pair
    stop_blocking(near)
    ping = bytearray(message(b"ping"))
    ping[6] = 6  # the type MSG_PING
    far.sendall(ping)
    assert poll(near).type != pyro.REQUEST
    assert near.has_message()
    assert near.receive(len(ping)) == ping


def test_garbage_is_an_error_each_time_that_it_is_read(pair):
    near, far = pair
    far.sendall(b"GET / HTTP/1.1\r\n" + b"\0" * 100)
    stop_blocking(near)
    for _ in range(2):
        with pytest.raises(pyro_errors.ProtocolError):
            near.poll_message()
        assert near.has_message()
    with pytest.raises(pyro_errors.ProtocolError):
        near.receive_message()


def test_a_header_of_a_message_that_is_too_large_is_an_error(pair):
    near, far = pair
    header = bytearray(message()[: pyro.HEADER_BYTES])
    header[12:16] = struct.pack("!I", 2**32 - 1)
    far.sendall(header)
    with pytest.raises(pyro_errors.ProtocolError):
        near.receive_message()


@pytest.mark.parametrize("size", [10, AHEAD_BYTES + 1, len(LONG)])
def test_a_connection_that_closes_in_the_middle_is_an_error(any_system, size):
    near, far = any_system
    far.sendall(b"x" * (size // 2) if size < len(LONG) else b"x")
    far.close()
    with pytest.raises(pyro_errors.ConnectionClosedError):
        near.receive(size)


@pytest.mark.parametrize("arrived", [0, 10, pyro.HEADER_BYTES + 2])
@pytest.mark.parametrize("data", [b"data", LONG])
def test_a_closed_connection_is_distinguished_from_one_that_sends_nothing(pair, arrived, data):
    near, far = pair
    stop_blocking(near)
    far.sendall(message(data)[:arrived])
    assert near.poll_message() is None
    far.close()
    with pytest.raises(EOFError):
        near.poll_message()


def test_a_peer_that_closed_its_sending_half_still_gets_its_reply(pair):
    near, far = pair
    far.sendall(message(b"last"))
    far.shutdown(socket.SHUT_WR)
    assert near.receive_message().data == b"last"
    near.send(b"reply")
    assert receive_all(far, 5) == b"reply"
    with pytest.raises(pyro_errors.ConnectionClosedError):
        near.receive(1)


def test_a_connection_that_is_reset_is_an_error_of_pyro5():
    with socket.create_server(("127.0.0.1", 0)) as server:
        connection = SocketConnection(socket.create_connection(server.getsockname()))
        far, _ = server.accept()
        near = Buffered(connection)
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        far.close()
        with pytest.raises(pyro_errors.ConnectionClosedError, match="receiving: connection lost"):
            near.receive(1)

        def send_until_refused() -> None:
            for _ in range(100):
                near.send(LONG)

        with pytest.raises(pyro_errors.ConnectionClosedError, match="sending: connection lost"):
            send_until_refused()
        connection.close()


def test_many_parts_arrive_in_their_order(any_system):
    near, far = any_system
    parts = [bytes([n % 256]) * (n * 37 % 5000) for n in range(300)]
    whole = b"".join(parts)
    sender = threading.Thread(target=near.send_parts, args=(parts,))
    sender.start()
    assert receive_all(far, len(whole)) == whole
    sender.join()


def test_bytes_that_a_peer_does_not_read_are_kept_unchanged_and_sent_later(any_system):
    near, far = any_system
    stop_blocking(near)
    ends = []
    near.on_unsent = lambda: ends.append(len(near.unsent))
    array = np.frombuffer(LONG, np.uint8).copy()
    near.send_parts([b"head", array.data, b"tail"])
    assert ends == [len(near.unsent)]
    assert 0 < len(near.unsent) < len(LONG)
    array[:] = 0  # its owner goes on using it
    near._sock.setblocking(True)
    sender = threading.Thread(target=near.send_unsent)
    sender.start()
    assert receive_all(far, len(LONG) + 8) == b"head" + LONG + b"tail"
    sender.join()
    assert len(near.unsent) == 0


def test_a_reply_that_fits_is_sent_at_once_where_the_socket_does_not_block(pair):
    near, far = pair
    stop_blocking(near)
    near.send(b"reply")
    assert receive_all(far, 5) == b"reply"
    assert len(near.unsent) == 0


@pytest.mark.parametrize("size", [10, len(LONG)])
def test_a_time_limit_ends_a_wait(any_system, size):
    near, far = any_system
    near._sock.settimeout(0.05)
    far.sendall(b"x")
    with pytest.raises(pyro_errors.TimeoutError):
        near.receive(size)


def test_a_time_limit_ends_the_sending_to_a_peer_that_does_not_read(any_system):
    near, _ = any_system
    near._sock.settimeout(0.05)
    with pytest.raises(pyro_errors.TimeoutError):
        near.send(LONG * 4)


@pytest.mark.parametrize("size", [10, len(LONG)])
@pytest.mark.parametrize("interrupt", ["a signal", "a signal that came just before the wait"])
def test_ctrl_c_ends_a_wait(any_system, size, interrupt):
    near, _ = any_system

    def interrupt_soon() -> None:
        time.sleep(0.05)
        if interrupt == "a signal" and os.name != "nt":
            os.kill(os.getpid(), signal.SIGINT)
        else:
            _thread.interrupt_main()  # it wakes no system call

    thread = threading.Thread(target=interrupt_soon)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        near.receive(size)
    thread.join()


def test_a_peer_that_answers_slowly_is_not_polled_for(pair):
    near, far = pair
    far.sendall(b"x")
    near.receive(1)
    assert near._prompt
    timer = threading.Timer(50 * tested.PROMPT_SECONDS, far.sendall, (b"y",))
    timer.start()
    assert near.receive(1) == b"y"
    assert not near._prompt
    far.sendall(b"z")
    assert near.receive(1) == b"z"
    assert near._prompt
    timer.join()


def test_pyro5_receives_and_sends_through_it():
    left, right = socket.socketpair()
    connection = SocketConnection(left)
    with contextlib.closing(connection), right:
        Buffered(connection)
        right.sendall(b"abc")
        assert connection.recv(2) == b"ab"
        connection.send(b"reply")
        assert receive_all(right, 5) == b"reply"


def test_a_wait_ends_where_another_thread_closes_the_socket_and_its_number_is_used_again(pair):
    buffered, _ = pair
    near = buffered._sock
    number = near.fileno()
    failed = Future()

    def receive() -> None:
        try:
            buffered.receive(1)
        except pyro_errors.ConnectionClosedError as error:
            failed.set_result(error)

    thread = threading.Thread(target=receive, daemon=True)
    thread.start()
    thread.join(2 * tested.SIGNAL_SECONDS)  # it waits
    quiet, other = socket.socketpair()
    with quiet, other:
        near.close()
        os.dup2(quiet.fileno(), number)
        try:
            assert failed.result(20)
        finally:
            os.close(number)
