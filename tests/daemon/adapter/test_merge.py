"""What another program changed in a configuration file is taken over; what both changed is named."""

import copy
import math

import pytest

from pyrpl_remote.daemon.adapter.configuration.merge import ABSENT, merge

BASE = {"pid0": {"p": 1.0, "input": "in1"}, "lockbox": {"sequence": [1, 2]}, "laser": {"current": 5}}


def merged(ours: dict, theirs: dict):
    memory = copy.deepcopy(ours)
    return memory, merge(memory, ours, BASE, theirs)


@pytest.mark.parametrize(
    ("theirs", "taken"),
    [
        ({**BASE, "camera": {"gain": 3}}, ["camera"]),
        ({**BASE, "laser": {"current": 6}}, ["laser.current"]),
        ({**BASE, "laser": {"current": 5, "name": "red"}}, ["laser.name"]),
        ({**BASE, "lockbox": {"sequence": [1]}}, ["lockbox.sequence"]),
        ({name: BASE[name] for name in ("pid0", "lockbox")}, ["laser"]),
        (BASE, []),
    ],
    ids=["a new section", "a value", "a new value", "a list", "a removed section", "nothing"],
)
def test_what_only_they_changed_is_taken(theirs, taken):
    memory, result = merged(BASE, theirs)
    assert memory == theirs
    assert (result.taken, result.disputed) == (taken, [])


def test_what_only_we_changed_stays():
    ours = {**BASE, "pid0": {"p": 2.0, "input": "in1"}, "scope": {"duration": math.nan}}
    memory, result = merged(ours, BASE)
    assert memory == ours
    assert (result.taken, result.disputed) == ([], [])


def test_changes_of_both_in_one_section_are_merged():
    ours = {**BASE, "pid0": {"p": 2.0, "input": "in1"}}
    theirs = {**BASE, "pid0": {"p": 1.0, "input": "in2"}}
    memory, result = merged(ours, theirs)
    assert memory["pid0"] == {"p": 2.0, "input": "in2"}
    assert (result.taken, result.disputed) == (["pid0.input"], [])


def test_what_both_changed_stays_ours_and_is_named():
    ours = {**BASE, "pid0": {"p": 2.0, "input": "in1"}, "laser": {"current": 7}}
    theirs = {**BASE, "pid0": {"p": 3.0, "input": "in1"}}
    del theirs["laser"]
    memory, result = merged(ours, theirs)
    assert memory == ours
    assert result.disputed == [("pid0.p", 2.0, 3.0), ("laser", {"current": 7}, ABSENT)]


def test_the_same_change_of_both_is_no_dispute():
    both = {**BASE, "pid0": {"p": 2.0, "input": "in1"}, "new": {"x": math.nan}}
    memory, result = merged(both, copy.deepcopy(both))
    assert memory["pid0"] == both["pid0"]
    assert (result.taken, result.disputed) == ([], [])
