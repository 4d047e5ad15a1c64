"""A scan whose daemon is killed, and one whose board is rebooted: PyMoDAQ goes on, and ends as it should."""

import json

import pytest

from ..boards import running_board

LIMIT = 15.0
"""The time in s within which a scan must go on, with another daemon if need be, or stop with the reason."""

PREAMBLE = """
import os, signal, tempfile, time
from pathlib import Path
from tests.dashboards import scanner
from tests.offscreen import actuator, detector, qt_until
import numpy as np
from pyrpl_remote import connect, status
from pyrpl_remote.errors import PyrplRemoteError
from pyrpl_remote.virtual.control import BoardControl
from pymodaq_plugins_pyrpl import config

BOARD = {board}
config["boards", "virtual"] = BOARD
points = np.linspace(0.1, 0.5, 11)

def up(modules):
    for name, group in (("Amplitude", "actuator_settings"), ("Scope", "detector_settings")):
        if not modules[name].settings[group, "state", "link"].startswith("up"):
            return False
    try:
        return status("virtual").link.state == "up"
    except PyrplRemoteError:  # there is none
        return False

group = [actuator("Amplitude", "PyRPL_ASG", 1, "amplitude"), detector("Scope", "PyRPL_Scope", 2)]
folder = Path(tempfile.mkdtemp(dir=os.environ["PYRPL_USER_DIR"]))
with scanner(folder, group[:1], group[1:]) as (scan, modules):
    with connect("virtual", **BOARD) as p:
        p.rp.asg0.setup(frequency=1e4, output_direct="out1", trigger_source="immediately")
        p.rp.scope.setup(input1="in1", duration=1e-3, trigger_source="immediately", rolling_mode=False)
    scan.start(["Scope"], Amplitude=points)
    qt_until(lambda: scan.extension.ind_scan >= 3, what="some points")
    before = scan.extension.ind_scan
    {fault}
    began, ends = time.monotonic(), []
    scan.extension.scan_done_signal.connect(lambda: ends.append(time.monotonic()))
    qt_until(lambda: ends or scan.extension.ind_scan > before + 1, {limit}, "the scan's end or next point")
    report(seconds=(ends or [time.monotonic()])[0] - began)
    scan.wait()
    report(points=scan.extension.ind_scan, reasons=scan.reasons)
    qt_until(lambda: up(modules), 30.0, "the board's return")
    rms = scan.run(["Scope"], Amplitude=points).of("Scope", "Ch1 (in1)").std(axis=1)
    slope, zero = np.polyfit(points, rms, 1)
    report(slope=slope)
"""


@pytest.fixture(scope="module")
def board():
    with running_board() as board:
        yield board


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param('os.kill(status("virtual").daemon.pid, signal.SIGKILL)', id="daemon killed"),
        pytest.param("BoardControl({control!r}).reboot(2.0)", id="board rebooted"),
    ],
)
def test_a_scan_goes_on_or_stops_with_the_reason_and_pymodaq_works_and_ends(board, run_python, fault):
    where = {"hostname": board.host, "sshport": board.ssh_port, "port": board.monitor_port}
    lines = PREAMBLE.format(
        board=json.dumps(where), fault=fault.format(control=board.control.address), limit=LIMIT
    )
    # raises if the process does not end with 0, in the way in which every Python program ends
    found = run_python(lines, timeout=280)
    assert found["points"] == 10 or any("(board " in reason for reason in found["reasons"])
    assert found["slope"] == pytest.approx(2**-0.5, rel=0.02)
