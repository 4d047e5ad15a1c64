"""Jobs: they hold the daemon, are stored and started again, and what goes wrong with one is told."""

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pyrpl_remote import settings
from pyrpl_remote.errors import BoardLinkLost, JobError, StateFolderError, UnknownAttribute


@pytest.fixture(scope="module")
def kinds(rig):
    """Kinds of jobs for these tests."""
    from pyrpl_remote.daemon.jobs.job import Job
    from pyrpl_remote.daemon.jobs.kinds import Kind

    class Counting(Job):
        """Reads an attribute again and again; `fail`: raises an error after some."""

        kind = "counting"

        def __init__(self, parameters, board):
            super().__init__(parameters, board)
            self.last = board.read(parameters["path"], parameters["name"])
            self.parameters["resumed"] = board.resumed
            self.count = 0

        def run(self, ending):
            while not ending.wait(0.01) and self.count < self.parameters.get("times", 1_000_000):
                self.last = self.board.read(self.parameters["path"], self.parameters["name"])
                self.count += 1
                if self.count > 2 and self.parameters.get("fail"):
                    raise OSError("the disk\nis full")

        def text(self):
            return f"has read {self.count} times"

        def data(self):
            return {"count": self.count, "last": self.last}

    class Working(Job):
        """Does what the test wants in the job's thread."""

        kind = "working"
        work: Callable[[Any, threading.Event], Any] = staticmethod(lambda board, ending: ending.wait())

        def run(self, ending):
            self.result = self.work(self.board, ending)

        def text(self):
            return "works"

        def data(self):
            return {"result": self.result}

    return {
        "counting": Kind(Counting, 2, "it counts already", "stop one on {board}"),
        "working": Kind(Working, 16, "", ""),
    }


class Board:
    """The jobs of one board, and the keys by which they hold its daemon."""

    def __init__(self, rig, kinds) -> None:
        self._rig, self._kinds = rig, kinds
        self.holds: set[Any] = set()
        self.jobs: Any = None
        self.start_daemon()

    def start_daemon(self, **kinds: Any) -> None:
        """What a new daemon does with the jobs that are stored."""
        from pyrpl_remote.daemon.jobs.jobs import Jobs

        self.holds.clear()
        self._rig.ending.clear()
        all_kinds = {**self._kinds, **kinds}
        self.jobs = Jobs(self._rig.parts, self.holds.add, self.holds.discard, all_kinds)
        self.jobs.resume()

    def end_daemon(self) -> None:
        """What a daemon does at its end."""
        self._rig.ending.set()
        self.jobs.end()
        self.jobs.join(20)

    def start(self, caller, kind="counting", **parameters: Any) -> int:
        """Start a job, which reads pid0.p unless the parameters say more."""
        whole = {"path": "rp.pid0", "name": "p", **parameters} if kind == "counting" else parameters
        return self._rig.elsewhere(lambda: self.jobs.start_job(caller, kind, whole).data)

    def stop(self, caller, number) -> None:
        self._rig.elsewhere(lambda: self.jobs.stop_job(caller, number))

    def data(self, caller, number) -> dict[str, Any]:
        return self.jobs.job_data(caller, number).data

    def status(self, caller, number) -> dict[str, Any]:
        (one,) = (job for job in self.jobs.jobs(caller).data if job["id"] == number)
        return one

    def until(self, caller, number, state) -> dict[str, Any]:
        """Wait until a job is in this state, and return its status."""
        self._rig.until(lambda: self.status(caller, number)["state"] == state, f"a job that is {state}")
        return self.status(caller, number)

    def stored(self) -> list[dict[str, Any]]:
        return json.loads(settings.jobs_path("rig").read_text())["jobs"]


@pytest.fixture
def board(rig, kinds) -> Iterator[Board]:
    settings.jobs_path("rig").unlink(missing_ok=True)
    board = Board(rig, kinds)
    yield board
    board.end_daemon()
    rig.ending.clear()
    settings.jobs_path("rig").unlink(missing_ok=True)


@pytest.fixture
def working(board, kinds, monkeypatch, ada, rig):
    """A function that runs `work(board, ending)` as a job, and returns its result."""

    def run(work) -> Any:
        monkeypatch.setattr(kinds["working"].job, "work", staticmethod(work))
        number = board.start(ada, "working")
        board.until(ada, number, "done")
        return board.data(ada, number)["result"]

    return run


def test_a_job_goes_on_is_listed_with_who_started_it_and_ends_when_told(rig, board, ada, bob):
    number = board.start(ada)
    rig.until(lambda: board.data(ada, number)["count"] > 3, "some readings")
    (status,) = board.jobs.present()
    assert (status.id, status.kind, status.state, status.by) == (number, "counting", "running", ada.label)
    assert status.text.startswith("has read")
    assert status.parameters == {"path": "rp.pid0", "name": "p", "resumed": False}
    assert board.data(bob, number)["last"] == rig.pyrpl.rp.pid0.p
    assert [one["id"] for one in board.stored()] == [number]
    board.stop(bob, number)
    assert board.until(ada, number, "stopped")["id"] == number
    assert board.jobs.present() == []
    assert board.stored() == []
    board.stop(bob, number)  # a second time has no further effect
    assert board.start(ada) == number + 1  # a number is never used again


def test_a_job_holds_the_daemon_until_it_has_ended(rig, board, ada):
    first = board.start(ada)
    second = board.start(ada, times=1)
    rig.until(lambda: len(board.holds) == 1, "the end of the second job")
    assert board.until(ada, second, "done")
    board.stop(ada, first)
    rig.until(lambda: not board.holds, "the end of the first job")


def test_the_next_daemon_starts_the_jobs_again(rig, board, ada):
    number = board.start(ada)
    done = board.start(ada, times=1)
    board.until(ada, done, "done")
    since = board.jobs.present()[0].since
    board.end_daemon()
    board.start_daemon()
    rig.until(lambda: board.data(ada, number).get("count", 0) > 3, "some readings")
    (status,) = board.jobs.present()
    assert (status.id, status.by, status.since) == (number, ada.label, since)
    assert len(board.holds) == 1
    assert board.start(ada) == done + 1


def test_a_job_that_raises_has_failed_is_told_and_no_longer_holds_the_daemon(rig, board, ada, caplog):
    number = board.start(ada, fail=True)
    status = board.until(ada, number, "failed")
    assert status["text"] == "failed: OSError: the disk is full"
    assert [job.state for job in board.jobs.present()] == ["failed"]
    rig.until(lambda: not board.holds, "a daemon that nothing holds")
    assert any("counting" in record.getMessage() and record.exc_info for record in caplog.records)
    assert [one["id"] for one in board.stored()] == [number]  # the next daemon tries again
    board.stop(ada, number)
    assert board.stored() == []
    assert board.jobs.present() == []


def test_parameters_that_the_kind_does_not_accept_start_nothing(rig, board, ada):
    with pytest.raises(UnknownAttribute, match="nosuch"):
        board.start(ada, name="nosuch")
    with pytest.raises(UnknownAttribute, match="there is no module"):
        board.start(ada, path="rp.nosuch")
    assert board.jobs.present() == []
    assert not board.holds
    assert not settings.jobs_path("rig").exists()


@pytest.mark.parametrize(
    ("kind", "parameters", "error", "words"),
    [
        ("nosuch", {}, ValueError, "there is no kind of job 'nosuch', but counting, working"),
        (7, {}, ValueError, "no kind of job 7"),
        ("working", [1], TypeError, "are a dict"),
        ("working", {"file": b"x"}, TypeError, "file of a job cannot be b'x'"),
        ("working", {"a": {"!module": "rp"}}, TypeError, "does not begin with !"),
        ("working", {"a": float("nan")}, ValueError, "finite"),
        ("working", {"a": "x" * 70_000}, ValueError, "at most 65536 bytes"),
        ("working", {"a": [[[[[[[[[1]]]]]]]]]}, ValueError, "at most 8 levels"),
    ],
)
def test_what_is_no_job_is_refused(rig, board, ada, kind, parameters, error, words):
    with pytest.raises(error, match=words):
        rig.elsewhere(lambda: board.jobs.start_job(ada, kind, parameters))


@pytest.mark.parametrize("number", ["1", None, 1.0, True])
def test_a_jobs_number_is_an_int(board, ada, number):
    with pytest.raises(TypeError, match="number of a job"):
        board.stop(ada, number)


def test_there_is_a_limit_to_the_jobs_of_a_kind_and_those_that_run_are_named(board, ada, bob):
    for _ in range(2):
        board.start(ada)
    with pytest.raises(
        JobError, match=r"it counts already \(job 1, started by notebook .*; job 2, started"
    ) as caught:
        board.start(bob)
    assert caught.value.remedy == "stop one on rig"
    with pytest.raises(JobError, match="has no job 7"):
        board.stop(ada, 7)


def test_a_job_that_the_next_daemon_does_not_accept_is_kept_shown_as_failed_and_can_be_stopped(
    rig, board, ada
):
    number = board.start(ada)
    board.end_daemon()
    kept = json.loads(settings.jobs_path("rig").read_text())
    kept["jobs"][0]["parameters"]["name"] = "of_another_release"
    kept["jobs"].append({**kept["jobs"][0], "id": 20, "kind": "of another release"})
    settings.jobs_path("rig").write_text(json.dumps(kept))
    board.start_daemon()
    assert "of_another_release" in board.until(ada, number, "failed")["text"]
    assert "this release has no jobs of the kind" in board.until(ada, 20, "failed")["text"]
    rig.until(lambda: not board.holds, "a daemon that nothing holds")
    assert [one["id"] for one in board.stored()] == [number, 20]
    board.stop(ada, number)
    board.stop(ada, 20)
    assert board.stored() == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"next": 1, "jobs": [{"id": "1"}]}', '{"jobs": []}'])
def test_a_damaged_file_of_jobs_is_put_aside_and_the_daemon_starts(rig, board, text, caplog):
    path = settings.jobs_path("rig")
    path.write_text(text)
    board.start_daemon()
    assert board.jobs.present() == []
    assert path.with_name(f"{path.name}.damaged").read_text() == text
    assert "cannot be read" in caplog.text


def test_a_job_that_cannot_be_stored_is_not_started(rig, board, ada, monkeypatch, tmp_path):
    monkeypatch.setenv("PYRPL_REMOTE_DIR", str(tmp_path))
    board.start_daemon()
    settings.jobs_path("rig").mkdir()
    with pytest.raises(StateFolderError, match="cannot be stored"):
        board.start(ada)
    assert board.jobs.present() == []
    assert not board.holds


def test_a_job_waits_while_the_board_is_lost(rig, board, ada, monkeypatch):
    number = board.start(ada)
    board.end_daemon()
    lost = BoardLinkLost("the board is gone")

    def fail(*args):
        raise lost

    monkeypatch.setattr(rig.dispatcher, "get_many", fail)
    board.start_daemon()
    rig.until(lambda: board.status(ada, number)["state"] == "starting", "a job that waits")
    assert board.status(ada, number)["text"] == "starting"
    monkeypatch.undo()
    rig.until(lambda: board.data(ada, number).get("count", 0) > 1, "a job that goes on")


def test_a_job_uses_the_board_as_a_client_does_and_its_changes_have_its_name(rig, working, ada, bob, posted):
    rig.requests.reply(bob, "subscribe", [1, "change", "rp.pid0"], ())

    def work(board, ending):
        board.write("rp.pid0", "setpoint", 0.25)
        with pytest.raises(UnknownAttribute):
            board.write("rp.pid0", "nosuch", 1)
        scope = board.read("", "rp")
        return [
            board.read("rp.pid0", "setpoint"),
            board.read_many("rp.asg0", ["waveform", "output_direct"]),
            scope,
            board.call("rp.scope", "setup", duration=1e-3, trigger_source="immediately"),
            [list(curve.shape) for curve in board.call("rp.scope", "single")],
            board.link.state,
            board.wait_for_link(ending),
        ]

    rig.pyrpl.rp.asg0.setup(waveform="sin", output_direct="off")
    result = working(work)
    assert result[:4] == [0.25, {"waveform": "sin", "output_direct": "off"}, "rp", None]
    assert result[4:] == [[[16384], [16384]], "up", True]
    (change,) = (content for _, _, content in posted(bob) if content["name"] == "setpoint")
    rig.requests.reply(bob, "unsubscribe", [1], ())
    assert change["who"] == f"working (job 1, started by {ada.label})"


def test_a_job_gets_the_events_of_modules_until_it_ends(rig, working):
    def work(board, ending):
        number = board.subscribe("change", "rp.pid0")
        assert board.subscribe("link") == number + 1
        board.write("rp.pid0", "setpoint", 0.5)
        events = board.events(20)
        board.unsubscribe(number)
        return [[event.number, event.content["name"], event.content["value"]] for event in events]

    assert [1, "setpoint", 0.5] in working(work)
    rig.until(lambda: rig.mailboxes.find(("job", 1)) is None, "the end of the subscriptions")


def test_the_end_of_the_daemon_ends_a_job_that_waits_for_an_acquisition(rig, board, ada, kinds, monkeypatch):
    rig.pyrpl.rp.scope.setup(duration=1.0, trigger_source="ext_positive_edge")

    def work(job_board, ending):
        job_board.call("rp.scope", "single")

    monkeypatch.setattr(kinds["working"].job, "work", staticmethod(work))
    number = board.start(ada, "working")
    rig.until(rig.dispatcher.holders, "the acquisition")
    assert "working (job" in rig.dispatcher.holders()[0][1]
    board.end_daemon()
    assert board.status(ada, number)["state"] == "stopped"
    assert [one["id"] for one in board.stored()] == [number]
    rig.until(lambda: not rig.dispatcher.holders(), "the end of the acquisition")


def test_a_job_that_waits_for_events_ends_at_once_when_told(rig, board, ada, kinds, monkeypatch):
    def work(job_board, ending):
        job_board.subscribe("link")
        while not ending.is_set():
            job_board.events(600)

    monkeypatch.setattr(kinds["working"].job, "work", staticmethod(work))
    number = board.start(ada, "working")
    rig.until(rig.mailboxes.subscriptions, "the subscription")
    board.stop(ada, number)
    assert board.status(ada, number)["state"] == "stopped"
