"""What Windows and macOS do otherwise: each difference is brought about here, on any system."""

from __future__ import annotations

import os
import sys

import pytest

from pyrpl_remote import stop_note
from pyrpl_remote.daemon.life import claim
from pyrpl_remote.machine import files_in_use, log_reader, user_name


def sharing_violation(*_):
    """As Windows, while another program has the file open."""
    error = PermissionError(13, "the file is used by another process")
    error.winerror = files_in_use.SHARING_VIOLATION
    raise error


def test_a_file_is_replaced_as_soon_as_the_program_that_reads_it_has_closed_it(monkeypatch):
    replace, attempts = os.replace, []

    def refuse_twice(source, target):
        attempts.append(target)
        if len(attempts) < 3:
            sharing_violation()
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse_twice)
    stop_note.write("lab", "a test")
    assert stop_note.read("lab").by == "a test"
    assert len(attempts) == 3


def test_a_file_that_stays_open_elsewhere_is_an_error_and_so_is_a_folder_that_is_read_only(monkeypatch):
    monkeypatch.setattr(files_in_use, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(os, "replace", sharing_violation)
    with pytest.raises(PermissionError, match="another process"):
        files_in_use.replace("new", "old")
    attempts = []

    def read_only(source, target):
        attempts.append(target)
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", read_only)
    with pytest.raises(PermissionError):
        files_in_use.replace("new", "old")
    assert len(attempts) == 1


def test_a_log_that_is_just_being_renamed_is_read_later(monkeypatch, tmp_path):
    path = tmp_path / "lab.log"
    path.write_text("first\n")
    reader = log_reader.LogReader(path)
    assert reader.last(10) == "first\n"
    path.write_text("first\nsecond\n")
    with monkeypatch.context() as patch:
        patch.setitem(vars(log_reader), "open", sharing_violation)
        assert reader.new() == ""
    assert reader.new() == "second\n"


def test_a_user_without_a_name_is_named_where_users_have_no_numbers(monkeypatch):
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(sys.modules, "pwd", None)  # importing it fails
    monkeypatch.delattr(os, "getuid", raising=False)
    assert user_name.user_name() == "a user without a name"
    claim.Claim("lab")  # a daemon can start
