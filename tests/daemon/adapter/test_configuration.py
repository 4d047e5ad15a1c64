"""The configuration tree and another program that writes the same file: nothing is lost in silence."""

import logging
import os
import time
from pathlib import Path

import pytest
import yaml


@pytest.fixture
def file(pyrpl, tmp_path) -> Path:
    file = tmp_path / "lab.yml"
    file.write_text("pid0: {p: 1.0}\nlaser: {current: 5, name: red}\n")
    return file


@pytest.fixture
def tree(file):
    """The tree of the file, in memory; its timer never fires, as no event loop runs."""
    from pyrpl_remote.daemon.adapter.configuration.tree import SharedTree

    tree = SharedTree(str(file))
    yield tree
    tree._savetimer.stop()


def rewrite(file: Path, text: str, age: float = 10.0) -> None:
    """Write the file as another program does that finished `age` s ago."""
    file.write_text(text)
    written = time.time() - age
    os.utime(file, (written, written))


def on_disk(file: Path) -> dict:
    return yaml.safe_load(file.read_text())


def test_a_section_of_another_program_is_kept_when_the_tree_is_written(tree, file, caplog):
    tree["pid0"]["p"] = 2.0
    rewrite(file, "pid0: {p: 1.0}\nlaser: {current: 6, name: red}\ncamera: {gain: 3}\n")
    tree._write_to_file()
    assert on_disk(file) == {
        "pid0": {"p": 2.0}, "laser": {"current": 6, "name": "red"}, "camera": {"gain": 3},
    }  # fmt: skip
    assert tree["camera"]["gain"] == 3
    assert {"camera", "laser"} <= set(dir(tree))  # for completion
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


def test_reading_merges_a_changed_file_and_loses_nothing_that_was_not_saved_yet(tree, file):
    tree["pid0"]["p"] = 2.0
    rewrite(file, "pid0: {p: 1.0}\nlaser: {current: 7}\n")
    tree._lastreload -= 10
    assert tree["laser"]["current"] == 7
    assert "name" not in tree["laser"]
    assert tree["pid0"]["p"] == 2.0


def test_a_value_that_both_changed_stays_and_a_warning_names_it(tree, file, caplog):
    tree["pid0"]["p"] = 2.0
    tree["laser"]["password"] = "ours"
    rewrite(file, "pid0: {p: 3.0}\nlaser: {current: 5, name: red, password: theirs}\n")
    tree._write_to_file()
    assert on_disk(file)["pid0"] == {"p": 2.0}
    assert (
        "another program changed pid0.p to 3.0, which was changed here too: here it remains 2.0"
        in caplog.text
    )
    assert "laser.password" in caplog.text
    assert "theirs" not in caplog.text
    assert {record.name.partition(".")[0] for record in caplog.records} == {"pyrpl_remote"}


@pytest.mark.parametrize("text", ["laser: [", "- 1\n", ""], ids=["no YAML", "no section", "empty"])
def test_a_file_that_cannot_be_read_any_more_is_kept_aside(tree, file, caplog, text):
    tree["pid0"]["p"] = 2.0
    rewrite(file, text)
    tree._lastreload -= 10
    assert tree["laser"]["current"] == 5
    tree._write_to_file()
    assert on_disk(file) == {"pid0": {"p": 2.0}, "laser": {"current": 5, "name": "red"}}
    assert Path(f"{file}.unreadable").read_text() == text
    assert f"what the other program wrote is kept in {file}.unreadable" in caplog.text


def test_a_removed_file_is_written_again(tree, file, caplog):
    file.unlink()
    tree["pid0"]["p"] = 2.0
    tree._write_to_file()
    assert on_disk(file)["pid0"] == {"p": 2.0}
    assert "another program removed this file" in caplog.text


def test_a_file_that_another_program_may_be_writing_is_waited_for(tree, file):
    tree["pid0"]["p"] = 2.0
    rewrite(file, "pid0: {p: 1.0}\n", age=0.0)
    tree._write_to_file()
    assert on_disk(file) == {"pid0": {"p": 1.0}}
    assert tree._savetimer.isActive()
    # the last write cannot come later
    tree._settle()
    tree._write_to_file()
    assert on_disk(file) == {"pid0": {"p": 2.0}}


def test_a_file_that_cannot_be_written_is_a_warning_and_is_tried_again(tree, file, caplog):
    os.mkdir(f"{file}.tmp")
    tree["pid0"]["p"] = 2.0
    tree._write_to_file()
    assert f"{file} cannot be written" in caplog.text
    assert on_disk(file)["pid0"] == {"p": 1.0}
    assert tree._savetimer.isActive()
    os.rmdir(f"{file}.tmp")
    tree._write_to_file()
    assert on_disk(file)["pid0"] == {"p": 2.0}


def test_the_file_keeps_its_permissions_its_link_and_the_version_before(tree, file, tmp_path):
    from pyrpl_remote.daemon.adapter.configuration.tree import SharedTree

    file.chmod(0o640)
    link = tmp_path / "link.yml"
    link.symlink_to(file)
    linked = SharedTree(str(link))
    linked["pid0"]["p"] = 2.0
    linked._write_to_file()
    assert link.is_symlink()
    assert on_disk(file)["pid0"] == {"p": 2.0}
    assert file.stat().st_mode & 0o777 == 0o640
    assert on_disk(Path(f"{link}.bak"))["pid0"] == {"p": 1.0}


def test_nothing_is_written_within_a_block_that_may_be_undone(tree, file):
    tree._lastsave -= 10  # PyRPL writes at once what is saved so long after
    with tree._unsaved():
        tree["pid0"]["p"] = 9.0
        assert on_disk(file)["pid0"] == {"p": 1.0}
        tree["pid0"]["p"] = 2.0
    assert on_disk(file)["pid0"] == {"p": 2.0}
