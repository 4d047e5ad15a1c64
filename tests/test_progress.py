"""The line that says how far a start is: on a terminal it updates itself, elsewhere there is none."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from pyrpl_remote import progress
from pyrpl_remote.errors import BadParameter
from pyrpl_remote.progress import shown

from .screen import on_terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Python has no terminals for tests there")

STEPS = """
from pyrpl_remote.progress import shown
with shown({wanted}, "board lab") as report:
    report("importing PyRPL")
    report("compiling the virtual FPGA (40 %, about 15 s left)")
    report("compiling the virtual FPGA (42 %, about 14 s left)")
    {last}
"""


def steps(wanted: object = None, last: str = "") -> list[str]:
    return [sys.executable, "-c", STEPS.format(wanted=wanted, last=last)]


def test_on_a_terminal_each_step_overwrites_the_one_before_and_the_last_one_is_cleared():
    screen, code = on_terminal(steps())
    assert code == 0
    assert [text for text in dict.fromkeys(screen.shown) if text] == [
        "board lab: importing PyRPL ...",
        "board lab: compiling the virtual FPGA (40 %, about 15 s left) ...",
        "board lab: compiling the virtual FPGA (42 %, about 14 s left) ...",
    ]
    assert [line.strip() for line in screen.lines] == [""]


@pytest.mark.parametrize("columns", [1, 10, 30])
def test_a_narrow_terminal_shows_as_much_as_fits_in_one_line(columns):
    screen, code = on_terminal(steps(), columns)
    assert code == 0
    assert len(screen.lines) == 1
    assert "board lab: importing PyRPL ..."[: max(columns - 1, 1)].rstrip() in screen.shown


def test_a_terminal_that_does_not_tell_its_width_is_taken_for_a_usual_one():
    screen, _ = on_terminal(steps(), columns=0)
    assert "board lab: importing PyRPL ..." in screen.shown


def test_the_line_is_cleared_before_the_error_of_a_failed_start():
    screen, code = on_terminal(steps(last="raise SystemExit('no connection')"))
    assert code == 1
    assert [line.strip() for line in screen.lines] == ["no connection", ""]


@pytest.mark.parametrize(("wanted", "variable"), [(False, ""), (False, "1"), (None, "0"), (None, "off")])
def test_a_terminal_shows_nothing_where_that_is_switched_off(wanted, variable):
    screen, _ = on_terminal(steps(wanted), PYRPL_REMOTE_PROGRESS=variable)
    assert screen.lines == [""]


def test_a_program_without_a_terminal_is_silent():
    done = subprocess.run(steps(), capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_program_without_a_terminal_prints_each_step_once_where_that_is_switched_on(monkeypatch):
    expected = (
        "board lab: importing PyRPL ...\nboard lab: compiling the virtual FPGA (40 %, about 15 s left) ...\n"
    )
    assert subprocess.run(steps(wanted=True), capture_output=True, text=True).stderr == expected
    monkeypatch.setenv("PYRPL_REMOTE_PROGRESS", "yes")
    done = subprocess.run(steps(), capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("", expected)


def test_in_a_file_a_long_step_is_a_line_again_from_time_to_time(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.0)
    with shown(True, "board lab") as report:
        report("compiling the virtual FPGA (40 %, about 15 s left)")
        report("compiling the virtual FPGA (80 %, about 5 s left)")
    assert stream.getvalue() == (
        "board lab: compiling the virtual FPGA (40 %, about 15 s left) ...\n"
        "board lab: compiling the virtual FPGA (80 %, about 5 s left) ...\n"
    )


def test_a_function_gets_each_step_and_nothing_is_shown(monkeypatch):
    monkeypatch.setenv("PYRPL_REMOTE_PROGRESS", "1")
    reported: list[str] = []
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with shown(reported.append, "board lab") as report:
        report("importing PyRPL")
    assert reported == ["importing PyRPL"]
    assert sys.stderr.getvalue() == ""


class _OnlyWrites:
    def __init__(self):
        self.written = ""

    def write(self, text: str) -> None:
        self.written += text


def test_an_object_in_place_of_stderr_that_can_only_be_written_to_suffices(monkeypatch):
    stream = _OnlyWrites()
    monkeypatch.setattr(sys, "stderr", stream)
    with shown(True, "board lab") as report:
        report("importing PyRPL")
    assert stream.written == "board lab: importing PyRPL ...\n"


@pytest.mark.parametrize("stream", [None, _OnlyWrites(), io.StringIO()])
def test_a_stderr_that_is_no_terminal_of_any_kind_is_left_alone(monkeypatch, stream):
    monkeypatch.setattr(sys, "stderr", stream)
    with shown(None, "board lab") as report:
        report("importing PyRPL")
    assert not getattr(stream, "written", "")


class _Idle(io.StringIO):
    __module__ = "idlelib.run"

    def isatty(self) -> bool:
        return True


def test_idle_which_shows_a_carriage_return_as_a_letter_is_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "stderr", stream := _Idle())
    with shown(None, "board lab") as report:
        report("importing PyRPL")
    assert stream.getvalue() == ""


def test_a_closed_stderr_does_not_end_the_start(monkeypatch):
    stream = io.StringIO()
    stream.close()
    monkeypatch.setattr(sys, "stderr", stream)
    for wanted in (None, True):
        with shown(wanted, "board lab") as report:
            report("importing PyRPL")


@pytest.mark.parametrize("variable", ["2", "maybe"])
def test_a_variable_that_means_nothing_is_an_error_that_names_it(monkeypatch, variable):
    monkeypatch.setenv("PYRPL_REMOTE_PROGRESS", variable)
    with pytest.raises(BadParameter, match=f"PYRPL_REMOTE_PROGRESS.*{variable}"), shown(None, "board lab"):
        pass


@pytest.mark.parametrize("wanted", ["yes", 7])
def test_an_argument_that_means_nothing_is_an_error_that_names_it(wanted):
    with pytest.raises(BadParameter, match=f"progress={wanted!r}"), shown(wanted, "board lab"):
        pass
