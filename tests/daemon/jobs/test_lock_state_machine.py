"""What the watch of a lock concludes from what it sees, and when it may take the lock again."""

import pytest

from pyrpl_remote.daemon.jobs.locks.state_machine import LONGEST_PAUSE, Found, LockMachine, Phase
from pyrpl_remote.lock_history import LockEvent

LOCKED, OPEN, UNLOCKED = Found("lock_on", True), Found("lock_on", False), Found("unlock", False)


def kinds(events):
    return [event.kind for event in events]


@pytest.fixture
def machine():
    """A machine that has watched a lock since the time 0, and gives up after 3 attempts, 30 s apart."""
    machine = LockMachine(3, 30.0)
    machine.begin(LOCKED, 0.0, "ada")
    return machine


def fail(machine, now):
    machine.attempt_begins(now)
    return machine.attempt_ended(False, "it is dark", now + 1)


def test_a_watch_starts_with_what_it_finds():
    for found, expected, phase in (
        (LOCKED, ["watch started", "locked"], Phase.LOCKED),
        (UNLOCKED, ["watch started"], Phase.OFF),
        (OPEN, ["watch started"], Phase.LOST),
        (Found(0, False), ["watch started"], Phase.ACQUIRING),
    ):
        machine = LockMachine(3, 30.0)
        assert (kinds(machine.begin(found, 0.0, "ada")), machine.phase) == (expected, phase)


def test_a_loss_is_named_with_how_long_the_lock_held_and_is_taken_again_at_once(machine):
    (lost,) = machine.status(False, "lock_on", 100.0, "reflection is 0.5 V")
    assert (lost.kind, lost.duration, lost.reason) == ("lost", 100.0, "reflection is 0.5 V")
    assert (machine.phase, machine.pause) == (Phase.LOST, 0.0)
    assert machine.status(False, "lock_on", 100.5, "reflection is 0.5 V") == []
    machine.attempt_begins(101.0)
    # the stages of its own sequence are no news
    assert machine.state_changed(0, "", 101.0, asked=False) == machine.status(False, 0, 101.2) == []
    assert machine.state_changed("lock_on", "", 101.5, asked=False) == []
    (relocked,) = machine.attempt_ended(True, "", 102.0)
    assert (relocked.kind, relocked.attempt, relocked.duration) == ("relocked", 1, 1.0)
    assert machine.status(True, "lock_on", 102.5) == []


def test_the_pauses_between_attempts_grow_and_it_gives_up_after_the_last(machine):
    machine.status(False, "lock_on", 100.0)
    pauses = []
    for number in (1, 2):
        (attempt,) = fail(machine, 100.0 + number)
        pauses.append(machine.pause)
        assert (attempt.kind, attempt.attempt, attempt.reason) == ("attempt", number, "it is dark")
    assert pauses == [30.0, 60.0]
    assert kinds(fail(machine, 300.0)) == ["attempt", "given up"]
    assert machine.phase is Phase.GIVEN_UP
    assert machine.status(False, "lock_on", 301.0) == []
    # it is not blind: somebody locks it
    assert machine.state_changed(0, "bob", 400.0, asked=False) == []
    (locked,) = machine.status(True, "lock_on", 401.0)
    assert (locked.kind, locked.who) == ("locked", "bob")
    machine.status(False, "lock_on", 402.0)
    fail(machine, 403.0)
    assert machine.pause == 30.0


def test_without_a_limit_it_never_gives_up_and_the_pause_has_a_longest():
    machine = LockMachine(None, 30.0)
    machine.begin(OPEN, 0.0, "ada")
    for number in range(2000):
        fail(machine, float(number))
    assert (machine.phase, machine.pause) == (Phase.LOST, LONGEST_PAUSE)


def test_a_lock_that_does_not_last_is_taken_again_after_growing_pauses(machine):
    machine.status(False, "lock_on", 100.0)
    pauses, now = [], 100.0
    for _ in range(4):
        machine.attempt_begins(now)
        machine.attempt_ended(True, "", now + 1)
        machine.status(False, "lock_on", now + 2)
        pauses.append(machine.pause)
        now += 10
    assert pauses == [30.0, 60.0, 120.0, 240.0]
    machine.attempt_begins(now)
    machine.attempt_ended(True, "", now + 1)
    machine.status(False, "lock_on", now + 32)  # it held for the pause
    assert machine.pause == 0.0


@pytest.mark.parametrize("state", ["unlock", "sweep"])
def test_who_unlocks_on_purpose_is_named_and_nothing_is_taken_again(machine, state):
    (event,) = machine.state_changed(state, "bob", 50.0)
    assert (event.kind, event.who, event.duration) == ("unlocked", "bob", 50.0)
    assert machine.status(False, "lock_on", 51.0) == machine.status(False, state, 52.0) == []
    assert machine.phase is Phase.OFF
    machine.state_changed(0, "bob", 60.0, asked=False)
    (locked,) = machine.status(True, "lock_on", 61.0)
    assert (locked.kind, locked.who) == ("locked", "bob")


def test_an_unlock_during_an_attempt_ends_it(machine):
    machine.status(False, "lock_on", 100.0)
    machine.attempt_begins(100.0)
    # a user's own sequence may unlock on its way
    assert machine.state_changed("unlock", "", 100.1, asked=False) == []
    assert kinds(machine.state_changed("unlock", "bob", 100.2)) == ["unlocked"]
    assert machine.attempt_ended(False, "cancelled", 100.3) == []
    assert machine.phase is Phase.OFF


def test_a_sequence_of_somebody_else_that_fails_is_an_attempt_of_theirs(machine):
    (event,) = machine.state_changed(0, "bob", 50.0, asked=False)
    assert (event.kind, event.duration) == ("unlocked", 50.0)
    (attempt,) = machine.status(False, "lock_on", 52.0, "dark")
    assert (attempt.kind, attempt.attempt, attempt.who, attempt.duration) == ("attempt", 0, "bob", 2.0)
    assert machine.phase is Phase.LOST


def test_pyrpls_own_auto_lock_does_not_fill_the_history(machine):
    machine.status(False, "lock_on", 10.0, auto_lock=True)
    for now in range(20, 30):
        assert machine.state_changed(0, "", now, asked=False) == []
        assert machine.status(False, "lock_on", now + 0.5, auto_lock=True) == []


def test_a_lock_that_comes_back_by_itself_is_left_alone(machine):
    machine.status(False, "lock_on", 100.0)
    (event,) = machine.is_back(100.1)
    assert (event.kind, event.reason) == ("locked", "it came back by itself")
    assert machine.phase is Phase.LOCKED


@pytest.mark.parametrize(
    ("last", "found", "kept", "expected", "phase"),
    [
        ("relocked", LOCKED, True, ["daemon restarted", "locked"], Phase.LOCKED),
        ("locked", OPEN, True, ["daemon restarted", "lost"], Phase.LOST),
        ("locked", UNLOCKED, True, ["daemon restarted", "unlocked"], Phase.OFF),
        ("locked", UNLOCKED, False, ["daemon restarted", "lost"], Phase.LOST),
        ("attempt", OPEN, True, ["daemon restarted"], Phase.LOST),
        ("lost", UNLOCKED, False, ["daemon restarted"], Phase.LOST),
        ("given up", OPEN, True, ["daemon restarted"], Phase.GIVEN_UP),
        ("unlocked", UNLOCKED, False, ["daemon restarted"], Phase.OFF),
        ("unlocked", LOCKED, True, ["daemon restarted", "locked"], Phase.LOCKED),
        ("watch started", UNLOCKED, True, ["daemon restarted"], Phase.OFF),
    ],
)
def test_the_next_daemon_goes_on_from_the_history(last, found, kept, expected, phase):
    machine = LockMachine(3, 30.0)
    events = machine.resume(LockEvent(900.0, last), found, 1000.0, 60.0, kept)
    assert (kinds(events), machine.phase) == (expected, phase)
    assert events[0].duration == 60.0


def test_a_board_that_is_away_is_not_a_loss_until_it_is_back(machine):
    (away,) = machine.board_lost("reconnecting: no reply", 100.0)
    assert (away.kind, away.duration, machine.phase) == ("board lost", 100.0, Phase.AWAY)
    assert machine.board_lost("reconnecting: refused", 101.0) == []
    assert machine.status(False, "lock_on", 101.0) == machine.state_changed("unlock", "bob", 102.0) == []
    back, locked = machine.board_back("", LOCKED, 110.0)
    assert (back.kind, back.duration, locked.reason) == ("board back", 10.0, "it is still locked")
    machine.board_lost("power", 120.0)
    back, lost = machine.board_back("the board was restarted", OPEN, 150.0)
    assert (lost.kind, machine.phase, machine.pause) == ("lost", Phase.LOST, 0.0)
    assert "the board was restarted" in lost.reason
    machine.attempt_begins(151.0)
    assert kinds(machine.board_lost("power", 152.0)) == ["board lost"]
    assert machine.attempt_ended(False, "lost", 152.0) == []
    assert kinds(machine.board_back("", OPEN, 160.0)) == ["board back"]
    assert machine.phase is Phase.LOST


def test_the_end_of_the_watch_says_how_long_the_lock_had_held(machine):
    (event,) = machine.end(50.0, "ada")
    assert (event.kind, event.duration, event.who) == ("watch ended", 50.0, "ada")
