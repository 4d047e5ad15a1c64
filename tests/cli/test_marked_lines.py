"""Ticks and colours before the lines of a demonstration, where they can be shown."""

import io

import pytest

from pyrpl_remote.cli.marked_lines import MarkedLines

GREEN, RED, PLAIN = "\x1b[1;32m", "\x1b[1;31m", "\x1b[0m"


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def shown(monkeypatch):
    """A function that returns what three lines are on a stream, in that encoding."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")

    def lines(stream: type[io.TextIOWrapper], encoding: str = "utf-8") -> list[str]:
        written = io.BytesIO()
        marked = MarkedLines(stream(written, encoding))
        marked.say("the daemon runs", True)
        marked.say("status: a.py [1] holds :x: " + "and " * 30)
        marked.say("the daemon has NOT ended", False)
        return written.getvalue().decode(encoding).splitlines()

    return lines


def test_a_terminal_shows_a_green_tick_or_a_red_cross_and_long_lines_whole(shown):
    assert shown(Terminal) == [
        f"{GREEN}✓{PLAIN} the daemon runs",
        "  status: a.py [1] holds :x: " + "and " * 30,
        f"{RED}✗{PLAIN} the daemon has NOT ended",
    ]


def test_a_file_has_the_text_alone(shown):
    assert shown(io.TextIOWrapper) == [
        "the daemon runs",
        "status: a.py [1] holds :x: " + "and " * 30,
        "the daemon has NOT ended",
    ]


def test_no_color_is_obeyed(shown, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    first, _, last = shown(Terminal)
    assert (first.replace("\x1b[1m", "").replace(PLAIN, ""), last.count("✗")) == ("✓ the daemon runs", 1)
    assert GREEN not in first and RED not in last


def test_a_console_without_ticks_gets_words(shown):
    first, middle, last = shown(Terminal, "cp1252")
    assert first == f"{GREEN}ok{PLAIN} the daemon runs"
    assert middle.startswith("   status: ")
    assert last == f"{RED}no{PLAIN} the daemon has NOT ended"
