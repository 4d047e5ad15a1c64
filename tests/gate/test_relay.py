"""A gate passes bytes on in both directions, whatever their number, and ends with either side."""

import socket
import threading

import pytest

from pyrpl_remote.gate.relay import relay
from pyrpl_remote.transport.lan import device_keys, tls


def _tls_pair(folder):
    """Two ends of a TLS connection: that of a client, and that of a gate."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYRPL_REMOTE_DIR", str(folder))
        device = device_keys.ensure_device()
    one, other = socket.socketpair()
    gate = tls.gate_context(device, [device.certificate]).wrap_socket(
        one, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=gate.do_handshake)
    thread.start()
    client = tls.client_context(device, device.certificate, tls.REQUESTS).wrap_socket(other)
    thread.join()
    return client, gate


@pytest.fixture
def ends(tmp_path):
    """The client's end, and that of a daemon, of a connection through a gate."""
    client, outside = _tls_pair(tmp_path)
    inside, daemon = socket.socketpair()
    thread = threading.Thread(target=relay, args=(outside, inside))
    thread.start()
    for sock in (client, daemon):
        sock.settimeout(20)
    yield client, daemon
    client.close()
    daemon.close()
    thread.join(5)
    assert not thread.is_alive()


def _receive(sock: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += sock.recv(size - len(data))
    return data


@pytest.mark.parametrize("size", [1, 16_384, 16_385, 100_000, 3_000_000])
def test_messages_of_any_size_pass_both_ways(ends, size):
    data = bytes(range(256)) * (size // 256 + 1)
    for source, sink in (ends, ends[::-1]):
        sender = threading.Thread(target=source.sendall, args=(data[:size],))
        sender.start()
        assert _receive(sink, size) == data[:size]
        sender.join()


def test_both_directions_at_once(ends):
    client, daemon = ends
    data = bytes(2_000_000)
    # nobody reads until both have sent as much as fits
    senders = [threading.Thread(target=daemon.sendall, args=(data,))]
    senders[0].start()
    client.sendall(data[:100_000])
    assert _receive(daemon, 100_000) == data[:100_000]
    assert _receive(client, len(data)) == data
    senders[0].join()


@pytest.mark.parametrize("which", [0, 1])
def test_it_ends_with_either_side(ends, which):
    tls.shut_down(ends[which])
    assert ends[1 - which].recv(1) == b""
