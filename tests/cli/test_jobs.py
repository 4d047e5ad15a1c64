"""`record` and `jobs`, as a user types them, and what `stop`, `status` and `top` say of jobs."""

import json

import pytest

from ..daemons import fake_board


@pytest.fixture(scope="module")
def p():
    with fake_board("drifting") as p:
        yield p


def test_the_command_line_records_lists_and_stops(main, p, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main("jobs", "drifting").stdout == "drifting: no jobs\n"
    done = main("record", "drifting", "cli.csv", "pid0.ival", "sampler.in1", "--every", "0.05")
    assert done.returncode == 0, done.stderr
    (job,) = p.jobs()
    assert str(tmp_path / "cli.csv") in done.stdout
    assert f"pyrpl-remote jobs drifting --stop {job.id}" in done.stdout
    (listed,) = json.loads(main("jobs", "drifting", "--json").stdout)
    assert (listed["id"], listed["kind"]) == (job.id, "recording")
    for command in (["jobs", "drifting"], ["status", "drifting"], ["top", "drifting", "--once"]):
        (line,) = (line for line in main(*command).stdout.splitlines() if " recording " in line)
        assert line.split()[0] == str(job.id), command
    assert main("jobs", "drifting", "--stop", "999").returncode == 1
    done = main("jobs", "drifting", "--stop", str(job.id))
    assert done.stdout == f"drifting: job {job.id} is stopped\n"
    assert p.jobs() == []
    bad = main("record", "drifting", "cli.txt", "pid0.ival")
    assert bad.returncode == 1
    assert "ends with .h5" in bad.stderr


def test_stop_says_that_the_jobs_go_on(main, p, tmp_path):
    p.record(tmp_path / "out.csv", ["pid0.ival"])
    done = main("stop", "drifting")
    assert done.stdout == "drifting: stopped; its job goes on with the board's next daemon\n"
