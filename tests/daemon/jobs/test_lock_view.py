"""What the watch sees of PyRPL's lockbox: who did what, why it is not locked, what blocks it."""

import pytest

from pyrpl_remote.daemon.adapter.lockbox.lock_seen import StateSeen, StatusSeen
from pyrpl_remote.daemon.caller import Caller


@pytest.fixture
def lockbox(rig):
    """The lockbox as it is after a start, with one stage that locks the output at once."""
    lockbox = rig.pyrpl.lockbox
    lockbox.classname = "Linear"
    lockbox = rig.pyrpl.lockbox
    lockbox.sequence = [{"input": "input1", "setpoint": 0.0, "duration": 0.0}]
    lockbox.lockstatus_interval = 1.0
    yield lockbox
    rig.pyrpl.lockbox.unlock()
    rig.until(lambda: True)


@pytest.fixture
def seen():
    return []


@pytest.fixture
def holder():
    """For whom the lockbox acquires."""
    return [""]


@pytest.fixture
def view(rig, lockbox, seen, holder):
    from pyrpl_remote.daemon.adapter.lockbox.lockbox_view import LockboxView

    view = LockboxView(rig.pyrpl, rig.qt.asking, lambda: holder[0], seen.append)
    view.open()
    yield view
    view.close()


def states(seen):
    return [(one.state, one.who, one.asked) for one in seen if isinstance(one, StateSeen)]


def ask(rig, caller, path, name, *args, **kwargs):
    """Call a method for a client, as its request does."""
    reply = rig.requests.reply(caller, "call", [path, name, list(args), kwargs, 1], ())
    return reply


def lock(rig, lockbox):
    lockbox.lock_async()
    rig.until(lambda: lockbox.current_state == "lock_on", "the lock")


def test_a_client_that_unlocks_or_sweeps_is_named(rig, view, seen, lockbox, ada):
    ask(rig, ada, "lockbox", "sweep")
    assert states(seen)[-1] == ("sweep", ada.label, True)
    ask(rig, ada, "lockbox", "unlock")
    assert states(seen)[-1] == ("unlock", ada.label, True)
    assert view.blocker() == f"{ada.label} has unlocked it"
    seen.clear()
    lock(rig, lockbox)
    assert states(seen) == [(0, "", False), ("lock_on", "", False)]
    assert view.blocker() == ""


def test_a_client_that_unlocks_only_an_output_is_named(rig, view, seen, lockbox, ada):
    lock(rig, lockbox)
    seen.clear()
    output = next(iter(lockbox.outputs))
    ask(rig, ada, f"lockbox.outputs.{output.name}", "unlock")
    assert ada.label in view.blocker()
    (state,) = rig.until(lambda: [one for one in seen if isinstance(one, StateSeen)], "the output")
    assert (state.state, state.who, state.why) == ("unlock", ada.label, f"the output {output.name}: unlock")


def test_pyrpls_own_status_is_passed_on_with_what_was_measured_when_it_changes(rig, view, seen, lockbox):
    lockbox.is_locked_threshold = 10.0
    lock(rig, lockbox)
    lockbox.lockstatus_interval = 0.01
    view.restart_monitor()
    rig.until(lambda: sum(isinstance(one, StatusSeen) for one in seen) >= 3, "the status")
    stati = [one for one in seen if isinstance(one, StatusSeen) and one.state == "lock_on"]
    assert all(one.locked for one in stati)
    assert [one.measured is not None for one in stati] == [True] + [False] * (len(stati) - 1)
    first = stati[0].measured
    assert (first.stage, first.reason) == (0, "")
    assert first.error_mean == first.error_mean and first.output == first.output  # numbers
    seen.clear()
    lockbox.is_locked_threshold = 1e-9
    lockbox.sequence[0].setpoint = 5.0
    lost = rig.until(lambda: [one for one in seen if isinstance(one, StatusSeen) and not one.locked], "it")
    assert "is not in error interval" in lost[0].measured.reason
    assert "stage" not in lost[0].measured.reason


def test_the_interval_is_shorter_while_it_is_watched_and_the_users_own_is_saved(rig, lockbox, seen):
    from pyrpl_remote.daemon.adapter.lockbox.lockbox_view import INTERVAL, LockboxView

    saved = rig.pyrpl.c.lockbox
    view = LockboxView(rig.pyrpl, rig.qt.asking, str, seen.append)
    view.open()
    assert (lockbox.lockstatus_interval, saved["lockstatus_interval"]) == (INTERVAL, 1.0)
    view.close()
    assert lockbox.lockstatus_interval == 1.0
    view.open()
    lockbox.lockstatus_interval = 3.0  # the user's choice stays
    view.close()
    assert (lockbox.lockstatus_interval, saved["lockstatus_interval"]) == (3.0, 3.0)
    lockbox.lockstatus_interval = 0.1  # short enough
    view.open()
    assert lockbox.lockstatus_interval == 0.1
    view.close()
    assert lockbox.lockstatus_interval == 0.1


def test_what_others_do_blocks_the_watch(rig, view, lockbox, holder):
    assert view.blocker() == ""
    holder[0] = "ada"
    assert view.blocker() == "ada acquires on the lockbox"
    holder[0] = ""
    next(iter(lockbox.outputs)).sweep()
    assert "is swept" in view.blocker()
    lockbox.unlock()
    lockbox.auto_lock = True
    assert "auto_lock is on" in view.blocker()
    lockbox.auto_lock = False
    assert view.blocker() == ""


def test_a_lockbox_of_another_class_is_followed_on(rig, view, seen, ada):
    old = rig.pyrpl.lockbox
    rig.requests.reply(ada, "set", ["lockbox", "classname", "Interferometer"], ())
    (state,) = rig.until(lambda: [one for one in seen if isinstance(one, StateSeen) and one.why], "the class")
    assert rig.pyrpl.lockbox is not old
    assert (state.state, state.who) == ("unlock", ada.label)
    assert state.why == "the lockbox's class is Interferometer now"
    assert view.lockbox is rig.pyrpl.lockbox
    seen.clear()
    ask(rig, ada, "lockbox", "sweep")
    assert states(seen)[-1] == ("sweep", ada.label, True)


def test_a_monitor_that_an_error_has_ended_is_started_again(rig, view, seen, lockbox, caplog, monkeypatch):
    lock(rig, lockbox)
    fails = [True]
    original = type(lockbox).is_locked

    def is_locked(self, *args, **kwargs):
        if fails[0]:
            raise RuntimeError("a user's own class")
        return original(self, *args, **kwargs)

    monkeypatch.setattr(type(lockbox), "is_locked", is_locked)
    view.restart_monitor()
    rig.until(lambda: lockbox._monitor_lock_status_task.done(), "the end of the monitor")
    for _ in range(3):
        view.ensure_monitor()
        rig.until(lambda: lockbox._monitor_lock_status_task.done(), "the end of the monitor")
    assert caplog.text.count("a user's own class") == 1
    fails[0] = False
    seen.clear()
    view.ensure_monitor()
    rig.until(lambda: any(isinstance(one, StatusSeen) for one in seen), "the status")


def test_a_client_without_a_session_may_read_the_history_and_only_operators_start_a_watch(rig):
    from pyrpl_remote.errors import AccessDenied
    from pyrpl_remote.protocol import Role

    observer = Caller(None, "status")
    assert isinstance(rig.requests.wait(observer, "lock_history", [None, None])["events"], list)
    viewer = Caller("v", "viewer", role=Role.VIEWER)
    with pytest.raises(AccessDenied):
        viewer.require("start_job")
