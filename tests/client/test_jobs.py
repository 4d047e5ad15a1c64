"""Jobs, as a user has them: a recording goes on without its client, and is stopped by anybody."""

import json
from pathlib import Path

import h5py
import psutil
import pytest

import pyrpl_remote
from pyrpl_remote import connect, errors, status

from ..campaigns import recording
from ..cli.conftest import main as main
from ..daemons import fake_board, has_ended
from ..processes import wait_until


@pytest.fixture(scope="module")
def p():
    with fake_board("recorded") as p:
        yield p


def samples(job) -> int:
    return job.data().get("samples", 0)


def test_a_recording_in_the_working_folder_is_listed_with_the_clients_and_stopped(p, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    job = p.record("out.csv", "pid0.ival", every=0.05)
    assert isinstance(job, pyrpl_remote.JobHandle)
    wait_until(lambda: samples(job) > 2, what="samples")
    (one,) = p.jobs()
    assert (one.id, one.kind, one.state) == (job.id, "recording", "running")
    assert one.parameters["file"] == str(tmp_path / "out.csv")
    assert one.by.startswith(p.status().clients[0].program)
    assert [other.id for other in p.status().jobs] == [job.id] == [one.id for one in status("recorded").jobs]
    assert repr(job) == f"<job {job.id} of board 'recorded': recording>"
    with pytest.raises(TimeoutError, match="goes on after 0"):
        job.wait(timeout=0)
    p.stop_job(job.id)
    assert job.status().state == job.wait(20).state == "stopped"
    job.stop()  # again, without an effect
    assert p.jobs() == []
    assert "time,pid0.ival" in (tmp_path / "out.csv").read_text()


def test_errors_of_a_recording_are_those_of_its_kind_and_nothing_is_started(p, tmp_path):
    with pytest.raises(errors.UnknownAttribute, match="pid0 has no 'nosuch'"):
        p.record(tmp_path / "out.h5", ["pid0.nosuch"])
    with pytest.raises(ValueError, match=r"0\.01 to 86400"):
        p.record(tmp_path / "out.h5", ["pid0.p"], every=0)
    with pytest.raises(FileNotFoundError, match="no folder"):
        p.record(tmp_path / "nosuch" / "out.h5", ["pid0.p"])
    with pytest.raises(TypeError):
        p.record(None, ["pid0.p"])
    with pytest.raises(errors.JobError, match="has no job 999"):
        p.stop_job(999)
    assert p.jobs() == []
    assert list(tmp_path.iterdir()) == []


def test_the_command_line_records_lists_and_stops(main, p, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main("jobs", "recorded").stdout == "recorded: no jobs\n"
    done = main("record", "recorded", "cli.csv", "pid0.ival", "sampler.in1", "--every", "0.05")
    assert done.returncode == 0, done.stderr
    (job,) = p.jobs()
    assert str(tmp_path / "cli.csv") in done.stdout
    assert f"pyrpl-remote jobs recorded --stop {job.id}" in done.stdout
    (listed,) = json.loads(main("jobs", "recorded", "--json").stdout)
    assert (listed["id"], listed["kind"]) == (job.id, "recording")
    for command in (["jobs", "recorded"], ["status", "recorded"], ["top", "recorded", "--once"]):
        (line,) = (line for line in main(*command).stdout.splitlines() if " recording " in line)
        assert line.split()[0] == str(job.id), command
    assert main("jobs", "recorded", "--stop", "999").returncode == 1
    done = main("jobs", "recorded", "--stop", str(job.id))
    assert done.stdout == f"recorded: job {job.id} is stopped\n"
    assert p.jobs() == []
    bad = main("record", "recorded", "cli.txt", "pid0.ival")
    assert bad.returncode == 1
    assert "ends with .h5" in bad.stderr


def test_a_recording_beside_a_busy_client_misses_nothing_that_is_not_named(p, tmp_path):
    report = recording.run("recorded", tmp_path, seconds=3, every=0.1, kills=0)
    assert report.faults() == []
    assert report.samples > 5
    with connect("recorded") as again:
        assert again.jobs() == []


def test_a_job_holds_the_daemon_and_goes_on_with_the_next_one(main, p, tmp_path):
    path = tmp_path / "out.h5"
    daemon = psutil.Process(p.status().daemon.pid)
    assert p.status().daemon.grace == 1
    number = p.record(path, ["pid0.ival"], every=0.05).id
    p.close()
    wait_until(lambda: not status("recorded").clients, what="the end of the session")
    with pytest.raises(psutil.TimeoutExpired):
        daemon.wait(1.5)
    daemon.kill()
    wait_until(lambda: has_ended(daemon), what="the end of the daemon")
    before = count(path)
    with fake_board("recorded") as p:
        (job,) = p.jobs()
        assert job.id == number
        wait_until(lambda: count(path) > before, what="samples of the next daemon")
    assert (
        main("stop", "recorded").stdout == "recorded: stopped; its job goes on with the board's next daemon\n"
    )
    with h5py.File(path) as file:
        assert "the daemon did not run" in [gap["reason"].decode() for gap in file["gaps"][:]]


def count(path: Path) -> int:
    """How many samples a recording has."""
    with h5py.File(path) as file:
        return len(file["samples"])
