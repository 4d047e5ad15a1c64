"""A process that has ended runs no longer, also where nobody waits for it."""

import os
import subprocess
import sys

import psutil
import pytest

from pyrpl_remote.machine.running import runs

from ..processes import wait_until


@pytest.mark.skipif(os.name == "nt", reason="zombies of POSIX")
def test_a_process_that_nobody_has_waited_for_does_not_run():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert runs(process.pid)
        assert process.stdin is not None
        process.stdin.close()
        wait_until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE)
        assert not runs(process.pid)
    assert not runs(process.pid)


def test_this_process_runs():
    assert runs(os.getpid())


def test_a_process_that_the_system_does_not_show_runs(monkeypatch):
    def refuse(process):
        raise psutil.AccessDenied(process.pid)

    monkeypatch.setattr(psutil.Process, "status", refuse)  # as macOS and Windows do for other users'
    assert runs(os.getpid())
