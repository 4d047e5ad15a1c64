"""Unmodified PyRPL on a running board: starting, signals, virtual time, and the end of the board."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from pyrpl_remote import clean_path
from pyrpl_remote.virtual.clock import CLOCK_HZ, LINGER_WRITE

from . import own_plant

OWN_WARNINGS = {"no pyrpl instance"}
"""What PyRPL itself logs on every start without a GUI."""


def warnings(log: str) -> list[str]:
    """The warnings and errors of a log, except those that PyRPL logs on every board."""
    lines = [line.split(":", 2)[2] for line in log.splitlines() if line.startswith(("WARNING:", "ERROR:"))]
    return [line for line in lines if line not in OWN_WARNINGS]


def test_pyrpl_starts_on_a_loaded_gateware_and_after_a_reconnect(board, run_pyrpl):
    seen = run_pyrpl(
        board,
        """
        report(modules=sorted(p.rp.modules), os=p.rp.os_version, id=p.rp.hk._read(0))
        p.rp.hk.led = 5
        p.rp.client.restart()
        report(led=p.rp.hk.led)
        """,
        reloadfpga="auto",
    )
    assert seen["os"] == "2.07" and seen["led"] == 5 and seen["id"] == 1
    assert {
        "scope",
        "asg0",
        "asg1",
        "pid0",
        "pid1",
        "pid2",
        "iq0",
        "iq1",
        "iq2",
        "iir",
        "trig",
        "pwm0",
        "ams",
        "hk",
    } <= set(seen["modules"])
    assert warnings(seen["log"]) == []


def test_pyrpl_loads_its_gateware_which_resets_the_registers(board, run_pyrpl):
    run_pyrpl(board, "p.rp.hk.led = 7")
    seen = run_pyrpl(board, "report(led=p.rp.hk.led)", reloadfpga=True)
    assert seen["led"] == 0
    assert warnings(seen["log"]) == []


def test_pyrpl_replaces_another_gateware_by_its_own(launch_board, run_pyrpl):
    board = launch_board("--gateware", "v0.94")
    run_pyrpl(board, "", reloadfpga="auto")
    assert board.control.status()["gateware"] == "pyrpl"


def test_pyrpl_starts_on_system_3_and_installs_its_server(launch_board, run_pyrpl):
    board = launch_board("--os-version", "3.00-12")
    seen = run_pyrpl(
        board, "report(os=p.rp.os_version, led=p.rp.hk.led)", reloadfpga="auto", reloadserver=True
    )
    assert seen["os"] == "3.00" and seen["led"] == 0
    assert warnings(seen["log"]) == []


def test_the_scope_sees_the_sine_that_asg0_plays_and_pid0_holds_in2(board, run_pyrpl):
    seen = run_pyrpl(
        board,
        """
        r = p.rp
        r.asg0.setup(waveform="sin", frequency=1e3, amplitude=0.8, output_direct="out1",
                     trigger_source="immediately")
        r.scope.setup(input1="in1", input2="in2", duration=8e-3, trigger_source="asg0")
        ch1, ch2 = r.scope.single(timeout=5)
        report(rms=float(np.std(ch1)), span=float(np.ptp(ch1)))
        r.pid0.setup(input="in2", output_direct="out2", setpoint=0.25, p=0, i=-100, ival=0)
        r.scope.setup(duration=1e-3, trigger_source="immediately")
        end = time.monotonic() + 10
        settled = 0
        while abs(settled - 0.25) > 0.005 and time.monotonic() < end:
            settled = float(r.scope.single(timeout=5)[1].mean())
        report(settled=settled)
        """,
    )
    assert seen["rms"] == pytest.approx(0.566, abs=0.01)
    assert seen["span"] == pytest.approx(1.6, abs=0.02)
    assert seen["settled"] == pytest.approx(0.25, abs=0.005)


def test_virtual_time_stops_while_pyrpl_is_connected_and_accesses_nothing(board, run_pyrpl):
    seen = run_pyrpl(
        board,
        """
        p.rp.asg0.setup(frequency=1e3, amplitude=0.5, output_direct="out1", trigger_source="immediately")
        first = p.rp.scope.current_timestamp
        begin = time.monotonic()
        time.sleep(3)
        wall = time.monotonic() - begin
        report(cycles=p.rp.scope.current_timestamp - first, wall=wall)
        """,
    )
    assert 0 < seen["cycles"] / CLOCK_HZ < 2 * LINGER_WRITE < seen["wall"]


def test_a_board_ends_with_its_stdin(launch_board):
    board = launch_board()
    board.process.stdin.close()
    assert board.process.wait(30) == 0


def test_a_board_ends_when_it_is_terminated(launch_board):
    board = launch_board()
    board.process.terminate()
    assert board.process.wait(30) == 0


def test_a_taken_port_is_reported(board):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pyrpl_remote",
            "virtual-board",
            "--ssh-port",
            str(board.ssh_port),
            "--monitor-port",
            "0",
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "cannot listen" in done.stderr and "Traceback" not in done.stderr


def test_a_plant_of_ones_own_is_imported_from_the_working_folder(tmp_path):
    shutil.copy(own_plant.__file__, tmp_path / "my_plant.py")
    command = clean_path.command(
        *("pyrpl_remote", "virtual-board", "--json", "--exit-with-stdin", "--plant", "my_plant:Swapped"),
        *("--ssh-port", "0", "--monitor-port", "0"),
    )
    done = subprocess.run(command, cwd=tmp_path, input="", capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_an_unknown_plant_is_reported_with_the_known_ones():
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pyrpl_remote",
            "virtual-board",
            "--ssh-port",
            "0",
            "--monitor-port",
            "0",
            "--plant",
            "lava",
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "lava" in done.stderr and "loopback" in done.stderr and "Traceback" not in done.stderr
