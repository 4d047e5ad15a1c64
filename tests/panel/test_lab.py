"""The lab's page: its configuration with a check of each entry, and what reads it."""

from __future__ import annotations

import pytest
from qtpy.QtWidgets import QPushButton

from pyrpl_remote import connect, lab, status

from ..qt_events import qt_until
from .conftest import named


@pytest.fixture
def page(window, tmp_path, monkeypatch):
    """The page with a lab.toml of the test, shown and read."""
    monkeypatch.setenv("PYRPL_REMOTE_LAB", str(tmp_path / "lab.toml"))
    monkeypatch.delenv("PYRPL_REMOTE_GRACE")
    lab.save(lab.LabFile({"grace": 30}, {"lab": {"hostname": "rp-a.local"}}))
    window.tabs.setCurrentWidget(window.lab)
    part = window.lab.configuration
    qt_until(lambda: part.board.currentText() == "lab", 20.0, "the configuration")
    return part


def type_in(part, section: str, key: str, text: str) -> str:
    """Type a text as a person does; returns what is said about it."""
    field = part.fields[section, key]
    field.line.setText(text)
    field.line.textEdited.emit(text)
    return field.problem.text()


def choose(part, section: str, key: str, value: str) -> None:
    choice = part.fields[section, key].choice
    choice.setCurrentIndex(choice.findData(value))
    choice.activated.emit(choice.currentIndex())


def save(part) -> None:
    part.save.click()
    qt_until(lambda: part.message.text().startswith("Saved"), 20.0, "the file")


def test_what_the_file_says_is_shown(page):
    assert page.fields["common", "grace"].line.text() == "30"
    assert page.fields["boards", "hostname"].line.text() == "rp-a.local"
    assert page.fields["boards", "sshport"].line.text() == ""
    assert page.fields["common", "gateware"].choice.currentData() is None
    assert str(lab.path()) in page.message.text()


@pytest.mark.parametrize(
    ("section", "key", "text", "words"),
    [
        ("boards", "hostname", "http://rp-a.local/", "no web address"),
        ("boards", "sshport", "ssh", "whole number"),
        ("boards", "metrics", "70000", "65535"),
        ("boards", "on", "daq7", "no host called 'daq7'"),
        ("common", "grace", "-1", "not negative"),
        ("plugins", "limit", "soon", "number"),
    ],
)
def test_each_entry_is_checked_while_it_is_typed_and_nothing_invalid_is_saved(
    page, section, key, text, words
):
    assert words in type_in(page, section, key, text)
    assert page.fields[section, key].problem.isVisible() and not page.save.isEnabled()
    assert type_in(page, section, key, "") == "" and page.save.isEnabled()


def test_what_is_saved_is_what_connect_and_the_command_line_use(page, command):
    page.new.setText("saved")
    page.add.click()
    for key, text in (("hostname", "_FAKE_"), ("sshport", "4567"), ("grace", "0.5")):
        assert type_in(page, "boards", key, text) == ""
    choose(page, "boards", "gateware", "restore")
    save(page)
    assert lab.configuration().boards["saved"] == {
        "hostname": "_FAKE_",
        "sshport": 4567,
        "grace": 0.5,
        "gateware": "restore",
    }
    done = command("get", "saved", "pid0.p")
    assert done.returncode == 0, done.stderr
    with connect("saved"):
        assert status("saved").daemon.grace == 0.5


def test_a_board_is_removed_and_undo_brings_back_what_is_saved(page):
    page.remove.click()
    assert page.board.count() == 0 and not page.fields["boards", "hostname"].isEnabled()
    page.undo.click()
    qt_until(lambda: page.board.currentText() == "lab", 20.0, "the board")
    page.remove.click()
    save(page)
    assert lab.configuration().boards == {}


def test_a_malformed_file_is_said_in_the_page_and_not_replaced(page):
    lab.path().write_text("[common\n")
    page.undo.click()
    qt_until(lambda: "cannot be read" in page.message.text(), 20.0, "the message")
    assert lab.path().read_text() == "[common\n"


def test_a_wrong_invitation_is_said_beside_its_button(window, page):
    hosts = window.lab.hosts
    hosts.invitation.setText("nonsense")
    hosts.join.click()
    qt_until(lambda: "invitation" in hosts.join_message.text(), 20.0, "the message")
    assert hosts.join_message.isVisible() and window.errors.history == []
    assert not hosts.revoke.isEnabled() and hosts.peers.rows == []
    assert named(hosts, QPushButton, "Copy").isEnabled() is False
