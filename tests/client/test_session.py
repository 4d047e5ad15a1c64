"""A process's sessions: each ends with its last handle, whatever other threads do meanwhile."""

import subprocess
import threading

import psutil
import pytest

from pyrpl_remote import connect, discover, status
from pyrpl_remote.client.sessions.stream import Stream

from ..daemons import fake_board, has_ended
from ..processes import python_command, reports, wait_until


@pytest.fixture
def stopped_board():
    """A board whose daemon does not answer until the test ends; this process has a session with it."""
    with fake_board("stopped") as p:
        daemon = p.status().daemon.pid
        psutil.Process(daemon).suspend()
        yield
        psutil.Process(daemon).resume()


def start(function) -> threading.Thread:
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    return thread


def test_a_connect_that_waits_for_its_daemon_holds_up_no_other_board(stopped_board):
    other = fake_board("other")
    waiting = start(lambda: fake_board("stopped").close())
    waiting.join(0.3)
    assert waiting.is_alive()
    for function in (lambda: fake_board("other").close(), other.close):
        thread = start(function)
        thread.join(20)
        assert not thread.is_alive()


def test_a_board_is_closed_while_another_thread_connects_to_it(monkeypatch):
    p = fake_board("shared")
    session = p._handle.session
    is_alive = type(session).is_alive

    def close_meanwhile(session) -> bool:
        answer = is_alive(session)
        p.close()
        return answer

    monkeypatch.setattr(type(session), "is_alive", close_meanwhile)
    with fake_board("shared") as again:
        again.rp.pid0.p = 0.5
        assert again.rp.pid0.p == 0.5


def test_an_interrupt_while_a_session_begins_leaves_none(monkeypatch):
    original = Stream.start

    def interrupted(stream: Stream) -> None:
        original(stream)
        raise KeyboardInterrupt

    with fake_board("begun", private=True) as keeper:
        with monkeypatch.context() as patch:
            patch.setattr(Stream, "start", interrupted)
            with pytest.raises(KeyboardInterrupt):
                connect("begun")
        wait_until(lambda: len(status("begun").clients) == 1, what="the end of the interrupted session")
        daemon = psutil.Process(keeper.status().daemon.pid)
    wait_until(lambda: has_ended(daemon), what="the daemon's end")
    assert "begun" not in [entry.name for entry in discover()]


@pytest.fixture(scope="module")
def exits():
    """A board for programs that end without closing it; its scope waits for an edge that does not come."""
    with fake_board("exits") as p:
        p.rp.scope.setup(input1="off", trigger_source="ch1_positive_edge", threshold=0.95, rolling_mode=False)
        yield p
        p.rp.scope.stop()


@pytest.mark.parametrize(
    "lines",
    [
        "p.rp.scope.single_async().add_done_callback(lambda future: p.rp.pid0.p)",
        "p.on_change(lambda change: p.rp.pid0.p); p.rp.pid0.p = 1",
        "threading.Thread(target=lambda: [p.rp.pid0.p for _ in iter(int, 1)], daemon=True).start()",
    ],
    ids=["a pending future", "a subscription", "a thread that reads"],
)
def test_a_program_ends_silently_that_leaves_its_board_open(exits, lines):
    program = f"""
        import atexit
        atexit.register(lambda: report(gain=p.rp.pid0.p))  # called last: it was registered first
        import threading
        from pyrpl_remote import connect
        p = connect("exits")
        {lines}
    """
    done = subprocess.run(python_command(program), capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "gain" in reports(done.stdout)
    wait_until(lambda: len(exits.status().clients) == 1, what="the end of the programs' sessions")
