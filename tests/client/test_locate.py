"""A board's daemon is found or started, also if another client was faster, or a daemon ends or was killed."""

import contextlib
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import psutil
import Pyro5.api
import pytest

from pyrpl_remote import connect, discover, errors, status, stop
from pyrpl_remote.client.finding import locate
from pyrpl_remote.client.finding.locate import Locator
from pyrpl_remote.client.finding.wanted import Wanted
from pyrpl_remote.client.sessions.session import Session
from pyrpl_remote.names.directory import Entry
from pyrpl_remote.protocol import Code, Refused, Welcome

from ..daemons import fake_board, processes_begin_with
from ..environment import free_port
from ..processes import our_processes, wait_until


def never_start() -> Entry:
    raise AssertionError("a daemon was started")


def test_a_client_that_comes_while_the_daemon_ends_waits_for_a_new_one(tmp_path):
    with processes_begin_with(tmp_path, "import pyrpl_remote.daemon.service as s; s.REPLY_SECONDS = 2.0"):
        first = fake_board("again")
    pid = first.status().daemon.pid
    entry = directory_entry("again")
    stop("again")
    with pytest.raises(Refused) as refused:
        Session(entry, False, lambda entry: Locator(Wanted(entry.name), never_start))
    assert refused.value.welcome.code == Code.STOPPED
    assert psutil.pid_exists(pid)
    with ThreadPoolExecutor(1) as other_thread, pytest.raises(errors.DaemonStopped, match="was stopped by"):
        other_thread.submit(lambda: first.rp.pid0.p).result(20)
    assert first._handle.state == "gone"
    with fake_board("again") as second:
        assert second.status().daemon.pid != pid
        assert second.rp.pid0.p is not None
        # the session with the previous daemon goes on with this one
        assert first.status().daemon.pid == second.status().daemon.pid
    first.close()


def directory_entry(name: str) -> Entry:
    """The board's entry; a daemon makes it again soon after a name server has ended."""
    (entry,) = wait_until(
        lambda: [entry for entry in discover() if entry.name == name], what="the board's entry"
    )
    return entry


def test_a_client_of_another_process_too_waits_for_a_new_daemon(tmp_path, run_python):
    with processes_begin_with(tmp_path, "import pyrpl_remote.daemon.service as s; s.REPLY_SECONDS = 2.0"):
        first = fake_board("elsewhere")
    with first:
        pid = first.status().daemon.pid
        address = directory_entry("elsewhere").identity.rpartition(":")[2]
        stop("elsewhere")
        found = run_python(
            f"""
            from pyrpl_remote import connect
            with connect("elsewhere", hostname="_FAKE_", sshport={address}) as p:
                report(pid=p.status().daemon.pid)
            """
        )
    assert found["pid"] != pid


def test_the_next_client_starts_another_daemon_when_a_killed_one_is_still_registered():
    first = fake_board("killed")
    pid = first.status().daemon.pid
    process = psutil.Process(pid)
    psutil.Process(pid).kill()
    process.wait(30)
    assert "killed" in [entry.name for entry in discover()]
    with fake_board("killed") as second:
        assert second.status().daemon.pid != pid
    first.close()


def test_a_name_that_another_board_has_is_refused_before_anything_is_started():
    with fake_board("taken") as p:
        with pytest.raises(errors.BoardNameTaken, match="'taken' is in use for the board"):
            connect("taken", hostname="_FAKE_", sshport=1)
        assert p.status().state == "connected"


def test_a_name_moves_to_another_board_when_no_client_uses_the_first():
    with fake_board("moved") as p:
        first = p.status().daemon.pid
    wait_until(lambda: not status("moved").clients, what="the end of the session")
    with connect("moved", hostname="_FAKE_", sshport=2) as q:
        assert q.status().daemon.pid != first
        assert directory_entry("moved").identity == "_fake_:2"


def test_a_name_is_free_when_the_daemon_of_another_board_ends_just_then():
    registered = [[Entry("ending", "PYRO:pyrpl.ending@127.0.0.1:1", "_fake_:1")], [], [], []]

    class Ending(Locator):
        def _boards(self) -> list[Entry]:
            return registered.pop(0)

    assert Ending(Wanted("ending", "_FAKE_", 2), never_start).find_running(lambda entry: entry) is None
    assert not registered


def test_one_board_is_found_under_any_name_that_a_client_uses():
    with fake_board("named") as p:
        port = int(directory_entry("named").identity.rpartition(":")[2])
        with connect("otherwise", hostname="_FAKE_", sshport=port) as q:
            assert q.status().daemon.pid == p.status().daemon.pid
            assert q.status().board == "named"


def test_a_client_uses_the_daemon_of_serve_if_that_started_first():
    with fake_board("raced") as p:
        entry = directory_entry("raced")
        found = iter([None, None])

        class Late(Locator):
            """A Locator that finds no daemon until its own start has failed."""

            def find(self):
                return next(found, entry)

        def lose() -> Entry:
            raise errors.BoardNameTaken("the board is already served", "use it")

        late = Late(Wanted("raced"), lose)
        assert late.find_or_start(lambda entry: entry.uri) == entry.uri
        assert p.status().state == "connected"


def test_a_board_claimed_by_an_unregistered_daemon_is_an_error():
    def lose() -> Entry:
        raise errors.BoardNameTaken("the board is already served", "end the other daemon")

    with pytest.raises(errors.BoardNameTaken, match="already served"):
        Locator(Wanted("nobody"), lose).find_or_start(lambda entry: entry.uri)


def test_a_refusal_is_an_error_and_nothing_is_started():
    with fake_board("refusing"):

        def refuse(entry: Entry) -> None:
            raise Refused(Welcome(code=Code.PROTOCOL.value, release="9.9"))

        with pytest.raises(errors.ReleaseMismatch, match=r"board 'refusing' .* 9\.9"):
            Locator(Wanted("refusing"), never_start).find_or_start(refuse)


@pytest.mark.parametrize("refusal", [None, Code.ENDING])
def test_a_daemon_that_ends_as_soon_as_it_serves_is_a_start_error(refusal):
    def enter(entry: Entry) -> None:
        if refusal:
            raise Refused(Welcome(code=refusal.value))
        with Pyro5.api.Proxy(entry.uri) as proxy:
            proxy._pyroBind()

    dead = Entry("stillborn", f"PYRO:pyrpl.stillborn@127.0.0.1:{free_port()}", "")
    with pytest.raises(errors.StartError, match="board 'stillborn'") as caught:
        Locator(Wanted("stillborn"), lambda: dead).find_or_start(enter)
    assert "stillborn.log" in str(caught.value) or "logs stillborn" in str(caught.value)


def test_clients_wait_while_another_one_starts_and_give_up_in_the_end(monkeypatch):
    monkeypatch.setattr(locate, "START_SECONDS", 0.5)
    starting, go_on = threading.Event(), threading.Event()

    def start_slowly() -> Entry:
        starting.set()
        assert go_on.wait(20)
        return Entry("slow", "uri", "")

    started = []
    first = threading.Thread(
        target=lambda: started.append(
            Locator(Wanted("slow"), start_slowly).find_or_start(lambda entry: entry)
        )
    )
    first.start()
    assert starting.wait(20)
    with pytest.raises(errors.DaemonFailed, match="another process has been starting board 'slow'"):
        Locator(Wanted("slow"), never_start).find_or_start(lambda entry: entry)
    go_on.set()
    first.join()
    assert [entry.uri for entry in started] == ["uri"]


def test_the_wait_for_an_ending_daemon_has_a_limit(monkeypatch):
    monkeypatch.setattr(locate, "START_SECONDS", 0.3)
    with fake_board("unending"):
        tries = []

        def refuse(entry: Entry) -> None:
            tries.append(entry)
            raise Refused(Welcome(code=Code.ENDING.value))

        def fail() -> Entry:
            raise errors.BoardNameTaken("the daemon before holds the board", "wait")

        with pytest.raises(errors.BoardNameTaken):
            Locator(Wanted("unending"), fail).find_or_start(refuse)
    assert len(tries) > 2


def test_serve_and_connect_at_once_get_one_daemon():
    port = free_port()
    before = {process.pid for process in our_processes()}
    serve = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "pyrpl_remote",
            "serve",
            "both",
            "--hostname",
            "_FAKE_",
            "--sshport",
            str(port),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with serve, connect("both", hostname="_FAKE_", sshport=port) as p:

        def daemons() -> list[int]:
            """The daemons of this board: the process of `serve`, and one that connect() may have started."""
            found = []
            for process in our_processes():
                with contextlib.suppress(psutil.NoSuchProcess):
                    if process.pid == serve.pid or "pyrpl_remote.daemon" in process.cmdline():
                        found.append(process.pid)
            return [pid for pid in found if pid not in before]

        # whichever was faster, the other one ends
        wait_until(lambda: len(daemons()) == 1, what="the end of the other one")
        assert daemons() == [p.status().daemon.pid]
        assert p.rp.pid0.p is not None
        stop("both")
