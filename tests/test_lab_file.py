"""lab.toml: what it may have, that it is saved whole, and that everything that starts a board reads it."""

from __future__ import annotations

from typing import Any

import pytest

from pyrpl_remote import connect, lab_file, settings, status
from pyrpl_remote.client.connect import board_of
from pyrpl_remote.errors import BadParameter, ConfigurationError
from pyrpl_remote.lab import LabFile, check, configuration, path, save


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    """The file of each test; it does not exist yet, and no variable says what it would say."""
    monkeypatch.setenv("PYRPL_REMOTE_LAB", str(tmp_path / "new folder" / "lab.toml"))
    monkeypatch.delenv("PYRPL_REMOTE_GRACE", raising=False)
    return path()


def test_without_a_file_the_configuration_is_empty(file):
    assert configuration() == LabFile() and not file.exists()
    assert lab_file.grace_seconds("lab") == settings.GRACE_SECONDS
    assert lab_file.metrics_port("lab") == 0 and lab_file.gateware("lab") == settings.SAY


def test_what_was_saved_is_read_again(file):
    boards: dict[str, dict[str, Any]] = {
        "lab": {"hostname": "rp-f08d6c.local", "sshport": 22},
        "Höhle 2": {"gateware": "restore"},
        "x": {},
    }
    content = LabFile({"grace": 30.5}, boards, {"board": "lab", "limit": 5.0})
    save(content)
    assert configuration() == content
    assert list(file.parent.iterdir()) == [file]


def test_a_boards_own_entry_has_priority_over_the_common_one_and_the_environment_over_both(monkeypatch):
    save(LabFile({"grace": 30, "gateware": "restore"}, {"lab": {"grace": 60, "metrics": 9101}}))
    assert lab_file.grace_seconds("lab") == 60 and lab_file.grace_seconds("other") == 30
    assert lab_file.gateware("lab") == "restore" and lab_file.metrics_port("lab") == 9101
    monkeypatch.setenv("PYRPL_REMOTE_GRACE", "3")
    monkeypatch.setenv("PYRPL_REMOTE_METRICS", "9000")
    assert lab_file.grace_seconds("lab") == 3 and lab_file.metrics_port("lab") == 9000


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[boards.lab]\nhostnam = 'a'", "did you mean 'hostname'"),
        ("[boards.lab]\npassword = 'secret'", "PyRPL keeps it in its own file"),
        ("[common]\ngrace = -1", "not negative"),
        ("[common]\ngateware = 'perhaps'", "'say' or 'restore'"),
        ("[boards.lab]\nmetrics = 70000", "from 1 to 65535"),
        ("[board.lab]\n", "did you mean 'boards'"),
        ("boards = 3", "no section"),
        ("[boards]\nlab = 3", "[boards.lab]"),
        ("[common\n", "cannot be read"),
    ],
)
def test_a_malformed_file_is_an_error_that_names_it_and_nothing_is_started(file, text, words):
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        connect("lab")
    assert str(file) in caught.value.message and words in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [("hostname", "http://rp"), ("sshport", 0), ("user", "a\nb"), ("plant", ""), ("grace", "soon")],
)
def test_an_invalid_entry_is_refused_and_the_file_remains_as_it_was(file, key, value):
    save(LabFile(boards={"lab": {"hostname": "rp"}}))
    with pytest.raises(BadParameter):
        check("boards", key, value)
    with pytest.raises(BadParameter):
        save(LabFile(boards={"lab": {key: value}}))
    assert configuration().boards == {"lab": {"hostname": "rp"}}


def test_a_board_is_where_the_file_says_unless_the_call_names_another_one():
    save(LabFile(boards={"lab": {"hostname": "rp-a.local", "sshport": 2022}, "test": {"plant": "cavity"}}))
    wanted, parameters = board_of("lab", {})
    assert (wanted.hostname, wanted.sshport) == ("rp-a.local", 2022)
    assert parameters == {"hostname": "rp-a.local", "sshport": 2022}
    assert board_of("lab", {"sshport": 22})[1]["sshport"] == 22
    assert board_of("lab", {"hostname": "rp-b.local"})[1] == {"hostname": "rp-b.local"}
    assert board_of("lab", {}, "daq2")[1] == {}
    assert board_of("test", {"hostname": "virtual"})[1] == {"hostname": "virtual", "plant": "cavity"}


def test_connect_and_the_command_line_start_a_board_as_the_file_says(command):
    save(LabFile({"gateware": "restore"}, {"saved": {"hostname": "_FAKE_", "sshport": 3456, "grace": 0.5}}))
    with connect("saved"):
        one = status("saved")
        assert one.hostname == "_FAKE_" and one.daemon.grace == 0.5
    done = command("get", "saved", "pid0.p")
    assert done.returncode == 0, done.stderr
