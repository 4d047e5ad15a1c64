"""The commands ls, status, stop, logs and serve, as a user types them."""

import json
import os
import signal
import subprocess
import sys

import psutil
import pytest
import typer

from pyrpl_remote import __version__, connect
from pyrpl_remote.cli import app

from ..processes import our_processes, wait_for_line, wait_until


@pytest.fixture
def served():
    """A board that is served from a terminal."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pyrpl_remote", "serve", "virtual"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    wait_for_line(process, "Ctrl-C ends it")
    yield process
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0


def test_without_boards_each_command_says_so(main):
    assert "no board is served" in main("ls").stdout
    assert "no board is served" in main("status").stdout
    assert main("ls", "--json").stdout.strip() == "[]"
    assert "no board is served" in main("stop", "--all").stdout


def test_an_unknown_board_is_an_error_with_a_remedy(main):
    for arguments in (("status", "nosuch"), ("stop", "nosuch"), ("logs", "nosuch")):
        done = main(*arguments)
        assert done.returncode == 1
        assert "UnknownBoard" in done.stderr
        assert "nosuch" in done.stderr
        assert "Traceback" not in done.stderr


def test_every_command_explains_itself_with_an_example(main):
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    assert "ls" in group.commands
    for name in group.commands:
        text = main(name, "--help").stdout
        assert f"pyrpl-remote {name}" in text, name


def test_the_help_shows_no_type_for_what_takes_no_value(main):
    for name in ("get", "call", "ls", "demo", "virtual-board"):
        text = main(name, "--help").stdout
        assert "--json" in text
        assert "bool" not in text.lower(), name
    assert "bool" not in main("--help").stdout.lower()


def test_the_version_is_printed(main):
    assert main("--version").stdout.strip() == f"pyrpl-remote {__version__}"


def test_status_json_names_the_clients_and_their_modules(main):
    with connect("virtual") as p:
        scope = p.rp.scope
        p.status()
        one = json.loads(main("status", "virtual", "--json").stdout)
        assert one["board"] == "virtual"
        assert one["state"] == "connected"
        assert psutil.pid_exists(one["daemon"]["pid"])
        assert one["daemon"]["started"] > 0
        (client,) = one["clients"]
        assert client["pid"] == os.getpid()
        assert client["modules"] == ["rp.scope"]
        assert client["user"]
        assert client["host"]
        assert client["program"]
        assert client["since"] > 0
        text = main("status", "virtual").stdout
        assert str(os.getpid()) in text
        assert "rp.scope" in text
        assert json.loads(main("ls", "--json").stdout)[0]["board"] == "virtual"
        assert "virtual" in main("ls").stdout
        assert scope is not None


def test_stop_ends_a_daemon_that_has_clients_and_its_log_remains(command):
    p = connect("virtual")
    pid = p.status()["daemon"]["pid"]
    done = command("stop", "virtual")
    assert done.stdout.strip() == "virtual: stopped", done.stderr
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    assert "starting board virtual" in command("logs", "virtual", "-n", "1000").stdout
    p.close()
    wait_until(lambda: not our_processes(), what="the end of all processes")


def test_a_board_served_from_a_terminal_runs_until_it_is_stopped(command, served):
    with connect("virtual") as p:
        assert p.status()["daemon"]["pid"] == served.pid
        assert p.status()["daemon"]["grace"] is None
    assert served.poll() is None
    again = command("serve", "virtual")
    assert again.returncode == 1
    assert "already served" in again.stderr
    done = command("stop", "--all")
    assert done.stdout.strip() == "virtual: stopped", done.stderr
    assert served.wait(20) == 0
