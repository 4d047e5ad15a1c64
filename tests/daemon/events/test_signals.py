"""PyRPL's Qt signals: when they are connected, and which events clients get from them."""

import math

import numpy as np
import pytest


@pytest.fixture
def news(posted):
    """A function that returns the new events of a client's subscriptions as (number, event)."""
    return lambda caller: [(number, event) for kind, number, event in posted(caller) if kind == "event"]


@pytest.fixture
def subscribe(rig):
    return lambda caller, number, kind, path: rig.events.subscribe(caller.session, number, kind, path)


@pytest.fixture
def lockbox_as_before(rig):
    """Restore the lockbox's class and its one stage after the test."""
    yield
    rig.pyrpl.lockbox.classname = "Linear"
    rig.pyrpl.lockbox.classname = "Lockbox"
    rig.pyrpl.lockbox.sequence = [{}]


def connected(rig, path: str) -> int:
    """The number of slots that are connected to the signals of a module."""
    launcher = rig.launcher(path)
    signals = ("update_attribute_by_name", "change_ownership", "display_curve")
    return sum(launcher.receivers(getattr(launcher, name)) for name in signals if hasattr(launcher, name))


def changes(events: list) -> list:
    return [(event["module"], event["name"], event["value"]) for _, event in events]


# subscriptions


def test_signals_are_connected_only_for_existing_subscriptions(rig, subscribe, ada, bob):
    assert connected(rig, "rp.scope") == 0
    subscribe(ada, 1, "change", "rp.scope")
    once = connected(rig, "rp.scope")
    assert once > 0
    subscribe(bob, 1, "change", "rp.scope")
    subscribe(bob, 2, "change", "rp.scope")
    assert connected(rig, "rp.scope") == once
    assert connected(rig, "rp.pid0") == 0
    rig.elsewhere(lambda: rig.events.unsubscribe(ada.session, 1))
    rig.elsewhere(lambda: rig.events.unsubscribe(bob.session, 2))
    rig.result(rig.qt.post(lambda: None))
    assert connected(rig, "rp.scope") == once
    rig.elsewhere(lambda: rig.events.unsubscribe(bob.session, 1))
    rig.until(lambda: connected(rig, "rp.scope") == 0, "the signals to be disconnected")


def test_signals_for_curves_and_for_changes_are_connected_separately(rig, subscribe, ada):
    subscribe(ada, 1, "curve", "rp.scope")
    launcher = rig.launcher("rp.scope")
    assert launcher.receivers(launcher.display_curve) == 1
    assert launcher.receivers(launcher.update_attribute_by_name) == 0
    subscribe(ada, 2, "change", "rp.scope")
    assert launcher.receivers(launcher.display_curve) == 1
    assert launcher.receivers(launcher.update_attribute_by_name) == 1


def test_a_session_that_never_subscribed_ends_no_subscription(rig, subscribe, ada, bob, news):
    subscribe(ada, 1, "change", "rp.pid0")
    rig.events.unsubscribe(bob.session, 1)
    rig.pyrpl.rp.pid0.setpoint = 0.5
    assert changes(news(ada)) == [("rp.pid0", "setpoint", 0.5)]


# changes


def test_a_change_has_module_name_value_and_who(rig, subscribe, ada, bob, news):
    subscribe(ada, 1, "change", "rp.pid0")
    rig.dispatcher.set(bob, "rp.pid0", "setpoint", 0.25)
    rig.qt.run(lambda: rig.dispatcher.set(bob, "rp.pid0", "input", "in2"), bob.label)
    first, second = [event for _, event in news(ada)]
    assert (first["module"], first["name"], first["value"], first["who"]) == (
        "rp.pid0",
        "setpoint",
        0.25,
        "PyRPL",
    )
    assert (second["name"], second["value"], second["who"]) == ("input", "in2", bob.label)
    assert first["time"] <= second["time"]


@pytest.mark.parametrize("path", ["", "rp", "rp.pid0"])
def test_changes_of_the_modules_inside_come_too(rig, subscribe, ada, news, path):
    subscribe(ada, 1, "change", path)
    rig.pyrpl.rp.pid0.setpoint = 0.5
    rig.pyrpl.rp.pid0.setpoint = 0.25
    assert changes(news(ada)) == [("rp.pid0", "setpoint", 0.5), ("rp.pid0", "setpoint", 0.25)]


def test_changes_of_other_modules_are_not_reported(rig, subscribe, ada, news):
    subscribe(ada, 1, "change", "rp.pid0")
    rig.pyrpl.rp.pid1.setpoint = 0.5
    assert news(ada) == []


def test_a_change_of_the_owner_is_reported(rig, subscribe, ada, news):
    subscribe(ada, 1, "change", "rp.pid1")
    with rig.pyrpl.pids.pop("ada"):
        owned = changes(news(ada))
    assert ("rp.pid1", "owner", "ada") in owned
    assert ("rp.pid1", "owner", None) in changes(news(ada))


def test_changes_of_running_state_are_reported(rig, subscribe, ada, news):
    scope = rig.pyrpl.rp.scope
    subscribe(ada, 1, "change", "rp.scope")
    scope.continuous()
    rig.until(lambda: scope.running_state == "running_continuous", "the acquisition")
    scope.stop()
    states = [value for _, name, value in changes(news(ada)) if name == "running_state"]
    assert states == ["running_continuous", "stopped"]


def test_changes_of_other_private_attributes_are_not_reported(rig, subscribe, ada, news):
    subscribe(ada, 1, "change", "rp.scope")
    launcher = rig.launcher("rp.scope")
    for name in ("_trigger_armed", "_no_such_name", "no_such_name"):
        launcher.update_attribute_by_name.emit(name, [True])
    assert news(ada) == []


def test_a_module_as_value_comes_as_its_path(rig, subscribe, ada, news):
    subscribe(ada, 1, "change", "rp.scope")
    rig.launcher("rp.scope").update_attribute_by_name.emit("input1", [rig.pyrpl.rp.asg0])
    assert changes(news(ada)) == [("rp.scope", "input1", {"!module": "rp.asg0"})]


def test_a_value_that_cannot_travel_comes_as_its_repr(rig, subscribe, ada, news):
    subscribe(ada, 1, "change", "rp.scope")
    odd = object()
    rig.launcher("rp.scope").update_attribute_by_name.emit("input1", [odd])
    assert changes(news(ada)) == [("rp.scope", "input1", repr(odd))]


def test_an_error_while_a_signal_is_handled_is_logged_and_the_subscription_goes_on(
    rig, subscribe, ada, news, caplog
):
    subscribe(ada, 1, "change", "rp.pid0")
    rig.launcher("rp.pid0").update_attribute_by_name.emit("setpoint", [])
    assert "an event was lost" in caplog.text
    rig.pyrpl.rp.pid0.setpoint = 0.125
    assert changes(news(ada)) == [("rp.pid0", "setpoint", 0.125)]


# curves


def test_each_curve_of_the_scope_comes_whole(rig, subscribe, ada, news):
    scope = rig.pyrpl.rp.scope
    scope.setup(duration=1e-3, trigger_source="immediately", rolling_mode=False, trace_average=3)
    subscribe(ada, 1, "curve", "rp.scope")
    rig.until(scope.single_async().done, "three curves")
    ((number, frame),) = news(ada)
    assert number == 1
    assert frame["number"] == 3 and frame["skipped"] == 2
    assert frame["x"]["!array"] == ["<f8", [16384], scope.data_x.tobytes()]
    assert frame["y"]["!array"] == ["<f8", [2, 16384], scope.data_avg.tobytes()]
    scope.trace_average = 1


def test_a_sweep_is_reported_from_time_to_time_and_at_its_end(rig, subscribe, ada, news, monkeypatch):
    from pyrpl_remote.daemon.events import signals

    analyzer, launcher = rig.pyrpl.networkanalyzer, rig.launcher("networkanalyzer")
    subscribe(ada, 1, "curve", "networkanalyzer")
    analyzer.single_async()
    rig.until(lambda: analyzer.running_state == "running_single", "the sweep")
    analyzer.stop()
    news(ada)
    monkeypatch.setattr(signals, "SWEEP_SECONDS", math.inf)
    for point in range(10):
        launcher.update_point.emit(point)
    assert news(ada) == []
    launcher.scan_finished.emit()
    ((_, frame),) = news(ada)
    assert np.prod(frame["x"]["!array"][1]) == analyzer.points
    monkeypatch.setattr(signals, "SWEEP_SECONDS", 0.0)
    number = frame["number"]
    for point in range(10):
        launcher.update_point.emit(point)
    ((_, frame),) = news(ada)
    assert frame["number"] == number + 10


# modules that come and go


@pytest.mark.usefixtures("lockbox_as_before")
def test_changes_are_reported_when_the_lockbox_is_replaced(rig, subscribe, ada, news):
    subscribe(ada, 1, "change", "lockbox")
    before = rig.launcher("lockbox")
    rig.pyrpl.lockbox.classname = "Linear"
    rig.until(lambda: connected(rig, "lockbox"), "the new lockbox's signals")
    assert ("lockbox", "classname", "Linear") in changes(news(ada))
    assert before is not rig.launcher("lockbox")
    assert before.receivers(before.update_attribute_by_name) == 0
    rig.pyrpl.lockbox.auto_lock = True
    assert ("lockbox", "auto_lock", True) in changes(news(ada))


@pytest.mark.usefixtures("lockbox_as_before")
def test_changes_of_an_inserted_stage_are_reported_and_of_a_removed_one_not(rig, subscribe, ada, news):
    subscribe(ada, 1, "change", "lockbox")
    sequence = rig.pyrpl.lockbox.sequence
    sequence.insert(0, {})
    path = rig.modules.path(sequence[0])
    rig.until(lambda: connected(rig, path), "the stage's signals")
    news(ada)
    sequence[0].gain_factor = 0.5
    assert ("lockbox.sequence[0]", "gain_factor", 0.5) in changes(news(ada))
    removed = rig.launcher(path)
    sequence.pop(0)
    rig.until(
        lambda: removed.receivers(removed.update_attribute_by_name) == 0, "the signals to be disconnected"
    )


@pytest.mark.usefixtures("lockbox_as_before")
def test_a_subscription_to_the_whole_board_goes_on_when_modules_change(rig, subscribe, ada, bob, news):
    subscribe(ada, 1, "change", "")
    for classname in ("Linear", "FabryPerot", "Lockbox"):
        rig.dispatcher.set(bob, "lockbox", "classname", classname)
        rig.until(lambda: connected(rig, "lockbox"), "the new lockbox's signals")
        assert ("lockbox", "classname", classname) in changes(news(ada))
    rig.pyrpl.rp.pid0.setpoint = 0.75
    assert ("rp.pid0", "setpoint", 0.75) in changes(news(ada))
