"""Disks that are full, read-only or gone: writes reach the board, and what could not be saved is said."""

import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import yaml

from pyrpl_remote import errors, settings

from ..daemons import fake_board, has_ended
from ..processes import wait_until

SIZE = 256 * 1024
"""Of the small disk, in bytes: room for some copies of a configuration."""


@pytest.fixture
def disk(tmp_path):
    """A function that puts a small disk at a new folder and returns the folder; it is removed in the end."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    mounted = []

    def mount(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        if os.system(f"mount -t tmpfs -o size={SIZE} none {folder}") != 0:
            pytest.skip("this system does not let root mount")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Fill the disk; returns the file that takes the space."""
    file = folder / "filling"
    with open(file, "wb", buffering=0) as filling:
        try:
            while filling.write(bytes(4096)) == 4096:
                pass
        except OSError:
            pass
    return file


def remount(folder: Path, how: str) -> None:
    wait_until(lambda: os.system(f"mount -o remount,{how} {folder}") == 0, what="a disk without open files")


def end(p) -> None:
    process = psutil.Process(p.status().daemon.pid)
    p.close()
    wait_until(lambda: has_ended(process), what="the end of the daemon")


def kill(p) -> None:
    process = psutil.Process(p.status().daemon.pid)
    process.kill()
    wait_until(lambda: has_ended(process), what="the end of the daemon")
    p.close()


def until_saving_is(p, state: str):
    return wait_until(lambda: (found := p.status().saving).state == state and found, what=f"saving: {state}")


def saved(folder: Path, board: str) -> dict:
    return yaml.safe_load((folder / "config" / f"{board}.yml").read_text())


def test_on_a_full_disk_writes_go_on_and_are_saved_when_there_is_space(disk, monkeypatch, caplog, command):
    folder = disk("user")
    monkeypatch.setenv("PYRPL_USER_DIR", str(folder))
    with fake_board("fullest") as p:
        until_saving_is(p, "ok")
        filling = fill(folder)
        p.rp.pid0.p = 0.25
        failing = until_saving_is(p, "failing")
        assert failing.reason.startswith(
            f"{folder / 'config' / 'fullest.yml'} cannot be written: No space left"
        )
        p.rp.pid0.p = 0.5
        shown = command("status", "fullest").stdout
        assert "not saved since" in shown
        assert "No space left" in shown
        wait_until(lambda: "cannot be saved" in caplog.text, what="the warning")
        assert p.rp.pid0.p == 0.5
        with pytest.raises(OSError, match="No space left"):
            p.create_curve(list(range(100_000)), list(range(100_000)))
        filling.unlink()
        until_saving_is(p, "ok")
        assert saved(folder, "fullest")["pid0"]["p"] == 0.5
        wait_until(lambda: "saved again" in caplog.text, what="the record")
        fill(folder)
        p.rp.pid0.p = 0.75
        kill(p)
    filling.unlink()
    with fake_board("fullest") as p:
        assert p.rp.pid0.p == 0.75
        end(p)
    assert saved(folder, "fullest")["pid0"]["p"] == 0.75
    assert list(settings.state_dir().glob("*.journal")) == []


def test_on_a_read_only_disk_a_board_starts_and_its_last_settings_are_kept_past_its_end(
    disk, monkeypatch, caplog
):
    folder = disk("user")
    monkeypatch.setenv("PYRPL_USER_DIR", str(folder))
    with fake_board("readonly") as p:
        end(p)
    remount(folder, "ro")
    with fake_board("readonly") as p:
        p.rp.pid0.p = 0.25
        assert "Read-only file system" in until_saving_is(p, "failing").reason
        end(p)
    with pytest.raises(errors.ConfigurationError, match="Read-only file system") as raised:
        fake_board("another")
    assert str(folder / "config" / "another.yml") in raised.value.message
    remount(folder, "rw")
    with fake_board("readonly") as p:
        assert p.rp.pid0.p == 0.25
        end(p)
    assert saved(folder, "readonly")["pid0"]["p"] == 0.25


def test_a_removed_folder_is_said_and_used_again_when_it_is_back(tmp_path, monkeypatch):
    folder = tmp_path / "user"
    monkeypatch.setenv("PYRPL_USER_DIR", str(folder))
    with fake_board("removed") as p:
        p.rp.pid0.p = 0.25
        shutil.rmtree(folder)
        p.rp.pid0.p = 0.5
        assert "No such file" in until_saving_is(p, "failing").reason
        p.rp.pid1.p = 0.125
        (folder / "config").mkdir(parents=True)
        until_saving_is(p, "ok")
        assert saved(folder, "removed")["pid0"]["p"] == 0.5
        end(p)
    assert saved(folder, "removed")["pid1"]["p"] == 0.125


def test_a_full_or_replaced_folder_for_logs_disturbs_no_running_daemon(disk, monkeypatch):
    folder = disk("state")
    monkeypatch.setenv("PYRPL_REMOTE_DIR", str(folder))
    with fake_board("logs", loglevel="debug") as p:
        log = p.status().daemon.log
        fill(folder)
        for number in range(50):
            p.rp.pid0.p = number / 64
            p.rp.iq0.gain = 1e9  # PyRPL logs that it caps it
        assert p.rp.pid0.p == 49 / 64
        assert p.status().daemon.log == log
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()
        folder.write_text("a file")
        try:
            p.rp.pid0.p = 0.5
            with fake_board("logs") as q:
                assert q.rp.pid0.p == 0.5
                assert q.status().daemon.log == log
            end(p)
        finally:
            folder.unlink()
            folder.mkdir()
            os.system(f"mount -t tmpfs -o size={SIZE} none {folder}")


def test_a_folder_of_pyrpl_that_cannot_be_made_is_named_in_two_lines(monkeypatch, tmp_path):
    folder = tmp_path / "user"
    folder.mkdir()
    (folder / "curve").write_text("a file")
    monkeypatch.setenv("PYRPL_USER_DIR", str(folder))
    with pytest.raises(errors.ConfigurationError, match="PyRPL cannot make its folder") as raised:
        fake_board("nofolder")
    assert str(folder / "curve") in raised.value.message
    assert "PYRPL_USER_DIR" in raised.value.remedy


def test_a_log_that_cannot_be_opened_is_a_warning_and_the_board_starts(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("PYRPL_REMOTE_DIR", str(tmp_path))
    (tmp_path / "nolog.log").mkdir()
    with caplog.at_level(logging.WARNING), fake_board("nolog") as p:
        p.rp.pid0.p = 0.25
        assert p.rp.pid0.p == 0.25
        end(p)
    assert f"board 'nolog' has no log: {tmp_path / 'nolog.log'} cannot be written" in caplog.text
