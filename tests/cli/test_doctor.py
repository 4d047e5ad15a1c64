"""The command doctor, as a user types it."""

import io
import json
import sys

import pytest

from pyrpl_remote import cli

from ..environment import free_port

TITLES = [
    *("name resolved", "reachable", "SSH", "password", "OS version", "gateware", "monitor port", "registers"),
    *("name server", "daemon", "folders", "extras", "Qt", "versions"),
]


def test_a_board_in_order_is_one_line_a_check_and_the_exit_code_is_0(main, board):
    done = main("doctor", board.host, "--sshport", str(board.ssh_port), "--port", str(board.monitor_port))
    lines = done.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == [f"\N{CHECK MARK} {title}" for title in TITLES]
    assert (done.returncode, done.stderr) == (0, "")


def test_the_first_failure_has_its_remedy_and_the_rest_a_reason(main):
    done = main("doctor", "127.0.0.1", "--sshport", str(free_port()))
    lines = done.stdout.splitlines()
    failed = lines.index(next(line for line in lines if line.startswith("\N{BALLOT X}")))
    assert lines[failed].startswith("\N{BALLOT X} SSH: 127.0.0.1 accepts no connection at port")
    assert lines[failed + 1].startswith("    -> ")
    assert lines[failed + 2] == "- password: skipped, because it needs the check 'SSH', which failed"
    assert lines[-1].startswith("\N{CHECK MARK} versions: pyrpl_remote")
    assert done.returncode == 1


def test_json_has_every_check_in_order(main):
    done = main("doctor", "no-such-board.invalid", "--json")
    found = json.loads(done.stdout)
    assert [check["check"] for check in found["checks"]] == TITLES
    assert (found["ok"], done.returncode) == (False, 1)
    assert found["checks"][0]["outcome"] == "failed"
    assert found["checks"][0]["remedy"]
    assert set(found["checks"][0]) == {"board", "check", "outcome", "text", "remedy", "failure"}


def test_without_a_name_this_machine_is_checked(main):
    found = json.loads(main("doctor", "--json").stdout)
    assert [check["check"] for check in found["checks"]] == [TITLES[8], *TITLES[10:]]
    assert found["ok"] is True


def test_an_option_needs_a_board(main):
    done = main("doctor", "--sshport", "2022")
    assert done.returncode == 1
    assert "--sshport" in done.stderr


def test_an_output_that_has_no_tick_gets_words(main, monkeypatch):
    output = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "argv", ["pyrpl-remote", "doctor"])
    monkeypatch.setattr(sys, "stdout", output)
    with pytest.raises(SystemExit):
        cli.main()
    output.seek(0)
    lines = output.read().splitlines()
    assert lines[0].startswith(f"ok {TITLES[8]}: ")
