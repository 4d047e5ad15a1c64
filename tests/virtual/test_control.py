"""The faults that the control channel causes, and how unmodified PyRPL reacts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from pyrpl_remote.errors import ControlError
from pyrpl_remote.virtual.control import BoardControl

from .repair import repair


@pytest.fixture
def board(board):
    """The board of this file, without the faults of the test before."""
    repair(board.control)
    return board


def test_a_reset_connection_is_opened_again_by_pyrpl(board, run_pyrpl):
    seen = run_pyrpl(board, "p.rp.hk.led = 3; control.drop(reset=True); report(led=p.rp.hk.led)")
    assert seen["led"] == 3
    assert "Error occured in reading attempt 0" in seen["log"]


def test_a_reset_in_the_middle_of_an_answer_is_recovered_by_pyrpl(board, run_pyrpl):
    seen = run_pyrpl(
        board,
        """
        control.drop_in_frame(after=1000, reset=True)
        report(words=len(p.rp.scope._reads(0x10000, 16384)))
        """,
    )
    assert seen["words"] == 16384
    assert "Error occured in reading attempt 0" in seen["log"]


def test_a_regular_close_is_seen_as_the_end_of_the_connection(board, run_pyrpl):
    seen = run_pyrpl(
        board,
        """
        p.rp.hk.led = 5
        control.drop()
        report(end=p.rp.client.socket.recv(1) == b"")
        p.rp.client.restart()
        control.drop_in_frame(after=6)
        p.rp.client.socket.send(b"r" + bytes([0, 1, 0, 0, 0, 0, 0x40]))
        report(part=len(p.rp.client.socket.recv(12)), end_in_frame=p.rp.client.socket.recv(1) == b"")
        p.rp.client.restart()
        report(led=p.rp.hk.led)
        """,
    )
    assert seen["end"] and seen["part"] == 6 and seen["end_in_frame"] and seen["led"] == 5


def test_a_silent_board_makes_pyrpl_time_out_and_retry(board, run_pyrpl):
    seen = run_pyrpl(
        board,
        """
        import threading
        p.rp.hk.led = 9
        control.silence()
        threading.Timer(0.5, control.silence, [False]).start()
        begin = time.perf_counter()
        report(led=p.rp.hk.led, seconds=time.perf_counter() - begin)
        """,
    )
    assert seen["led"] == 9 and seen["seconds"] > 1
    assert "Error occured in reading attempt 0" in seen["log"]


def test_a_slow_link_delays_every_access(board, run_pyrpl):
    seen = run_pyrpl(
        board,
        """
        control.latency(0.05)
        begin = time.perf_counter()
        p.rp.hk.led
        report(seconds=time.perf_counter() - begin)
        """,
    )
    assert seen["seconds"] >= 0.05
    assert "Error occured" not in seen["log"]


def test_a_link_that_is_slower_for_writes_delays_them_more(board, run_pyrpl):
    seen = run_pyrpl(
        board,
        """
        control.latency(0, write_seconds=0.5)
        begin = time.perf_counter()
        p.rp.client.reads(0x40000030, 1)
        read = time.perf_counter() - begin
        p.rp.client.writes(0x40000030, [9])
        write = time.perf_counter() - begin - read
        control.latency(3e-4)
        begin = time.perf_counter()
        p.rp.client.writes(0x40000030, [8])
        report(read=read, write=write, usual=time.perf_counter() - begin)
        """,
    )
    assert seen["read"] < 0.5 <= seen["write"] and seen["usual"] < 0.5


def test_a_refused_request_is_an_error_with_its_reason_and_the_remedy(board):
    ask = board.control._ask
    with pytest.raises(ControlError, match="perpetuum_mobile") as refused:
        board.control.plant("perpetuum_mobile")
    assert "loopback" in refused.value.message and "BoardControl.plant" in refused.value.remedy
    with pytest.raises(ControlError, match="reboot"):
        ask("reboot", colour="red")
    with pytest.raises(ControlError, match="no verb 'dance'") as refused:
        ask("dance")
    assert "second_client" in refused.value.remedy
    assert board.control.status()["ssh"]


def test_requests_without_physical_meaning_are_refused(board):
    control = board.control
    with pytest.raises(ControlError, match="finesse of Cavity must be positive, not -1"):
        control.plant("cavity", finesse=-1)
    with pytest.raises(ControlError, match="noise_lsb"):
        control.plant_parameters(gain=0.5, noise_lsb=-1)
    for request in (
        lambda: control.latency(-1),
        lambda: control.latency(0, write_seconds=float("nan")),
        lambda: control.reboot(away=-1),
        lambda: control.reboot(away=float("inf")),
        lambda: control.drop_in_frame(after=-1),
        lambda: control.load_gateware(""),
        lambda: control.os_version("2.07\n"),
        lambda: control.password(""),
        lambda: control.plant("sys:exit"),
    ):
        with pytest.raises(ControlError):
            request()
    assert control.status()["ssh"]
    assert control.status()["gateware"] == "pyrpl"


def test_a_request_without_the_key_ends_its_connection(board):
    port = board.control.address.partition(":")[0]
    with pytest.raises(ConnectionError), BoardControl(f"{port}:wrong") as stranger:
        stranger.status()


def test_garbage_on_any_port_leaves_the_board_serving_its_client(launch_board, run_pyrpl):
    board = launch_board()
    ports = {
        "ssh": board.ssh_port,
        "monitor": board.monitor_port,
        "control": int(board.control.address.partition(":")[0]),
    }
    resident = board.usage.memory_info().rss
    seen = run_pyrpl(
        board,
        """
        import random, socket
        draw = random.Random(0)
        def throw(port, data):
            with socket.socket() as garbage:
                garbage.settimeout(0.2)
                try:
                    garbage.connect((p.rp.client._hostname, port))
                    garbage.sendall(data)
                    garbage.shutdown(socket.SHUT_WR)
                    garbage.recv(100)
                except OSError:
                    pass
        garbage = [b"r", b"w\\0\\xff\\xff\\0\\0\\0\\x40", b"SSH-2.0-x\\r\\n", b"{}\\n", b"[" * 5000 + b"\\n",
                   b"\\0" * 100000]
        for port in PORTS.values():
            for data in garbage + [draw.randbytes(draw.randrange(1, 3000)) for _ in range(20)]:
                throw(port, data)
            for i in range(350):
                with socket.socket() as stranger:
                    stranger.setblocking(False)
                    stranger.connect_ex((p.rp.client._hostname, port))
        p.rp.hk.led = 6
        report(led=p.rp.hk.led, log_errors=0)
        """.replace("PORTS", repr(ports)),
    )
    assert seen["led"] == 6
    assert "Error occured" not in seen["log"]
    run_pyrpl(board, "report(led=p.rp.hk.led)")
    assert board.usage.memory_info().rss - resident < 30e6


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_board_that_ends_with_an_open_control_channel_prints_no_traceback(how):
    command = [sys.executable, "-m", "pyrpl_remote", "virtual-board", "--json", "--control"]
    process = subprocess.Popen(
        [*command, "--ssh-port", "0", "--monitor-port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process, BoardControl(json.loads(process.stdout.readline())["control"]) as control:
        control.status()
        process.send_signal(how)
        assert "Traceback" not in process.communicate(timeout=30)[1]
