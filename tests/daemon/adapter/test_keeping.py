"""Whether a start keeps the FPGA as it is: that follows from the board's mark, and from what is asked for."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest

from pyrpl_remote.daemon.adapter.board.mark import Found, Mark, find, parsed
from pyrpl_remote.daemon.adapter.kept.keeping import Keeping

MARK = Mark("lab", "/home/ada/lab.yml", "ada@lab1", 1795868477.0, "1.0", "1795868000", 10**9)
MARKED, ALIVE, OTHER_GATEWARE = Found(MARK, alive=True), Found(alive=True), Found()


def keeping(name="lab", restore=None, found=MARKED, fileless=False, **parameters) -> Keeping:
    return Keeping(name, fileless, restore, found, parameters)


@pytest.mark.parametrize(
    ("asked", "keeps"),
    [
        ({}, True),
        ({"name": "other"}, False),
        ({"name": "10.0.0.7", "fileless": True}, True),
        ({"found": ALIVE}, False),
        ({"found": OTHER_GATEWARE}, False),
        ({"restore": "file"}, False),
        ({"restore": "registers", "name": "other"}, True),
        ({"restore": "registers", "found": ALIVE}, True),
        ({"restore": "registers", "found": OTHER_GATEWARE}, False),
        ({"reloadfpga": True}, False),
        ({"reloadfpga": "auto"}, True),
    ],
)
def test_an_fpga_is_kept_that_a_daemon_with_the_same_configuration_has_left(asked, keeps):
    assert keeping(**asked).keeps is keeps


def test_the_progress_says_what_is_kept_or_over_what_another_configuration_is_loaded():
    kept = keeping().text
    assert kept.startswith("keeping the FPGA as it is (configuration 'lab' of ada@lab1, 2026-11-28")
    other = keeping("other")
    assert other.text.startswith("loading the configuration 'other' over 'lab' of ada@lab1, 2026-11-28")
    assert other.marked
    assert keeping(found=ALIVE).text == ""


def test_nothing_to_keep_is_said(caplog):
    keeping(restore="registers", found=OTHER_GATEWARE)
    assert "there is nothing to keep" in caplog.text


def test_a_reload_that_was_asked_for_once_and_is_saved_does_not_reset_an_fpga_that_is_kept():
    assert keeping().parameters({"reloadfpga": True}) == {"reloadfpga": "auto"}
    assert keeping().parameters({"reloadfpga": False}) == {}
    assert keeping("other").parameters({"reloadfpga": True}) == {}


class Ssh:
    """A board's answers to commands."""

    def __init__(self, gateware: str, mark: str, loaded: str):
        self._answers = {"cat": f"{gateware} /opt/{gateware}/fpga.bin\n{mark}", "date": loaded}

    def exec_command(self, command: str, timeout: float) -> Any:
        return None, _Output(self._answers[command.split()[0]].encode()), None


class _Output:
    def __init__(self, text: bytes):
        self._text = text

    def read(self) -> bytes:
        return self._text


def test_a_mark_counts_as_long_as_the_gateware_is_the_one_that_it_was_written_for():
    text = json.dumps(asdict(MARK))
    assert find(Ssh("pyrpl", text, "1795868000\n")) == MARKED
    assert find(Ssh("pyrpl", text, "1795868009\n")) == ALIVE
    assert find(Ssh("v0.94", text, "1795868000\n")) == OTHER_GATEWARE
    assert find(Ssh("pyrpl", "cat: /tmp/pyrpl_remote.json: No such file or directory\n", "1\n")) == ALIVE


@pytest.mark.parametrize(
    "text", ["{", "{}", '{"configuration": 1}', '{"configuration": "lab", "cycles": "x"}']
)
def test_what_is_no_mark_is_none(text):
    assert parsed(text) is None


def test_a_mark_of_a_later_release_with_more_entries_can_be_read():
    assert parsed(json.dumps({**asdict(MARK), "more": 1})) == MARK
