"""A failure is reported, and ends the acquisition or the move."""

import psutil
import pytest

from pyrpl_remote import connect, discover, stop

from ..offscreen import Emitted, actuator, dashboard, detector, in_qt_loop, qt_until, set_setting

pytestmark = in_qt_loop

SHORT = 2**14 * 8e-9 * 8
"""A duration that the scope has, in s."""


@pytest.fixture(scope="module")
def modules():
    with dashboard(
        [actuator("Frequency", "PyRPL_ASG", 1, "frequency")], [detector("Scope", "PyRPL_Scope", 2)]
    ) as (_, modules):
        set_setting(modules["Scope"], "scope", "duration", value=SHORT)
        yield modules


def mentions(emitted: Emitted, *words: str) -> bool:
    return any(all(word in text for word in words) for text in emitted)


def test_stop_ends_the_wait_for_a_trigger_that_never_comes(modules):
    scope = modules["Scope"]
    set_setting(scope, "scope", "trigger_source", value="ch2_positive_edge")
    grabbing = Emitted(scope.grab_status)
    shown = Emitted(scope.grab_done_signal)
    status = Emitted(scope.status_sig)
    scope.grab()
    qt_until(lambda: grabbing == [True], what="the grab")
    with connect("virtual") as p:
        qt_until(lambda: p.rp.scope.running_state == "running_continuous", what="the acquisition")
        # settings reach the board while the grab waits
        set_setting(scope, "scope", "threshold", value=0.25)
        qt_until(lambda: p.rp.scope.threshold == 0.25, what="the setting")
        scope.stop_grab()
        qt_until(lambda: grabbing == [True, False], what="the grab's end")
        assert not shown
        assert not mentions(status, "cancelled")
        set_setting(scope, "scope", "trigger_source", value="immediately")
        qt_until(lambda: p.rp.scope.trigger_source == "immediately", what="the setting")
    scope.snap()
    assert shown.wait(what="a trace")


def test_a_daemon_that_is_killed_ends_a_grab_with_a_reason_and_a_move_starts_another(modules):
    scope, frequency = modules["Scope"], modules["Frequency"]
    shown = Emitted(scope.grab_done_signal)
    grabbing = Emitted(scope.grab_status)
    status, done = Emitted(scope.status_sig), Emitted(frequency.move_done_signal)
    scope.grab()
    shown.wait(what="live traces")
    with connect("virtual") as p:
        pid = p.status()["daemon"]["pid"]
    psutil.Process(pid).kill()
    qt_until(lambda: grabbing and grabbing[-1] is False, what="the grab's end")
    assert mentions(status, "board 'virtual'")
    assert not scope.ui.is_action_checked("grab")

    frequency.move_abs(4321.0)
    assert done.wait(what="the move").value() == pytest.approx(4321.0, abs=0.1)


def test_a_daemon_that_was_stopped_ends_a_move_with_a_reason_and_init_starts_another(modules):
    frequency = modules["Frequency"]
    moved, given_up = Emitted(frequency.status_sig), Emitted(frequency.timeout_signal)
    stop("virtual")
    qt_until(lambda: "virtual" not in [entry.name for entry in discover()], 20.0, "the daemon's end")
    frequency.move_abs(1234.0)
    qt_until(lambda: given_up, what="the move's end")
    qt_until(lambda: mentions(moved, "board 'virtual'", "was stopped by"), what="the reason")
    # PyMoDAQ's module does not always show that it is closed, but it is when the first call returns
    frequency.init_hardware_ui(False)
    initialized = Emitted(frequency.init_signal)
    frequency.init_hardware_ui(True)
    qt_until(lambda: initialized and initialized[-1], 60.0, "the new start")
    done = Emitted(frequency.move_done_signal)
    frequency.move_abs(1500.0)
    assert done.wait(what="the move").value() == pytest.approx(1500.0, abs=0.1)


@pytest.mark.parametrize("trigger", ["immediately", "ch2_positive_edge"])
def test_closing_ends_a_live_grab_with_and_without_a_trigger(trigger, caplog):
    with dashboard([detector("Scope", "PyRPL_Scope", 1)]) as (_, modules), connect("virtual") as p:
        scope = modules["Scope"]
        set_setting(scope, "scope", "trigger_source", value=trigger)
        qt_until(lambda: p.rp.scope.trigger_source == trigger, what="the setting")
        scope.grab()
        qt_until(lambda: p.rp.scope.running_state == "running_continuous", what="the acquisition")
        thread = scope.controller_and_thread.thread.thread
        scope.init_hardware_ui(False)
        assert thread.isFinished()
        assert "terminated" not in caplog.text
