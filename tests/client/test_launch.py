"""Starting a daemon: each failure is an error that shows the end of its output or log."""

import json
import subprocess

import psutil
import pytest

from pyrpl_remote import clean_path, connect, discover, errors, settings, status, stop
from pyrpl_remote.client.finding import launch as tested
from pyrpl_remote.client.finding.launch import launch
from pyrpl_remote.machine.detached import reap, start_detached

from ..processes import our_processes, wait_until


@pytest.fixture
def daemon(tmp_path, monkeypatch):
    """A function that makes lines of Python run in place of a daemon."""

    def lines_of(lines: str) -> None:
        script = tmp_path / "daemon.py"
        script.write_text(lines)
        monkeypatch.setattr(clean_path, "SCRIPT", str(script))

    return lines_of


def start(steps: list[str] | None = None, name: str = "started"):
    return launch(name, name, None, {"hostname": "h"}, 1.0, (steps if steps is not None else []).append, [])


def test_each_step_is_reported_and_then_the_entry_returned(daemon):
    daemon(
        """
import json, sys
request = json.load(sys.stdin)
print(json.dumps({"progress": request["name"]}))
print("a warning of some library")
print(json.dumps({"progress": request["parameters"]["hostname"]}))
print(json.dumps({"ready": {"name": "started", "uri": "PYRO:x@y:1", "identity": "h:22"}}), flush=True)
"""
    )
    steps = []
    entry = start(steps)
    assert steps == ["started", "h"]
    assert (entry.name, entry.uri, entry.identity) == ("started", "PYRO:x@y:1", "h:22")
    wait_until(lambda: not our_processes(), what="the end of the process, without a zombie")


def test_an_error_of_the_daemon_is_raised_with_its_log(daemon):
    daemon(
        """
import json
error = {"own": "WrongPassword", "message": "refused", "remedy": "give another one"}
print(json.dumps({"error": error}), flush=True)
"""
    )
    with pytest.raises(errors.WrongPassword, match="refused") as caught:
        start()
    assert "give another one" in caught.value.remedy
    assert str(settings.log_path("started")) in caught.value.remedy


def test_a_daemon_that_stops_reporting_is_killed_and_is_an_error(daemon, monkeypatch):
    monkeypatch.setattr(settings, "START_SILENCE_SECONDS", 1.0)
    daemon("import os, time; print('pid', os.getpid(), flush=True); time.sleep(600)")
    with pytest.raises(errors.DaemonFailed, match="reported nothing for 1 s and was ended") as caught:
        start()
    pid = int(caught.value.remedy.rpartition("pid ")[2])
    assert not psutil.pid_exists(pid)


def test_a_daemon_that_ends_shows_its_last_lines_and_no_more(daemon):
    daemon("import sys\nfor n in range(100): print('line', n)\nsys.exit(3)")
    with pytest.raises(errors.DaemonFailed, match="ended with exit code 3") as caught:
        start()
    shown = [line.strip() for line in caught.value.remedy.splitlines() if "line" in line]
    assert shown == [f"line {number}" for number in range(100 - tested.LOG_LINES, 100)]


def test_a_daemon_that_ends_without_output_shows_the_end_of_its_log(daemon):
    settings.log_path("logged").write_text("one\ntwo, the last words\n", encoding="utf-8")
    daemon("raise SystemExit(4)")
    with pytest.raises(errors.DaemonFailed, match="exit code 4") as caught:
        start(name="logged")
    assert caught.value.remedy.endswith("two, the last words")


def test_a_daemon_that_ends_without_output_and_log_is_an_error(daemon):
    daemon("raise SystemExit(5)")
    with pytest.raises(errors.DaemonFailed, match="exit code 5"):
        start(name="nothing")


def test_the_list_of_processes_shows_no_password(daemon):
    daemon(
        """
import json, sys
request = json.load(sys.stdin)
print(json.dumps({"progress": " ".join(sys.orig_argv)}))
password = request["parameters"]["password"]
print(json.dumps({"ready": {"name": "n", "uri": password, "identity": ""}}), flush=True)
"""
    )
    steps = []
    entry = launch("n", "n", None, {"password": "open sesame"}, 1.0, steps.append, [])
    assert entry.uri == "open sesame"
    assert "sesame" not in steps[0]


def test_a_daemon_serves_even_if_the_process_that_starts_it_has_ended_meanwhile():
    process = start_detached("pyrpl_remote.daemon", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    process.stdout.close()
    request = {"name": "orphan", "config": None, "source": None, "parameters": {"hostname": "_FAKE_"}}
    assert process.stdin is not None
    with process.stdin as stdin:
        json.dump({**request, "grace": 30}, stdin)
    reap(process)
    (entry,) = wait_until(lambda: [one for one in discover() if one.name == "orphan"], what="the board")
    log = settings.log_path("orphan").read_text(encoding="utf-8")
    assert "the client that started this daemon has ended; the start continues" in log
    with connect("orphan") as p:
        assert p.status().daemon.pid == process.pid
    stop(entry)


def test_a_daemon_that_reads_nothing_and_ends_is_an_error_with_its_words(daemon):
    daemon("import sys; sys.stdin.close(); sys.stdout.buffer.write(b'caf\\xe9\\n'); raise SystemExit(7)")
    with pytest.raises(errors.DaemonFailed, match="exit code 7") as caught:
        launch("n", "n", None, {"hostname": "h" * 2**20}, 1.0, print, [])
    assert "caf\N{REPLACEMENT CHARACTER}" in caught.value.remedy


def test_a_daemon_outlives_the_process_that_started_it(run_python):
    found = run_python(
        """
        from pyrpl_remote import connect
        p = connect("outliving", hostname="_FAKE_", grace=20)
        report(pid=p.status().daemon.pid)
        """
    )
    assert status("outliving").daemon.pid == found["pid"]
    stop("outliving")
