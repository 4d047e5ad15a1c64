"""A lock that all users share: it tells who holds it, and what others put in its place does no harm."""

import dataclasses
import json
import os
import stat
import subprocess
import sys

import psutil
import pytest

from pyrpl_remote import errors, settings
from pyrpl_remote.daemon.life.host_lock import Holder, HostLock

from ...processes import wait_until

ME = Holder(os.getpid(), psutil.Process().create_time(), "ada", "lab", "localhost:9090", serves=True)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "board.lock"


def test_a_lock_is_held_once_and_tells_by_whom(path):
    first, second = HostLock(path), HostLock(path)
    assert first.take()
    first.describe(ME)
    assert not second.take()
    assert second.holder() == ME
    assert str(second.holder()) == f"pid {os.getpid()} of user ada"
    first.release()
    assert second.holder() is None
    assert second.take()
    second.release()


@pytest.mark.skipif(os.name == "nt", reason="processes of POSIX")
def test_a_holder_that_has_ended_holds_it_no_longer_even_if_nobody_has_waited_for_it(path):
    lock = HostLock(path)
    assert lock.take()
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        started = psutil.Process(process.pid).create_time()
        lock.describe(dataclasses.replace(ME, pid=process.pid, started=started))
        wait_until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE)
        assert lock.holder() is None
    lock.release()


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_every_user_may_use_the_file_whatever_the_umask(path):
    before = os.umask(0o077)
    try:
        lock = HostLock(path)
        assert lock.take()
        lock.release()
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666


@pytest.mark.skipif(os.name == "nt", reason="links and pipes of POSIX")
def test_a_link_or_a_pipe_in_its_place_is_an_error_and_no_other_file_is_changed(path, tmp_path):
    own = tmp_path / "own"
    own.write_text("mine")
    path.symlink_to(own)
    with pytest.raises(errors.StateFolderError, match="PYRPL_REMOTE_LOCKS"):
        HostLock(path).take()
    assert own.read_text() == "mine"
    assert HostLock(path).holder() is None
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(errors.StateFolderError, match="no ordinary file"):
        HostLock(path).take()
    assert HostLock(path).holder() is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\x00",
        b"[" * 4000,
        b"{}",
        json.dumps({**vars(ME), "pid": "1"}).encode(),
        json.dumps({**vars(ME), "pid": 2**70}).encode(),
        json.dumps({**vars(ME), "started": 1.0}).encode(),  # another process had the number
        json.dumps({**vars(ME), "user": "\x1b[31mroot"}).encode(),
        json.dumps({**vars(ME), "user": "x" * 3000}).encode(),
        json.dumps({**vars(ME), "name": None}).encode(),
        json.dumps({**vars(ME), "serves": []}).encode(),
    ],
)
def test_a_content_that_describes_no_living_process_is_ignored(path, content):
    path.write_bytes(content)
    assert HostLock(path).holder() is None
    lock = HostLock(path)
    assert lock.take()
    lock.release()


@pytest.mark.skipif(os.name == "nt", reason="folders of POSIX")
def test_without_a_choice_the_folder_is_one_of_the_system_that_all_users_share(monkeypatch):
    monkeypatch.delenv("PYRPL_REMOTE_LOCKS")
    folder = settings.host_locks_dir()
    assert folder in settings.HOST_LOCKS
    assert stat.S_IMODE(folder.stat().st_mode) & 0o1007 == 0o1007


@pytest.mark.skipif(os.name == "nt", reason="folders of POSIX")
def test_a_folder_that_is_chosen_is_made_for_all_users(monkeypatch, tmp_path):
    monkeypatch.setenv("PYRPL_REMOTE_LOCKS", str(tmp_path / "new" / "locks"))
    assert stat.S_IMODE(settings.host_locks_dir().stat().st_mode) == 0o1777
    monkeypatch.setenv("PYRPL_REMOTE_LOCKS", "/dev/null/locks")
    with pytest.raises(errors.StateFolderError, match="PYRPL_REMOTE_LOCKS names another"):
        settings.host_locks_dir()
