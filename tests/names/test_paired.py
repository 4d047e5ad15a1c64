"""A paired host that answers nonsense, and announcements of anybody, make clear errors in a short time."""

import contextlib
import socket
import threading
import time

import pytest

from pyrpl_remote.errors import HostUnreachable
from pyrpl_remote.names import lan, paired
from pyrpl_remote.transport.lan import paired_hosts, tls
from pyrpl_remote.transport.lan.device_keys import ensure_device
from pyrpl_remote.transport.lan.json_lines import BadLine, Lines, send_line

from ..gate.hosts import as_user_of, one_machine


@pytest.fixture(scope="module")
def guest(tmp_path_factory):
    """This process is a program of a machine whose key is also that of the other one."""
    with as_user_of(one_machine("laptop", tmp_path_factory.mktemp("hosts") / "laptop")):
        ensure_device()
        yield


@contextlib.contextmanager
def host_that_answers(*answers):
    """A paired host that sends these lines, one for its greeting and one for each request."""
    device = ensure_device()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError, BadLine):
                wrapped = tls.gate_context(device, [device.certificate]).wrap_socket(
                    server.accept()[0], server_side=True
                )
                with wrapped:
                    lines = Lines(wrapped)
                    for answer in answers:
                        send_line(wrapped, answer)
                        lines.receive(5)

        thread = threading.Thread(target=serve)
        thread.start()
        port = server.getsockname()[1]
        paired_hosts.add("daq2", device.fingerprint, device.certificate, "", ["127.0.0.1"], port)
        yield
        thread.join()
        paired_hosts.remove("daq2")


WELCOME = {"gate": "daq2", "role": "operator"}


@pytest.mark.parametrize(
    "answers",
    [
        [{"error": 3}],
        [{"error": {"own": "NoSuchError", "message": "", "remedy": ""}}],
        [WELCOME, {}],
        [WELCOME, {"served": [{"name": "lab"}], "startable": []}],
        [WELCOME, {"served": 3, "startable": []}],
        [WELCOME, {"error": {"type": "os.system"}}],
    ],
)
def test_a_host_that_answers_nonsense_is_an_error_that_names_it(guest, answers):
    with host_that_answers(*answers), pytest.raises(HostUnreachable, match=r"'daq2'.*nonsense"):
        paired.on_host("daq2")


def test_any_number_of_announcements_of_a_paired_key_takes_no_longer(guest, monkeypatch):
    device = ensure_device()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        paired_hosts.add("daq2", device.fingerprint, device.certificate, "", ["127.0.0.1"], port)
        places = [lan.Place("daq2", ("127.0.0.1",), port, device.fingerprint)] * lan.MAX_PLACES
        monkeypatch.setattr(lan, "gates_with", lambda *_: places)
        begin = time.monotonic()
        with pytest.raises(HostUnreachable), paired.connected("daq2", 0.3):
            pass
        assert time.monotonic() - begin < 15  # of 30 for all of them
        paired_hosts.remove("daq2")


@pytest.mark.parametrize("name", ["localhost", "LocalHost", "127.0.0.1"])
def test_no_paired_host_is_called_as_this_machine(guest, name):
    device = ensure_device()
    added = paired_hosts.add(name, device.fingerprint, device.certificate)
    assert added.name == f"{name}-2"
    paired_hosts.remove(added.name)
