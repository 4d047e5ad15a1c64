"""A lost board or daemon: modules show the reason, end what they do at once, and heal by themselves."""

import shutil
import time

import numpy as np
import psutil
import pytest

from pymodaq_plugins_pyrpl import config
from pyrpl_remote import connect, status

from ..boards import running_board
from ..dashboards import Scanner
from ..offscreen import Emitted, actuator, dashboard, detector, in_qt_loop, qt_until, set_setting

pytestmark = in_qt_loop


@pytest.fixture(scope="module")
def virtual():
    """A virtual board of its own, which the plugins find under the name `virtual`."""
    with running_board() as board:
        config["boards", "virtual"] = {
            "hostname": board.host,
            "sshport": board.ssh_port,
            "port": board.monitor_port,
        }
        yield board
        config["boards", "virtual"] = {}


@pytest.fixture(scope="module")
def opened(virtual, own_pyrpl_folder):
    groups = (
        [actuator("Amp", "PyRPL_ASG", 1, "amplitude"), actuator("P", "PyRPL_PID", 1, "p", master=False)],
        [detector("Scope", "PyRPL_Scope", 2)],
    )
    with dashboard(*groups) as (window, modules):
        assert all(module.initialized_state for module in modules.values())
        set_setting(modules["Scope"], "scope", "duration", value=2**14 * 8e-9 * 8)
        yield window, modules
    # PyMoDAQ's scan has made a file in its own default folder before it got another one
    shutil.rmtree("C:\\Data", ignore_errors=True)


@pytest.fixture(scope="module")
def scanner(opened, tmp_path_factory):
    return Scanner(opened[0], tmp_path_factory.mktemp("scans"))


@pytest.fixture
def modules(opened):
    return opened[1]


def state_of(module, name="link"):
    group = "detector_settings" if module.title == "Scope" else "actuator_settings"
    return module.settings[group, "state", name]


def moved(module, value, timeout=20.0):
    done = Emitted(module.move_done_signal)
    module.move_abs(value)
    qt_until(lambda: done, timeout, "the move")
    return done[0].value()


def test_the_tree_shows_the_link_the_daemon_and_who_else_uses_the_board(modules):
    qt_until(lambda: state_of(modules["Amp"]) == "up", what="the link")
    assert str(status("virtual").daemon.pid) in state_of(modules["Amp"], "daemon")


def test_a_silent_board_ends_a_move_with_the_reason_and_heals_by_itself(modules, virtual):
    amp, scope = modules["Amp"], modules["Scope"]
    moved(amp, 0.1)
    said, given_up = Emitted(amp.status_sig), Emitted(amp.timeout_signal)
    virtual.control.silence(True)
    amp.move_abs(0.3)
    qt_until(lambda: given_up, 15.0, "the move's end")
    qt_until(lambda: state_of(amp).startswith("reconnecting"), 15.0, "the state")
    assert any("reconnecting" in text or "lost" in text for text in said), said
    began = time.monotonic()
    grabbing = Emitted(scope.grab_status)
    scope.snap()
    qt_until(lambda: grabbing and grabbing[-1] is False, what="the snap's end")
    assert time.monotonic() - began < 8  # PyMoDAQ waits for 10 s
    virtual.control.silence(False)
    qt_until(lambda: state_of(amp).startswith("up"), 20.0, "the board's return")
    assert moved(amp, 0.3) == pytest.approx(0.3, abs=1e-3)


def test_the_reason_is_the_last_text_of_a_failed_snap(modules, virtual):
    scope = modules["Scope"]
    set_setting(scope, "scope", "trigger_source", value="ch2_positive_edge")
    set_setting(scope, "scope", "threshold", value=0.9)
    set_setting(scope, "patience", value=0.2)
    with connect("virtual", **config("boards", "virtual")) as p:
        qt_until(lambda: p.rp.scope.threshold > 0.89, what="the setting")
    said = Emitted(scope.status_sig)
    scope.snap()
    qt_until(lambda: any("Stopping grab" in text for text in said), what="the snap's end")
    qt_until(
        lambda: said[-1].startswith("no trigger within 0.2 s (ch2 positive edge, 0.9"), what="the reason"
    )
    set_setting(scope, "scope", "trigger_source", value="immediately")
    set_setting(scope, "patience", value=5.0)


POINTS = np.linspace(0.0, 0.5, 11)
"""The amplitudes of a scan."""


def test_a_scan_whose_daemon_is_killed_goes_on_or_ends_at_once_with_the_reason(scanner, modules):
    scan = scanner.extension
    scanner.start(["Scope"], Amp=POINTS)
    qt_until(lambda: scan.ind_scan >= 3, 20.0, "some points")
    psutil.Process(status("virtual").daemon.pid).kill()
    # less than the 20 s of PyMoDAQ's own time limit of a move
    before = scan.ind_scan
    qt_until(
        lambda: not scanner.running or scan.ind_scan > before + 1, 18.0, "the scan's end, or its next points"
    )
    qt_until(lambda: not scanner.running, 60.0, "the scan's end")
    if scan.ind_scan < 10:
        assert "virtual" in scanner.reasons[-1]
    qt_until(lambda: state_of(modules["Amp"]).startswith("up"), 20.0, "the board's return")
    scanner.start(["Scope"], Amp=POINTS)
    scanner.wait()
    assert scan.ind_scan == 10


def test_a_scan_that_begins_without_its_board_ends_at_once(scanner, modules, virtual):
    virtual.control.silence(True)
    modules["Amp"].get_actuator_value()
    qt_until(lambda: state_of(modules["Amp"]).startswith("reconnecting"), 20.0, "the loss")
    began = time.monotonic()
    scanner.start(["Scope"], Amp=POINTS)
    qt_until(lambda: not scanner.running, what="the scan's end")
    assert time.monotonic() - began < 15  # PyMoDAQ waits for 20 s
    virtual.control.silence(False)
    qt_until(lambda: state_of(modules["Amp"]).startswith("up"), 30.0, "the board's return")
    scanner.start(["Scope"], Amp=POINTS)
    scanner.wait()


def test_closing_without_a_link_never_blocks_the_window(virtual, caplog):
    groups = (
        [actuator("Amp", "PyRPL_ASG", 1, "amplitude"), detector("Scope", "PyRPL_Scope", 1, master=False)],
    )
    with dashboard(*groups) as (_, modules):
        virtual.control.silence(True)
        modules["Amp"].move_abs(0.2)
        modules["Scope"].snap()
        began = time.monotonic()
        qt_until(lambda: time.monotonic() > began + 0.3, what="the move's beginning")
        for name in ("Scope", "Amp"):
            began = time.monotonic()
            modules[name].init_hardware_ui(False)
            assert time.monotonic() - began < 4  # PyMoDAQ waits for 5 s
        assert "terminated" not in caplog.text
        virtual.control.silence(False)
