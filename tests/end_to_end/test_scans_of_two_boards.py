"""Scans in PyMoDAQ's dashboard of two boards, and with a connection for each module."""

from typing import Any

import numpy as np
import pytest

from pymodaq_plugins_pyrpl import config
from pyrpl_remote import connect

from ..boards import running_board
from ..dashboards import initialize, later, scanner, scans
from ..offscreen import actuator, detector

pytestmark = scans

GAIN = 0.5
"""Of the second board's cable."""

SCOPE: dict[str, Any] = {
    "input1": "in1",
    "duration": 1e-3,
    "trigger_source": "immediately",
    "rolling_mode": False,
}


@pytest.fixture(scope="module")
def boards():
    """A board whose address stands in the plugins' configuration, and the default one; their proxies."""
    with running_board() as board:
        board.control.plant("loopback", gain=GAIN)
        where = {"hostname": board.host, "sshport": board.ssh_port, "port": board.monitor_port}
        config["boards", "second"] = where
        with connect("virtual") as first, connect("second", **where) as second:
            for p in (first, second):
                p.rp.asg0.setup(
                    frequency=1e4, amplitude=0, output_direct="out1", trigger_source="immediately"
                )
                p.rp.scope.setup(**SCOPE)
            yield first, second
        config["boards", "second"] = {}


@pytest.fixture(scope="module")
def scan(boards, tmp_path_factory):
    """Masters only on the first board, a master and its slave on the second."""
    groups = [
        [actuator("Amplitude", "PyRPL_ASG", 1, "amplitude")],
        [detector("Scope", "PyRPL_Scope", 2)],
        later(
            [
                actuator("Amplitude 2", "PyRPL_ASG", 3, "amplitude"),
                detector("Scope 2", "PyRPL_Scope", 3, master=False),
            ]
        ),
    ]
    with scanner(tmp_path_factory.mktemp("scans"), *groups) as (scan, modules):
        for name in ("Amplitude 2", "Scope 2"):
            initialize(modules[name], board="second")
        assert all(module.initialized_state for module in modules.values())
        yield scan


def test_modules_that_are_all_masters_scan_one_board(scan):
    points = np.linspace(0.1, 0.9, 5)
    scanned = scan.run(["Scope"], Amplitude=points)
    slope, _ = np.polyfit(points, scanned.of("Scope", "Ch1 (in1)").std(axis=1), 1)
    assert slope == pytest.approx(2**-0.5, rel=0.01)


def test_two_boards_are_scanned_together(scan, boards):
    amplitudes = np.linspace(0.2, 0.8, 4)
    for moved, measured, gain in (("Amplitude", "Scope", 1.0), ("Amplitude 2", "Scope 2", GAIN)):
        scanned = scan.run(["Scope", "Scope 2"], **{moved: amplitudes})
        rms = {name: scanned.of(name, "Ch1 (in1)").std(axis=1) for name in ("Scope", "Scope 2")}
        (other,) = set(rms) - {measured}
        assert rms[measured] == pytest.approx(gain * amplitudes / np.sqrt(2), rel=0.02)
        # the other board is measured in the same scan, and is not moved
        assert np.ptp(rms[other]) < 0.01
    # at the end the actuators go back to the first point
    assert [p.rp.asg0.amplitude for p in boards] == pytest.approx([0.2, 0.2], abs=1e-3)
