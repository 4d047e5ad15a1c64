"""A start of a daemon changes no word of the outputs: generator, PID, iq and a held lock run on.

The board compares both outputs, in each cycle, with those of a copy of its FPGA that nobody disturbs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from pyrpl_remote import connect, stop
from tests.boards import running_board
from tests.cavity import set_up
from tests.daemons import has_ended
from tests.processes import wait_until

FREQUENCY = 125e6 / 2**14
"""Of the generator, in Hz."""


@pytest.fixture(scope="module")
def lab() -> Iterator[SimpleNamespace]:
    """A board with a cavity: `control`, `where`, and `connect()`. Its time is slow: little is computed."""
    with running_board("--plant", "cavity", "--pace", "0.02") as board:
        where = {"hostname": board.host, "sshport": board.ssh_port, "port": board.monitor_port, "delay": 0.01}

        def start(name: str = "lab", **more):
            steps: list[str] = []
            return connect(name, **{**where, **more}, progress=steps.append), steps

        yield SimpleNamespace(control=board.control, connect=start)


@pytest.fixture
def another_user(tmp_path, monkeypatch):
    """A function that gives the next daemons another user's folder of PyRPL."""
    return lambda: monkeypatch.setenv("PYRPL_USER_DIR", str(tmp_path))


def kill(p) -> None:
    """End the daemon as a crash does."""
    process = psutil.Process(p.status().daemon.pid)
    psutil.Process(process.pid).kill()
    wait_until(lambda: has_ended(process))
    p.close()


def end(p) -> None:
    """End the daemon as `pyrpl-remote stop` does."""
    process = psutil.Process(p.status().daemon.pid)
    stop(p.status().board)
    wait_until(lambda: has_ended(process))
    p.close()


def configuration() -> Path:
    return Path(os.environ["PYRPL_USER_DIR"], "config", "lab.yml")


def make_older(text: str) -> None:
    """Put an older configuration file in the place of the present one."""
    configuration().write_text(text)
    for journal in configuration().parent.glob("lab.yml.journal*"):
        journal.unlink()


def lock_cavity(p) -> None:
    set_up(p, duration=0.5, unity_gain_hertz=2000)
    assert p.lockbox.lock(), "the cavity is locked"


def start_modules(p) -> None:
    p.rp.asg0.setup(
        waveform="square",
        frequency=FREQUENCY,
        amplitude=0.02,
        trigger_source="immediately",
        output_direct="out2",
    )
    p.rp.pid0.setup(input="asg0", p=0.5, i=100, output_direct="out2", max_voltage=0.125, min_voltage=-0.125)
    p.rp.iq0.setup(frequency=125e6 / 2**9, amplitude=0.02, output_direct="out2", input="in2")


@pytest.mark.timeout(900)
def test_no_word_of_the_outputs_differs_through_starts_beside_running_modules_and_a_held_lock(
    lab, request, another_user, monkeypatch
):
    p, steps = lab.connect(private=True)
    assert not any("keeping" in step for step in steps)  # there was no mark
    lock_cavity(p)
    p.c._write_to_file()
    older = configuration().read_text()
    start_modules(p)
    lab.control.watch_outputs()
    for number in range(int(request.config.getoption("--starts"))):
        kind = ("killed", "older file", "clean", "another user")[number % 4]
        (end if kind == "clean" else kill)(p)
        if kind == "older file":
            make_older(older)
        if kind == "another user":
            another_user()
        p, steps = lab.connect()
        assert any(step.startswith("keeping the FPGA as it is (configuration 'lab' of") for step in steps)
        if kind == "older file":
            assert any("registers were kept: asg0 (not in the file)" in step for step in steps)
        asg, pid = p.rp.asg0, p.rp.pid0
        assert (asg.frequency, asg.waveform, asg.output_direct) == (FREQUENCY, "square", "out2")
        assert (pid.input, pid.p, pid.output_direct, pid.max_voltage) == ("asg0", 0.5, "out2", 0.125)
        if kind != "another user":  # there PyRPL knows no cavity
            assert p.lockbox.current_state == "lock_on" and p.lockbox.is_locked()
            assert p.lockbox.outputs.piezo.current_state == "lock"
        if kind == "another user":
            monkeypatch.undo()
    watched = lab.control.watched_outputs()
    assert (watched["differing"], watched["missed"]) == (0, 0)
    assert watched["cycles"] > 1e6 and watched["changes"] > 1e5
    kill(p)


def test_the_file_is_loaded_if_that_is_asked_for_and_then_the_outputs_differ(lab):
    lab.control.watch_outputs()
    p, steps = lab.connect(restore="file")
    assert any(step.startswith("loading the configuration 'lab' over 'lab' of") for step in steps)
    assert lab.control.watched_outputs()["differing"] > 1000
    kill(p)


def test_another_configuration_that_is_asked_for_by_name_is_loaded_and_the_progress_says_over_what(lab):
    p, steps = lab.connect("other")
    assert any(step.startswith("loading the configuration 'other' over 'lab' of") for step in steps)
    kill(p)


def test_what_no_register_tells_is_kept_too_and_all_is_written_again_after_a_reboot(lab, another_user):
    p, steps = lab.connect("other", private=True)
    assert any(step.startswith("keeping the FPGA as it is (configuration 'other' of") for step in steps)
    p.rp.hk.expansion_P1 = True
    p.rp.hk.expansion_P2_output = False
    p.rp.asg1.setup(waveform="cos", frequency=FREQUENCY, amplitude=0.5, trigger_source="immediately")
    p.rp.iir.setup(input="in1", zeros=[], poles=[-1e5 + 2e6j], gain=0.5, loops=10)
    pid = p.lockbox.outputs.output1.pid
    pid.setup(input="in2", setpoint=0.25, p=0.5)
    filtered = p.rp.iir.poles, p.rp.iir.coefficients.tolist()
    end(p)
    another_user()
    p, _ = lab.connect("other", private=True)

    def check():
        assert p.rp.hk.expansion_P1_output and p.rp.hk.expansion_P1
        assert not p.rp.hk.expansion_P2_output
        assert (p.rp.asg1.waveform, p.rp.asg1.amplitude, p.rp.asg1.frequency) == ("cos", 0.5, FREQUENCY)
        assert (p.rp.iir.poles, p.rp.iir.coefficients.tolist()) == filtered
        assert (p.rp.pid2.input, p.rp.pid2.setpoint, p.rp.pid2.p) == ("in2", 0.25, 0.5)

    assert p.rp.client._write_counter == 0
    check()
    lab.control.reboot(away=0.2)
    wait_until(lambda: "restarted" in p.status().link.reason and p.status().link.state == "up", 60)
    check()
    kill(p)
    p, steps = lab.connect("other")
    assert any(step.startswith("keeping the FPGA") for step in steps)
    end(p)
