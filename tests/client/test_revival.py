"""A daemon that dies: reads, sessions, proxies and subscriptions go on with another one, which they start."""

import contextlib
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from pyrpl_remote import connect, discover, errors, settings, status, stop

from ..daemons import fake_board, has_ended
from ..processes import our_processes, python_command, reports, wait_until
from .conftest import connected_threads


@pytest.fixture(scope="module")
def phoenix():
    """A board whose daemon may be killed, or stopped: it is served when a test begins."""
    with fake_board("phoenix") as p:
        yield p


@pytest.fixture
def p(phoenix):
    with fake_board("phoenix"):  # starts it, if the test before has stopped it
        assert phoenix.rp.pid0.p is not None
        yield phoenix


def daemon(p) -> psutil.Process:
    return psutil.Process(p.status().daemon.pid)


def kill(p) -> psutil.Process:
    process = daemon(p)
    process.kill()
    wait_until(lambda: has_ended(process), what="the daemon's end")
    return process


def daemons() -> list[psutil.Process]:
    return [one for one in our_processes() if "pyrpl_remote.daemon" in one.cmdline()]


def test_the_next_read_goes_on_with_a_new_daemon(p, caplog):
    links = []
    proxy, before = p.rp.pid0, p.status().daemon
    with p.on_link(links.append):
        kill(p)
        begin = time.monotonic()
        assert proxy.p is not None
        assert time.monotonic() - begin < 20
        after = p.status().daemon
        assert after.pid != before.pid
        assert after.started > before.started
        wait_until(lambda: [link.state for link in links] == ["reconnecting", "up"], what="both events")
    assert "no longer answers" in links[0].reason
    assert f"another one serves it (pid {after.pid}, started at" in links[1].reason
    assert f"board 'phoenix': its daemon had ended; another one serves it (pid {after.pid}" in caplog.text
    assert len(daemons()) == 1
    assert "connected" in repr(p)


def test_a_write_that_comes_after_the_end_is_carried_out_by_the_new_daemon(p):
    connections = p._handle.session.connections
    before = connections.generation
    kill(p)
    wait_until(lambda: connections.generation > before, what="the notice of its end")
    assert p._handle.state == "gone"
    p.rp.pid0.setpoint = 0.25
    assert p.rp.pid0.setpoint == 0.25


def test_what_was_under_way_says_that_its_outcome_is_unknown_and_the_next_goes_on(p):
    p.rp.pid0.setpoint = 0.5
    pending = p.networkanalyzer.single_async()
    process = daemon(p)
    with connected_threads(p, 2) as threads:
        process.suspend()
        write = threads.submit(setattr, p.rp.pid0, "setpoint", 0.75)
        call = threads.submit(p.rp.scope.stop)
        time.sleep(0.2)  # both are sent, and wait
        process.kill()
        for future, step in (
            (write, r"setting rp\.pid0\.setpoint to 0\.75"),
            (call, r"calling rp\.scope\.stop"),
        ):
            with pytest.raises(errors.OutcomeUnknown, match=step):
                future.result(20)
    with pytest.raises(errors.OutcomeUnknown, match=r"networkanalyzer\.single_async"):
        pending.result(20)
    p.rp.pid0.setpoint = 0.125
    assert p.rp.pid0.setpoint == 0.125
    assert p.networkanalyzer.single_async().cancel()


def test_all_threads_that_read_get_their_values_from_one_new_daemon(p):
    names = ["setpoint", "p", "i", "ival", "input", "output_direct"]
    kill(p)
    with ThreadPoolExecutor(len(names)) as threads:
        values = list(threads.map(lambda name: getattr(p.rp.pid1, name), names))
    assert values == [getattr(p.rp.pid1, name) for name in names]
    assert len(daemons()) == 1


def test_subscriptions_go_on_and_tell_that_something_is_missing(p):
    changes, frames = [], []
    scope = p.rp.scope
    with p.rp.pid0.on_change(changes.append) as subscription, scope.on_curve(frames.append):
        p.rp.pid0.setpoint = 0.125
        scope.setup(duration=1e-3, trigger_source="immediately", rolling_mode=False, trace_average=1)
        scope.single(timeout=20)
        wait_until(lambda: changes and frames, what="the first events")
        kill(p)  # nobody reads: the stream starts the new daemon
        wait_until(lambda: status_or_none("phoenix") and not subscription.closed, what="the new daemon")
        p.rp.pid0.setpoint = 0.25
        p.rp.pid0.setpoint = 0.375
        scope.single(timeout=20)
        wait_until(lambda: len(changes) == 3 and len(frames) == 2, what="the next events")
    assert [change.value for change in changes] == [0.125, 0.25, 0.375]
    # the start of a daemon counts as one
    assert [change.lost for change in changes] == [0, 1, 0]
    assert [frame.number for frame in frames] == [1, 3]
    assert [frame.skipped for frame in frames] == [0, 1]


def status_or_none(board: str):
    try:
        return status(board)
    except (errors.BoardGone, errors.UnknownBoard):
        return None


READER = """
    from pyrpl_remote import connect
    p = connect("phoenix")
    p.rp.pid0.p
    report(ready=True)
    input()
    report(gain=p.rp.pid0.p, daemon=p.status().daemon.pid)
    input()
    p.close()
"""


def test_five_programs_that_read_at_once_end_at_one_daemon(p):
    programs = [
        subprocess.Popen(python_command(READER), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(5)
    ]
    try:
        for program in programs:
            assert "ready" in program.stdout.readline()
        file = p.c._filename
        kill(p)
        os.unlink(file)  # as if the daemon had not saved it yet: only the name server knows the hostname
        for program in programs:
            program.stdin.write("\n")
            program.stdin.flush()
        found = [reports(program.stdout.readline()) for program in programs]
        assert {one["daemon"] for one in found} == {p.status().daemon.pid}
        assert len(daemons()) == 1
        assert len(p.status().clients) == 6
    finally:
        for program in programs:
            program.communicate("\n", timeout=20)


def stop_by_a_program(p) -> str:
    stop("phoenix")
    return rf"pid {os.getpid()}, "


def stop_by_a_signal(p) -> str:
    daemon(p).send_signal(signal.SIGTERM)
    return "the signal SIGTERM"


@pytest.mark.parametrize("end", [stop_by_a_program, stop_by_a_signal])
def test_a_daemon_that_somebody_has_stopped_is_not_started_again_until_connect(p, end, caplog):
    links, changes = [], []
    process = daemon(p)
    with p.on_link(links.append), p.rp.pid0.on_change(changes.append):
        p.rp.pid0.setpoint = 0.5
        wait_until(lambda: changes, what="the first event")
        by = end(p)
        wait_until(lambda: has_ended(process), what="its end")
        for _ in range(2):
            with pytest.raises(errors.DaemonStopped, match=by):
                p.rp.pid0.p
            with pytest.raises(errors.DaemonStopped, match=r"connect\(\) starts it again"):
                p.rp.pid0.p = 1
        wait_until(lambda: "stopped" in [link.state for link in links], what="the event")
        wait_until(lambda: "2 subscription(s) wait for a daemon" in caplog.text, what="the log line")
        assert "phoenix" not in [entry.name for entry in discover()]
        assert daemons() == []
        with fake_board("phoenix") as q:
            assert not settings.stop_note_path("phoenix").exists()
            assert p.status().daemon.pid == q.status().daemon.pid
            q.rp.pid0.setpoint = 0.25
            wait_until(lambda: len(changes) >= 2, what="the event from the new daemon")
    assert [change.value for change in changes] == [0.5, 0.25], changes


def test_a_program_goes_on_when_another_one_starts_a_stopped_daemon(p, run_python):
    process = daemon(p)
    stop("phoenix")
    wait_until(lambda: has_ended(process), what="its end")
    with pytest.raises(errors.DaemonStopped):
        p.rp.pid0.p
    port = settings_port(p)
    other = run_python(
        f"""
        from pyrpl_remote import connect
        p = connect("phoenix", hostname="_FAKE_", sshport={port}, grace=5)
        report(daemon=p.status().daemon.pid)
        p.close()
        """
    )
    assert p.status().daemon.pid == other["daemon"]


def settings_port(p) -> int:
    return int(p._handle.identity.rpartition(":")[2])


def test_a_daemon_that_is_killed_while_it_ends_was_stopped_all_the_same(p):
    process = daemon(p)
    process.suspend()
    process.send_signal(signal.SIGTERM)
    process.resume()
    wait_until(lambda: settings.stop_note_path("phoenix").exists(), what="the note")
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()
    with pytest.raises(errors.DaemonStopped, match="SIGTERM"):
        p.rp.pid0.p


def test_a_board_that_cannot_be_started_again_is_named_and_every_thread_is_told_at_once(launch_board):
    board = launch_board()
    where = {"hostname": board.host, "sshport": board.ssh_port, "port": board.monitor_port, "timeout": 1}
    with connect("broken", **where) as p:
        process = daemon(p)
        others = {one.pid for one in daemons()} - {process.pid}
        board.process.kill()
        board.process.wait(20)
        process.kill()
        with ThreadPoolExecutor(5) as threads:
            reads = [threads.submit(lambda: p.rp.pid0.p) for _ in range(5)]
            for read in reads:
                with pytest.raises(
                    errors.BoardGone, match="no other one serves it: board 'broken': no connection"
                ):
                    read.result(60)
        assert {one.pid for one in daemons() if not has_ended(one)} == others


def test_a_board_without_a_file_that_was_found_without_arguments_comes_back():
    with connect("", hostname="_FAKE_", sshport=77) as owner, connect("_FAKE_", private=True) as p:
        assert owner.status().board == p.status().board == "_FAKE_"
        kill(p)
        assert p.rp.pid0.p is not None
        assert p.c._filename is None
        assert discover()[0].identity == "_fake_:77"


def test_a_name_that_another_board_has_by_now_is_not_taken_for_the_old_one(run_python):
    with connect("swapped", hostname="_FAKE_", sshport=88) as p:
        kill(p)
        # a program of another process: this one's session would follow
        other = subprocess.Popen(
            python_command(
                """
                from pyrpl_remote import connect
                with connect("swapped", hostname="_FAKE_", sshport=89) as p:
                    report(ready=True)
                    input()
                """
            ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with other:
            assert "ready" in other.stdout.readline()
            with pytest.raises(
                errors.BoardGone, match="its name is now that of the board _fake_:89, not _fake_:88"
            ):
                p.rp.pid0.p
            other.communicate("\n", timeout=20)


def test_a_closed_board_starts_nothing():
    p = fake_board("closed")
    pid0 = p.rp.pid0
    kill(p)
    p.close()
    with pytest.raises(errors.SessionClosed):
        pid0.p
    assert "closed" not in [entry.name for entry in discover() if status_or_none(entry.name)]
