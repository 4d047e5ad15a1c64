"""The completion of shells, as typer's script for bash asks for it."""

import time

import pytest

from ..daemons import fake_board
from ..processes import our_processes


@pytest.fixture(scope="module")
def p():
    """A board whose registers PyRPL simulates itself: no signal is needed here."""
    with fake_board("simulated") as p:
        yield p


@pytest.fixture
def complete(main, monkeypatch):
    """A function that returns what bash offers for the last of the words behind `pyrpl-remote`."""

    def ask(*words: str) -> list[str]:
        monkeypatch.setenv("_PYRPL_REMOTE_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", " ".join(["pyrpl-remote", *words]))
        monkeypatch.setenv("COMP_CWORD", str(len(words)))
        done = main()
        assert done.stderr == ""
        return done.stdout.split()

    return ask


def test_without_a_daemon_nothing_is_completed_and_none_is_started(complete):
    before = {process.pid for process in our_processes()}
    assert "status" in complete("st")
    assert complete("get", "") == []
    begin = time.monotonic()
    assert complete("get", "nosuch", "pid0.") == []
    assert time.monotonic() - begin < 10
    assert {process.pid for process in our_processes()} <= before


def test_boards_and_options_of_commands_are_completed(complete, p):
    assert complete("status", "sim") == ["simulated"]
    assert complete("stop", "") == ["simulated"]
    assert complete("get", "--js") == ["--json"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("get", "simulated", "pid"), {"pid0", "pid1", "pid2"}),
        (("get", "simulated", "pid0.setp"), {"pid0.setpoint"}),
        (("get", "simulated", "rp.pid0.setp"), {"rp.pid0.setpoint"}),
        (("set", "simulated", "lockbox.sequence[0].inp"), {"lockbox.sequence[0].input"}),
        (("call", "simulated", "scope.single"), {"scope.single", "scope.single_async"}),
        (("set", "simulated", "asg0.waveform", "s"), {"sin", "square"}),
        (("set", "simulated", "asg0.on", ""), {"true", "false"}),
        (("call", "simulated", "asg0.setup", "freq"), {"frequency="}),
        (("call", "simulated", "asg0.setup", "waveform", "=", "s"), {"sin", "square"}),
        (("call", "simulated", "asg0.setup", "amplitude", "=", "1", "waveform", "="), {"sin", "square"}),
        (("call", "simulated", "scope.single", "tim"), {"timeout="}),
    ],
)
def test_modules_attributes_methods_and_values_are_completed(complete, p, words, offered):
    found = set(complete(*words))
    assert offered <= found
    assert all(word.startswith(words[-1].strip("=")) for word in found)


def test_an_attribute_that_cannot_be_set_is_offered_for_reading_only(complete, p):
    assert complete("get", "simulated", "pid0.nam") == ["pid0.name"]
    assert complete("set", "simulated", "pid0.nam") == []


def test_completion_can_be_installed(command, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", "/bin/bash")
    # the shell is named: the tests may have been started by none
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    assert "complete_bash" in command("--show-completion", "bash").stdout
    shown = command("--help").stdout
    assert "--install-completion" in shown
