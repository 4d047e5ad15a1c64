"""What Windows and macOS do otherwise: each difference is brought about here, on any system."""

from __future__ import annotations

import concurrent.futures
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil
import Pyro5
import pytest

from pyrpl_remote import errors, settings, shared_users, stop_note
from pyrpl_remote.cli import panel
from pyrpl_remote.client.finding import configuration
from pyrpl_remote.client.sessions import future
from pyrpl_remote.daemon.life import claim, prometheus, signals
from pyrpl_remote.machine import (
    detached,
    files_in_use,
    kill_commands,
    listener,
    log_reader,
    qt_windows,
    screen,
    user_name,
)
from pyrpl_remote.names import directory, frozen
from pyrpl_remote.names.server import accepts
from pyrpl_remote.protocol import Role
from pyrpl_remote.transport.lan import ssh
from pyrpl_remote.virtual import stdin

from .environment import free_port, occupied


class InUse(PermissionError):
    winerror = files_in_use.SHARING_VIOLATION


def sharing_violation(*_):
    """As Windows, while another program has the file open."""
    raise InUse(13, "the file is used by another process")


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


@pytest.mark.parametrize("name", ["con", "NUL", "com1", "aux.old", "lpt3.lab"])
def test_no_file_of_a_board_has_the_name_of_a_device(name, monkeypatch, tmp_path):
    monkeypatch.setenv("PYRPL_REMOTE_DIR", str(tmp_path))
    for path in (settings.log_path(name), settings.jobs_path(name), settings.lock_path(name)):
        assert not settings.WINDOWS_DEVICE.match(path.name)
    assert settings.log_path("console").name == "console.log"


@pytest.mark.parametrize("name", ["con", "data/nul.yml", "lab:2", "what?"])
def test_a_configuration_that_windows_cannot_have_is_refused_there(name, monkeypatch):
    configuration.find_configuration(name)
    monkeypatch.setattr(os, "name", "nt")
    with pytest.raises(errors.BadParameter, match="Windows has no file of this name"):
        configuration.find_configuration(name)


def test_a_file_that_is_found_in_another_spelling_is_the_same_board(monkeypatch, tmp_path):
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "Lab.yml").write_text("")
    monkeypatch.setenv("PYRPL_USER_DIR", str(tmp_path))
    isfile = os.path.isfile
    assert configuration.find_configuration("LAB").text == "LAB"
    # as on Windows and macOS
    monkeypatch.setattr(os.path, "isfile", lambda path: isfile(str(path).replace("LAB.yml", "Lab.yml")))
    for text in ("LAB", "LAB.yml"):
        found = configuration.find_configuration(text)
        assert found.path == str(folder / "Lab.yml")
        assert configuration.board_name(found.text) == "Lab"
        assert found.is_bare_name


def test_a_daemon_leaves_the_job_of_an_editor_or_of_ssh_where_it_may():
    started: list[int] = []

    def allowed(flags: int) -> Any:
        started.append(flags)

    def refused(flags: int) -> Any:
        started.append(flags)
        if flags & detached.BREAKAWAY:
            raise PermissionError(13, "Access is denied")

    without = detached.NEW_GROUP | detached.NO_WINDOW
    detached.outside_the_job(allowed)
    assert started == [without | detached.BREAKAWAY]
    detached.outside_the_job(refused)
    assert started[-1] == without


def test_a_board_is_not_shared_with_another_user_where_the_system_does_not_tell_who_connects(monkeypatch):
    monkeypatch.setattr(shared_users, "has_tables", lambda: False)
    with pytest.raises(errors.BadParameter, match="does not tell") as caught:
        shared_users.share("lab", "anna", Role.VIEWER)
    assert "pyrpl-remote share" in caught.value.remedy


@pytest.mark.skipif(shutil.which("ssh") is None, reason="it asks ssh")
def test_ssh_accepts_a_folder_with_a_space_as_macos_has(monkeypatch):
    folder = tempfile.mkdtemp(prefix="a b")
    monkeypatch.setattr(settings, "lan_dir", lambda: Path(folder))
    options = ssh._shared()
    assert options
    done = subprocess.run(["ssh", "-G", *options, "host"], capture_output=True, text=True, check=True)
    assert f"controlpath {folder}/ssh-" in done.stdout
    os.rmdir(folder)
    monkeypatch.setattr(settings, "lan_dir", lambda: Path("/Users/somebody/Library/Application Support"))
    assert ssh._shared() == []  # ssh refuses a socket's path that is too long


def test_a_notification_without_a_byte_does_not_block_the_event_loop():
    one, other = socket.socketpair()
    with one, other:
        other.setblocking(False)
        signals._empty(other)
        one.send(b"x")
        signals._empty(other)
        with pytest.raises(BlockingIOError):
            other.recv(1)


def test_a_console_that_is_closed_ends_a_daemon_regularly(monkeypatch):
    monkeypatch.setattr(signal, "SIGBREAK", signal.SIGABRT, raising=False)
    assert signal.SIGABRT in signals.end_signals()


def test_a_port_where_nothing_listens_is_known_where_a_refusal_takes_long(monkeypatch):
    port = free_port()
    assert not listener.surely_refuses("127.0.0.1", port)  # whoever connects is told at once
    monkeypatch.setattr(listener, "SLOW_REFUSALS", True)
    monkeypatch.setattr(socket, "create_connection", refused_after_the_limit)
    assert not accepts(f"PYRO:x@127.0.0.1:{port}")  # the name of a daemon that was killed is removed
    monkeypatch.setattr(Pyro5.config, "NS_PORT", port)
    with pytest.raises(errors.NameServerError, match="nothing listens there"), directory.name_server():
        pass
    assert directory.boards() == []
    with occupied(port):
        assert not listener.surely_refuses("localhost", port)
        assert not listener.surely_refuses("no-such-host.invalid", port)
        monkeypatch.setattr(psutil, "net_connections", access_denied)
        assert not listener.surely_refuses("localhost", free_port())


def refused_after_the_limit(*_):
    raise TimeoutError("as on Windows, which says after 2 s that the connection is refused")


def access_denied(*_):
    raise psutil.AccessDenied


def test_metrics_do_not_share_a_port_with_another_program_where_the_system_would_allow_it(monkeypatch):
    monkeypatch.setattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_KEEPALIVE, raising=False)
    port = free_port()
    prometheus._require_free(port)
    with occupied(port), pytest.raises(OSError, match="in use"):
        prometheus._require_free(port)


@pytest.mark.parametrize(("system", "found"), [("darwin", False), ("darwin", True), ("win32", True)])
def test_a_panel_without_a_screen_is_an_error_and_no_abort(monkeypatch, system, found):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setitem(screen._OF_SYSTEM, "darwin", lambda environment: found)
    assert qt_windows.no_windows() is None  # the tests have told Qt to draw nowhere
    monkeypatch.delenv("QT_QPA_PLATFORM")
    assert (qt_windows.no_windows() is None) is found
    if not found:
        with pytest.raises(errors.PyrplRemoteError, match="there is no screen: this process"):
            panel.panel()


def test_a_result_is_waited_for_in_pieces_where_ctrl_c_does_not_end_a_wait(monkeypatch):
    monkeypatch.setattr(future, "WAITS_ARE_DEAF", True)
    monkeypatch.setattr(future, "CTRL_C_SECONDS", 0.01)
    waits = []
    wait = concurrent.futures.wait

    def counted(futures, timeout):
        waits.append(timeout)
        if len(waits) == 3:
            result.complete(5)
        return wait(futures, timeout)

    monkeypatch.setattr(concurrent.futures, "wait", counted)
    result = future.RemoteFuture(lambda: None, lambda one: None, lambda function: None, "a call")
    with pytest.raises(TimeoutError):
        result.result(0.0)
    assert result.result() == 5
    assert (waits, result.exception(1)) == ([0.01] * 3, None)


def test_the_end_of_a_pipe_is_looked_for_without_reading_from_it():
    reading, writing = os.pipe()
    os.write(writing, b"abc")
    steps = [0, 3, 0]

    def waiting():
        if not steps:
            raise BrokenPipeError
        return steps.pop(0)

    stdin.look_until_end(waiting, reading)
    os.close(writing)
    assert os.read(reading, 10) == b""  # what came was dropped
    os.close(reading)


def test_remedies_name_commands_of_the_system(monkeypatch):
    assert kill_commands.go_on_or_end(7) == ": `kill -CONT 7` lets it go on, `kill -KILL 7` ends it"
    monkeypatch.setattr(sys, "platform", "win32")
    assert kill_commands.end(7) == "Stop-Process -Id 7"
    assert "`Stop-Process -Id 7` in PowerShell ends it" in kill_commands.go_on_or_end(7)
    monkeypatch.setattr(listener, "PORT_RANGE", "no such file")
    assert "choose one below 49152" in frozen.not_started("localhost:50000", Path("log")).remedy
