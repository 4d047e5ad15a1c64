"""A daemon that does not answer is an error that names it, in every request; a long acquisition is none."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pyrpl_remote import connect, errors, settings, status, stop

from ..daemons import fake_board, processes_begin_with
from ..processes import python_command, wait_until
from .conftest import connected_threads

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a process is suspended by a POSIX signal")

SLOW = {"rbw": 10, "points": 1001, "trace_average": 1}
"""Settings of a sweep that takes minutes."""


@pytest.fixture(scope="module")
def p(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "SILENCE_SECONDS", 1.0)
        # a stream that waits for events must be answered sooner
        answers = "import pyrpl_remote.settings as settings; settings.STREAM_SECONDS = 0.3"
        with processes_begin_with(tmp_path_factory.mktemp("frozen"), answers):
            p = fake_board("frozen")
        with p:
            yield p


@pytest.fixture
def pid(p):
    """The pid of its daemon, which goes on at the end."""
    p.rp.pid0.setpoint = 0.25
    pid = p.status().daemon.pid
    yield pid
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)
    wait_until(lambda: status("frozen").clients, what="the session")


def test_every_request_to_a_frozen_daemon_is_an_error_that_names_its_pid(p, pid):
    p.networkanalyzer.setup(**SLOW)
    future = p.networkanalyzer.single_async()
    with connected_threads(p, 3) as threads:
        os.kill(pid, signal.SIGSTOP)
        begin = time.monotonic()
        read = threads.submit(lambda: p.rp.pid0.setpoint)
        write = threads.submit(setattr, p.rp.pid0, "setpoint", 0.5)
        call = threads.submit(p.rp.scope.stop)
        for waiting, error in (
            (read, errors.DaemonSilent),
            (write, errors.OutcomeUnknown),
            (call, errors.OutcomeUnknown),
            (future, errors.OutcomeUnknown),
        ):
            with pytest.raises(error, match=rf"\(pid {pid}\) runs, but does not answer"):
                waiting.result(20)
        assert time.monotonic() - begin < 20
    for request in (
        p.status,
        lambda: p.rp.pid0.setpoint,
        lambda: connect("frozen"),
        lambda: connect("frozen", private=True),
        lambda: status("frozen"),
        lambda: stop("frozen"),
    ):
        begin = time.monotonic()
        with pytest.raises(errors.DaemonSilent, match=rf"\(pid {pid}\)") as caught:
            request()
        assert f"kill -CONT {pid}" in caught.value.remedy
        assert time.monotonic() - begin < 20
    os.kill(pid, signal.SIGCONT)
    assert p.rp.pid0.setpoint in (0.25, 0.5)
    p.rp.pid0.setpoint = 0.125
    assert p.rp.pid0.setpoint == 0.125
    assert p.status().daemon.pid == pid


def test_the_status_says_within_five_seconds_that_a_daemon_is_frozen(p, pid, monkeypatch):
    monkeypatch.setattr(settings, "SILENCE_SECONDS", 20.0)
    os.kill(pid, signal.SIGSTOP)
    begin = time.monotonic()
    with pytest.raises(errors.DaemonSilent, match=rf"\(pid {pid}\)"):
        status("frozen")
    assert time.monotonic() - begin < settings.SILENCE_SECONDS


def test_an_acquisition_may_take_longer_than_an_answer_may(p):
    p.networkanalyzer.setup(**SLOW)
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(p.networkanalyzer.single)
        time.sleep(3 * settings.SILENCE_SECONDS)
        assert not waiting.done()
        p.networkanalyzer.stop()
        with pytest.raises(errors.AcquisitionCancelled):
            waiting.result(20)


def test_ctrl_c_ends_the_wait_for_a_frozen_daemon(p, pid, monkeypatch):
    monkeypatch.setattr(settings, "SILENCE_SECONDS", 20.0)
    os.kill(pid, signal.SIGSTOP)
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(0.3, signal.pthread_kill, (main, signal.SIGINT))
    timer.start()
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        p.rp.pid0.setpoint
    assert time.monotonic() - begin < settings.SILENCE_SECONDS


def test_a_frozen_daemon_that_is_ended_is_replaced_at_the_next_read(p, pid):
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(errors.DaemonSilent):
        p.rp.pid0.setpoint
    os.kill(pid, signal.SIGKILL)
    assert p.rp.pid0.setpoint is not None
    assert p.status().daemon.pid != pid


def test_closing_waits_for_no_frozen_daemon_however_many_subscriptions_there_are(p, pid, monkeypatch):
    monkeypatch.setattr(settings, "SILENCE_SECONDS", 20.0)
    q = connect("frozen", private=True)
    kept = [q.rp.pid0.on_change(print), q.rp.pid1.on_change(print), q.on_link(print)]
    os.kill(pid, signal.SIGSTOP)
    begin = time.monotonic()
    q.close()
    assert time.monotonic() - begin < settings.SILENCE_SECONDS
    assert all(one.closed for one in kept)
    os.kill(pid, signal.SIGCONT)
    wait_until(lambda: len(status("frozen").clients) == 1, what="the end of its session")


def test_a_program_ends_although_its_daemon_is_frozen(p, pid):
    lines = """
        from pyrpl_remote import connect
        p = connect("frozen")
        changes = p.rp.pid0.on_change(print)
        report(ready=True)
        input()
    """
    with subprocess.Popen(
        python_command(lines), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert "ready" in process.stdout.readline()
        os.kill(pid, signal.SIGSTOP)
        process.communicate("\n", timeout=20)
    assert process.returncode == 0


def test_a_list_of_boards_names_the_one_that_is_frozen(p, pid, command):
    os.kill(pid, signal.SIGSTOP)
    done = command("status")
    assert f"(pid {pid}) runs, but does not answer" in done.stderr
    assert "no board is served" not in done.stdout
