"""Silent sessions are ended within 15 s; a client that wakes after that is told, and goes on."""

import contextlib
import os
import signal
import socket
import subprocess
import threading
from pathlib import Path

import pytest
from Pyro5.socketutil import SocketConnection

from pyrpl_remote import settings
from pyrpl_remote.daemon.life import leases

from ...daemons import fake_board, processes_begin_with
from ...processes import python_command, reports, wait_until


def test_a_lease_ends_within_15_s_and_survives_8():
    assert settings.LEASE_SECONDS > 8  # it begins when the daemon has replied, and the client's turn comes
    assert settings.STREAM_SECONDS + settings.LEASE_SECONDS + 2 * leases.CHECK_SECONDS < 15


def test_the_connections_of_a_silent_session_are_cut(caplog):
    near, far = socket.socketpair()
    closed, _ = socket.socketpair()
    closed.close()
    _.close()
    connections = [SocketConnection(closed), SocketConnection(near)]
    with far:
        leases.end_silent_sessions(connections)
        far.settimeout(20)
        assert far.recv(1) == b""
    connections[1].close()
    assert caplog.text.count("was silent") == 1


@pytest.mark.parametrize("looks", [1, 2])
def test_a_session_that_is_silent_once_as_after_a_suspended_machine_is_kept(monkeypatch, looks):
    monkeypatch.setattr(leases, "CHECK_SECONDS", 0.01)
    near, far = socket.socketpair()
    ending, connection = threading.Event(), SocketConnection(near)
    found = [[connection]] * looks + [[]] * 2

    def silent_connections() -> list[SocketConnection]:
        if len(found) == 1:
            ending.set()
        return found.pop(0)

    with far:
        leases.run_leases(ending, silent_connections)
        assert found == []
        far.setblocking(False)
        with pytest.raises(BlockingIOError) if looks == 1 else contextlib.nullcontext():
            assert far.recv(1) == b""
    connection.close()


def log_of(p) -> str:
    return Path(p.status().daemon.log).read_text(encoding="utf-8")


CLIENT = """
    import logging, time
    logging.basicConfig(format="logged: %(levelname)s %(message)s")
    from pyrpl_remote import connect
    p = connect("BOARD")
    changes, frames = [], []
    p.rp.pid0.on_change(changes.append)
    p.rp.scope.on_curve(frames.append)
    p.rp.pid1.setpoint = 0.25
    p.networkanalyzer.setup(rbw=10, points=1001)
    future = p.networkanalyzer.single_async()
    report(ready=True)
    missed = int(input())
    report(setpoint=p.rp.pid1.setpoint, fate=repr(future.exception(20)))

    def wait_for(count):
        deadline = time.monotonic() + 20
        while len(changes) < count and time.monotonic() < deadline:
            time.sleep(0.02)

    wait_for(missed)
    p.rp.pid0.setpoint = 0.5
    wait_for(missed + 1)
    report(values=[change.value for change in changes], lost=[change.lost for change in changes])
    input()
    p.close()
"""


@pytest.mark.skipif(os.name == "nt", reason="a process is stopped by a POSIX signal")
@pytest.mark.parametrize("kept", [True, False], ids=["soon", "long after"])
def test_a_client_that_wakes_after_its_lease_is_told_and_goes_on(tmp_path, kept):
    impatient = f"""
        import pyrpl_remote.settings as settings
        from pyrpl_remote.daemon.events import mailboxes
        from pyrpl_remote.daemon.life import leases
        settings.LEASE_SECONDS, leases.CHECK_SECONDS = 2.0, 0.1
        mailboxes.KEPT_SECONDS = {20.0 if kept else 0.0}
    """
    board = "soon" if kept else "late"
    with processes_begin_with(tmp_path, impatient):
        p = fake_board(board)
    client = subprocess.Popen(
        python_command(CLIENT.replace("BOARD", board)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )

    def listed() -> bool:
        return client.pid in [one.pid for one in p.status().clients]

    with p, client:
        assert "ready" in client.stdout.readline()
        assert listed()
        client.send_signal(signal.SIGSTOP)
        wait_until(lambda: not listed(), what="the end of its lease")
        for value in (0.125, 0.25, 0.375):
            p.rp.pid0.setpoint = value
        if not kept:
            wait_until(lambda: "subscriptions are dropped" in log_of(p), what="the end of its subscriptions")
        client.send_signal(signal.SIGCONT)
        client.stdin.write("3\n" if kept else "0\n")
        client.stdin.flush()
        found = reports("".join(client.stdout.readline() for _ in range(2)))
        assert found["setpoint"] == 0.25
        assert "AcquisitionCancelled" in found["fate"]
        assert "single_async() was stopped" in found["fate"]
        # what it missed comes, or is counted
        assert found["values"] == ([0.125, 0.25, 0.375, 0.5] if kept else [0.5])
        assert found["lost"] == ([0, 0, 0, 0] if kept else [1])
        assert listed()
        _, log = client.communicate("\n", timeout=20)
        assert log.count(f"logged: WARNING board '{board}': the daemon had ended this program's session") == 1
        assert "a session was silent for 2 s" in log_of(p)
