"""What was written is there again after the daemon was killed, whenever that was."""

import os
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from pyrpl_remote import connect

from ..daemons import fake_board, has_ended
from ..processes import python_command, wait_until

WRITTEN: dict[str, dict[str, Any]] = {
    "rp.pid0": {"setpoint": 0.25, "p": 0.5, "i": 100.0, "max_voltage": 0.5, "input": "in2"},
    "rp.pid1": {"setpoint": -0.125, "min_voltage": -0.25, "inputfilter": [1e3, 0.0, 0.0, 0.0]},
    "rp.asg0": {"amplitude": 0.5, "offset": 0.125, "waveform": "ramp", "frequency": 12e3},
    "rp.asg1": {"trigger_source": "immediately", "output_direct": "out2"},
    "rp.iq0": {"frequency": 5e6, "phase": 90.0, "amplitude": 0.25, "input": "in2", "bandwidth": [2e3, 0.0]},
    "rp.scope": {"threshold": 0.1, "trace_average": 7, "input1": "asg0", "ch2_active": False},
    "networkanalyzer": {"points": 77, "average_per_point": 3, "logscale": False, "amplitude": 0.2},
    "spectrumanalyzer": {"baseband": True, "window": "hamming", "input": "in2"},
    "lockbox": {"lockstatus_interval": 2.5, "default_sweep_output": "output1"},
    "lockbox.outputs.output1": {"sweep_frequency": 33.0, "desired_unity_gain_frequency": 250.0},
    "lockbox.sequence[0]": {"gain_factor": 0.5, "duration": 1.5},
}
"""Attributes of several modules, with values that differ from PyRPL's defaults."""


def module_at(p, path: str):
    name, _, index = path.partition("[")
    module: Any = p
    for part in name.split("."):
        module = getattr(module, part)
    return module[int(index.rstrip("]"))] if index else module


def kill(p) -> Path:
    """Kill the daemon, and wait for its end; returns its log."""
    status = p.status()
    process = psutil.Process(status.daemon.pid)
    process.kill()
    wait_until(lambda: has_ended(process), what="the end of the daemon")
    return Path(status.daemon.log)


def end(p) -> None:
    """Close the board, and wait for the end of its daemon."""
    process = psutil.Process(p.status().daemon.pid)
    p.close()
    wait_until(lambda: has_ended(process), what="the end of the daemon")


@pytest.fixture
def config(own_pyrpl_folder) -> Path:
    """The folder of the configurations."""
    return Path(os.environ["PYRPL_USER_DIR"], "config")


def test_twenty_attributes_have_the_values_written_last_after_a_kill(config):
    every = [(path, name) for path, values in WRITTEN.items() for name in values]
    chosen = random.Random(12).sample(every, 20)
    with connect("mortal", hostname="virtual") as p:
        for path, name in chosen:
            setattr(module_at(p, path), name, WRITTEN[path][name])
        before = {(path, name): getattr(module_at(p, path), name) for path, name in chosen}
        log = kill(p)
    assert (config / "mortal.yml.journal").exists()
    with connect("mortal", hostname="virtual") as p:
        after = {(path, name): getattr(module_at(p, path), name) for path, name in chosen}
        assert after == before
        assert "its last changes were not saved; they are taken from the journal" in log.read_text()
        end(p)
    assert not (config / "mortal.yml.journal").exists()
    saved = yaml.safe_load((config / "mortal.yml").read_text())
    for path, name in chosen:
        if path.startswith("rp."):
            assert saved[path[3:]][name] == before[path, name]


def test_every_kind_of_write_survives_a_kill(config):
    with fake_board("kinds") as p:
        p.rp.pid0.p = 0.25
        p.rp.pid1.setup(setpoint=0.5, p=0.125)
        p.rp.pid0.save_state("mine")
        p.c["laser"] = {"current": 5, "modes": [1, 2]}
        p.c.laser.current = 6
        p.lockbox.sequence.append({"duration": 3.0})
        p.rp.iir.poles = [-100 + 2e3j]
        stages = len(p.lockbox.sequence)
        kill(p)
    with fake_board("kinds") as p:
        assert p.rp.pid0.p == 0.25
        assert (p.rp.pid1.setpoint, p.rp.pid1.p) == (0.5, 0.125)
        assert "mine" in p.rp.pid1.states
        assert p.c.laser.current == 6
        assert list(p.c.laser.modes) == [1, 2]
        assert len(p.lockbox.sequence) == stages
        assert p.lockbox.sequence[-1].duration == 3.0
        assert list(p.rp.iir.poles) == [-100 + 2e3j]
        end(p)


def test_the_hostname_of_a_new_board_survives_a_kill_in_its_first_seconds(config):
    with fake_board("newest") as p:
        kill(p)
    with connect("newest") as p:
        assert p.c.redpitaya.hostname == "_FAKE_"
        end(p)
    assert not (config / "newest.yml.journal").exists()


LATER = """
from qtpy import QtCore
from pyrpl.software_modules.lockbox import *

class Later(Lockbox):
    def later(self):
        QtCore.QTimer.singleShot(50, lambda: setattr(self, "lockstatus_interval", 7.25))
"""


def test_a_change_that_no_request_caused_survives_a_kill_half_a_second_later(config):
    (config.parent / "lockbox").mkdir(exist_ok=True)
    (config.parent / "lockbox" / "later.py").write_text(LATER)
    journal = config / "own.yml.journal"
    with fake_board("own") as p:
        p.lockbox.classname = "Later"
        p.lockbox.later()
        wait_until(lambda: journal.exists() and '"lockstatus_interval"],7.25' in journal.read_text())
        kill(p)
    with fake_board("own") as p:
        assert p.lockbox.lockstatus_interval == 7.25
        end(p)


def test_what_a_client_writes_to_an_owned_module_is_kept_until_its_owner_changes_it(config):
    with fake_board("owner") as p:
        assert p.rp.pid2.owner == "output1"
        p.rp.pid2.setup(setpoint=0.25, inputfilter=[1e3, 0.0, 0.0, 0.0])
        p.rp.pid2.i = 100.0
        filtered = p.rp.pid2.inputfilter
        kill(p)
    with fake_board("owner") as p:
        assert (p.rp.pid2.setpoint, p.rp.pid2.inputfilter) == (0.25, filtered)
        assert p.rp.pid2.i == pytest.approx(100, rel=0.1)
        p.lockbox.unlock()
        assert p.rp.pid2.i == 0
        kill(p)
    with fake_board("owner") as p:
        assert p.rp.pid2.setpoint == 0.25
        assert p.rp.pid2.i < 1
        p.rp.pid2.free()
        assert "pid2" not in p.c.pyrpl_remote_owned
        end(p)


SAVES = """
import sys, time
import pyrpl
from pyrpl_remote.daemon.adapter.configuration.tree import SharedTree
tree = SharedTree(sys.argv[1])
number = tree["pid0"]["p"]
while True:
    number += 1
    tree["pid0"]["p"] = number
    tree._changes.write_journal()
    print(number, flush=True)
    if number % 3 == 0:
        tree._write_to_file()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_a_kill_while_the_file_is_saved_leaves_a_whole_file_and_loses_nothing(tmp_path, run_python):
    file = tmp_path / "lab.yml"
    file.write_text(yaml.safe_dump({"pid0": {"p": 0}, "big": {f"entry{n}": n / 7 for n in range(300)}}))
    chance = random.Random(5)
    for _ in range(4):
        command = [*python_command(SAVES), str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            first = process.stdout.readline()
            time.sleep(chance.uniform(0.01, 0.3))  # the moment of the kill is what is tried
            process.send_signal(signal.SIGKILL)
            acknowledged = [int(line) for line in [first, *process.stdout] if line.endswith("\n")]
        assert len(yaml.safe_load(file.read_text())["big"]) == 300
        lines = f"""
        import pyrpl
        from pyrpl_remote.daemon.adapter.configuration.tree import SharedTree
        report(number=SharedTree({str(file)!r})["pid0"]["p"])
        """
        number = run_python(lines)["number"]
        assert acknowledged[-1] <= number <= acknowledged[-1] + 1
