"""The journal of a configuration: a killed daemon loses no change, and an old journal changes nothing."""

import json
import logging
import os
import time
from pathlib import Path

import numpy as np
import pytest
import yaml

TEXT = "pid0: {p: 1.0, output: off}\nlaser: {current: 5, name: red}\nlist: [{a: 1, b: [2, 3]}, {a: 4}]\n"


@pytest.fixture
def file(pyrpl, tmp_path) -> Path:
    file = tmp_path / "lab.yml"
    file.write_text(TEXT)
    return file


@pytest.fixture
def tree(file):
    """The tree of the file in a daemon; no event loop runs, so its timers never fire."""
    return new_tree(file)


def new_tree(file: Path):
    from pyrpl_remote.daemon.adapter.configuration.tree import SharedTree

    return SharedTree(str(file))


def journal(file: Path) -> Path:
    return Path(f"{file}.journal")


def after_kill(tree, file: Path) -> dict:
    """What a new daemon finds after the one with `tree` was killed."""
    tree._changes.write_journal()
    return as_saved(new_tree(file))


def as_saved(tree) -> dict:
    from pyrpl.memory import save

    return yaml.safe_load(save(tree._data))


def set_item(tree):
    tree["pid0"]["p"] = 2.0


def replace_branch(tree):
    tree["laser"] = {"power": {"low": 1, "high": [1, 2]}, "new": True}
    tree["laser"]["power"]["low"] = 7


def change_in_list(tree):
    tree["list"][1]["a"] = 5
    tree["list"][0]["b"] = [1.5, {"deep": "er"}]


def shorten_list(tree):
    tree["list"][1]["a"] = 5
    tree["list"]._pop(0)


def update(tree):
    tree["laser"]._update({"name": "blue", "nested": {1: "one", "two": 2}})


def remove(tree):
    tree["laser"]._pop("name")
    tree["pid0"]._erase()


def rename(tree):
    tree["laser"]._rename("diode")
    tree["diode"]["current"] = 6


def replace_by_text(tree):
    tree["laser"]._set_yml("current: 8\nmodes: [a, b]\n")


def make_branches(tree):
    tree._get_or_create("one.two.three")["four"] = None
    tree["dotted"] = {}
    tree["dotted.name"] = "x"


def make_list(tree):
    tree["states"] = {}
    tree["states"]._get_or_create(0)["x"] = 1
    tree["states"]._get_or_create(1)["x"] = 2


def odd_values(tree):
    tree["iir"] = {"poles": [1 + 2j, -3.5], "data": 0}
    tree["iir"]["data"] = np.array([1.0, 2.5])
    tree["iir"]["gain"] = np.float64(0.1)
    tree["iir"]["z"] = 2j
    tree["iir"]["bound"] = float("inf")
    tree["iir"]["text"] = "é\n: \ud83d\ude00 '"
    tree[5] = {"a": -0.5e-12}


def same_again(tree):
    tree["pid0"]["p"] = 2.0
    tree._changes.write_journal()
    tree["pid0"]["p"] = 1.0


CHANGES = [
    set_item, replace_branch, change_in_list, shorten_list, update, remove, replace_by_text, make_branches,
    make_list, odd_values, rename, same_again,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_killed_daemon_loses_no_change(tree, file, change):
    change(tree)
    assert after_kill(tree, file) == as_saved(tree)
    assert file.read_text() == TEXT


def test_all_changes_survive_kill_after_kill_and_are_then_in_the_file(file, caplog):
    caplog.set_level(logging.INFO)
    for change in CHANGES[:-1]:
        tree = new_tree(file)
        change(tree)
        tree._changes.write_journal()
    last = new_tree(file)
    assert as_saved(last) == as_saved(tree)
    assert f"{file}: its last changes were not saved" in caplog.text
    assert f"they are taken from the journal {journal(file)}" in caplog.text
    last._write_to_file()
    assert yaml.safe_load(file.read_text()) == as_saved(last)
    assert not journal(file).exists()


def test_nothing_is_written_where_nothing_changed(tree, file):
    tree["pid0"]["p"] = 1.0
    tree["laser"]["name"] = "red"
    assert tree["pid0"]["p"] == 1.0
    tree._changes.write_journal()
    assert not journal(file).exists()


def test_what_changed_in_one_request_is_one_line_for_each_entry(tree, file):
    tree["pid0"]["p"] = 2.0
    tree["pid0"]["p"] = 3.0
    tree["laser"] = {"name": "blue"}
    tree._changes.write_journal()
    header, *lines = map(json.loads, journal(file).read_text().splitlines())
    assert header["file"] == "lab.yml"
    assert lines == [[["pid0", "p"], 3.0], [["laser"], {"name": "blue"}]]


@pytest.mark.parametrize("cut", [1, 5, 12])
def test_a_line_that_a_kill_cut_off_is_left_out_and_the_journal_goes_on(tree, file, cut):
    tree["pid0"]["p"] = 2.0
    tree._changes.write_journal()
    tree["laser"]["name"] = "blue"
    tree._changes.write_journal()
    os.truncate(journal(file), journal(file).stat().st_size - cut)
    again = new_tree(file)
    assert again["pid0"]["p"] == 2.0
    # without its line end the last line is whole
    assert again["laser"]["name"] == ("blue" if cut == 1 else "red")
    again["laser"]["current"] = 9
    assert after_kill(again, file)["laser"]["current"] == 9


def test_a_kill_between_the_file_and_the_end_of_the_journal_applies_nothing_twice(tree, file):
    from pyrpl_remote.daemon.adapter.configuration.tree import write_whole

    tree["pid0"]["p"] = 2.0
    tree._changes.write_journal()
    text = "pid0: {p: 2.0}\nother: 1\n"
    tree._changes.about_to_save(text)
    assert as_saved(new_tree(file))["pid0"]["p"] == 2.0  # killed before
    tree._changes.about_to_save(text)
    write_whole(str(file), text)
    assert as_saved(new_tree(file)) == {"pid0": {"p": 2.0}, "other": 1}  # killed after


def test_a_journal_of_an_older_state_is_not_used_but_kept(tree, file, caplog):
    tree["pid0"]["p"] = 2.0
    tree._changes.write_journal()
    later = time.time() + 5
    file.write_text("pid0: {p: 7.0}\n")
    os.utime(file, (later, later))
    again = new_tree(file)
    assert as_saved(again) == {"pid0": {"p": 7.0}}
    assert f"{file} is newer than its journal" in caplog.text
    assert '[["pid0","p"],2.0]' in Path(f"{journal(file)}.unused").read_text()
    again["laser"] = {"current": 1}
    assert after_kill(again, file) == {"pid0": {"p": 7.0}, "laser": {"current": 1}}


def test_a_journal_of_another_file_is_not_used(tree, file):
    tree["pid0"]["p"] = 2.0
    tree._changes.write_journal()
    other = file.with_name("other.yml")
    other.write_text(TEXT)
    journal(file).rename(journal(other))
    assert new_tree(other)["pid0"]["p"] == 1.0


def test_what_another_program_wrote_before_a_change_is_kept_too(tree, file):
    tree["pid0"]["p"] = 2.0
    tree._changes.write_journal()
    file.write_text(TEXT + "camera: {gain: 3}\n")
    os.utime(file, (time.time() - 10,) * 2)
    assert as_saved(new_tree(file))["camera"] == {"gain": 3}
    tree._lastreload -= 10
    assert tree["camera"]["gain"] == 3  # this merges
    now = time.time() + 5
    os.utime(file, (now, now))
    assert after_kill(tree, file) == as_saved(tree)
    assert as_saved(tree)["pid0"]["p"] == 2.0


def test_a_change_that_may_be_undone_is_not_in_the_journal(tree, file):
    with tree._unsaved():
        tree["pid0"]["p"] = 9.0
        tree._changes.write_journal()
        assert not journal(file).exists()
        tree["pid0"]["p"] = 1.5
    assert after_kill(tree, file)["pid0"]["p"] == 1.5


def test_only_those_who_may_read_the_file_may_read_its_journal(tree, file):
    file.chmod(0o600)
    tree["redpitaya"] = {"password": "secret"}
    tree._changes.write_journal()
    assert journal(file).stat().st_mode & 0o777 == 0o600


def test_without_its_folder_the_journal_is_in_the_folder_for_logs(tree, file, caplog):
    from pyrpl_remote import settings

    tree["pid0"]["p"] = 2.0
    tree._changes.write_journal()
    folder, away = file.parent, file.parent.with_name("away")
    folder.rename(away)
    tree._write_to_file()
    status = tree._changes.saving.status
    assert status.state == "failing"
    assert f"{file} cannot be written: No such file or directory" in status.reason
    tree["pid0"]["output"] = "out1"
    tree._changes.write_journal()
    assert len(list(settings.state_dir().glob("lab.yml-*.journal"))) == 1
    away.rename(folder)
    again = new_tree(file)
    assert again["pid0"]["p"] == 2.0
    assert again["pid0"]["output"] == "out1"
    again["pid0"]["p"] = 3.0
    assert after_kill(again, file)["pid0"]["p"] == 3.0
    tree._write_to_file()
    assert tree._changes.saving.status.state == "ok"
    assert list(settings.state_dir().glob("lab.yml-*.journal")) == []
    assert not journal(file).exists()


def test_a_configuration_that_cannot_be_saved_at_all_says_so(tree, file, monkeypatch, caplog):
    monkeypatch.setenv("PYRPL_REMOTE_DIR", "/dev/null/state")
    states = []
    tree._changes.saving.changed = states.append
    journal(file).mkdir()
    tree["pid0"]["p"] = 2.0
    tree._changes.write_journal()
    tree._changes.write_journal()
    (failing,) = states
    assert failing.state == "failing"
    assert f"the journal of {file} cannot be written: Is a directory" in failing.reason
    tree._write_to_file()  # this may work all the same
    assert states[-1].state == "ok"
    assert yaml.safe_load(file.read_text())["pid0"]["p"] == 2.0
