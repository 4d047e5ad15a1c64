"""`panel`, and what else makes Qt's application, where Qt cannot show windows and would abort the process."""

import os
import sys

import pytest

from pyrpl_remote.doctor import machine
from pyrpl_remote.doctor.target import Target
from pyrpl_remote.machine.qt_windows import PLATFORM, no_windows

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there always is a screen")

NO_SCREEN = {}
DEAD = {"DISPLAY": ":77"}
"""A screen that does not answer; where Qt's plugin for X lacks a library, that is what Qt notices first."""

SAID_OF_DEAD = ("DISPLAY=:77 does not answer", "Qt's windows need a library of the system: libx")


@pytest.fixture
def screen(monkeypatch):
    """A function that sets the variables by which Qt finds its screen."""

    def choose(variables):
        for name in ("DISPLAY", "WAYLAND_DISPLAY", PLATFORM):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return choose


@pytest.mark.parametrize(
    ("variables", "said"), [(NO_SCREEN, ("there is no screen",)), (DEAD, SAID_OF_DEAD)], ids=["none", "dead"]
)
def test_the_panel_says_why_it_cannot_show_its_window_and_what_to_do(main, screen, variables, said):
    screen(variables)
    done = main("panel")
    assert done.returncode == 1
    assert any(text in " ".join(done.stderr.split()) for text in said)
    assert "ssh -X" in done.stderr or "apt-get install" in done.stderr


def test_what_qt_says_of_an_unknown_kind_of_screen_is_passed_on(screen):
    screen({PLATFORM: "nonsense"})
    reason, _ = no_windows() or ("", "")
    assert 'the Qt platform plugin "nonsense"' in reason


def test_a_kind_that_needs_no_screen_is_no_problem(screen):
    screen({PLATFORM: "offscreen"})
    assert no_windows() is None


def test_a_daemon_does_without_a_screen_that_does_not_answer(screen, caplog):
    from pyrpl_remote.daemon.adapter.starting.pyrpl_import import choose_screen

    screen(DEAD)
    choose_screen()
    assert os.environ[PLATFORM] == "offscreen"
    assert "PyRPL's own window cannot be shown" in caplog.text


def test_doctor_says_whether_windows_can_be_shown(screen):
    screen(NO_SCREEN)
    found = machine.qt(Target(""))
    assert (found.outcome, "there is no screen" in found.text) == ("ok", True)
