"""Alarms: a command and a web address get the event; none holds up the watch, each failure is logged once."""

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil
import pytest

from pyrpl_remote.daemon.jobs.locks import alarms
from pyrpl_remote.daemon.jobs.locks.alarms import (
    Alarms,
    Failed,
    alarm_kinds,
    call_webhook,
    command_words,
    run_command,
    webhook_address,
)
from pyrpl_remote.lock_history import LockEvent

from ...processes import wait_until

LOST = LockEvent(1.7e9, "lost", 1, 12.5, "reflection is 0.5 V", error_mean=0.35)


class Server(ThreadingHTTPServer):
    """A web server that keeps what it gets, and answers with `status` when `gate` is open."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.got = []
        self.status = 204
        self.gate = threading.Event()
        self.gate.set()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/secret?token=hidden"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, self.headers["Content-Type"], json.loads(body)))
        self.server.gate.wait(20)
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.gate.set()
        server.shutdown()
        thread.join()


def python(lines, *arguments):
    return [sys.executable, "-c", lines, *arguments]


def test_a_command_gets_the_event_as_json_and_as_variables(tmp_path):
    lines = (
        "import json, os, sys; json.dump([json.load(sys.stdin), dict(os.environ)], open(sys.argv[1], 'w'))"
    )
    watch = Alarms("lab", python(lines, str(tmp_path / "got with a space")), None)
    watch.send(LOST)
    found = wait_until(lambda: _read(tmp_path / "got with a space"), what="the command")
    body, variables = found
    assert body == {"board": "lab", **LOST.to_data()}
    assert body["kind"] == "lost" and body["error_rms"] is None
    assert variables["PYRPL_LOCK_KIND"] == "lost" and variables["PYRPL_LOCK_BOARD"] == "lab"
    assert variables["PYRPL_LOCK_REASON"] == "reflection is 0.5 V"
    assert variables["PYRPL_LOCK_ERROR_RMS"] == ""
    assert "PATH" in variables
    watch.close()


def _read(path):
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def test_no_shell_reads_a_command():
    assert command_words("echo '$HOME; rm' \"a b\"") == ["echo", "$HOME; rm", "a b"]
    assert command_words(["echo", "; rm"]) == ["echo", "; rm"]


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (command_words, ""),
        (command_words, []),
        (command_words, "echo 'open"),
        (command_words, ["echo", 1]),
        (command_words, 7),
        (command_words, ["a\0b"]),
        (webhook_address, "file:///etc/passwd"),
        (webhook_address, "ftp://example.org"),
        (webhook_address, "https://"),
        (webhook_address, "http://a b\n"),
        (webhook_address, "http://ada:password@example.org"),
        (webhook_address, 7),
        (alarm_kinds, "lost"),
        (alarm_kinds, ["lost", "found"]),
    ],
)
def test_nonsense_is_refused(check, value):
    with pytest.raises((TypeError, ValueError)):
        check(value)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["/no/such/program"], "cannot be started"),
        (python("import sys; sys.exit('the horn is broken')"), "exit code 1: the horn is broken"),
    ],
)
def test_a_command_that_fails_says_why(command, expected):
    with pytest.raises(Failed, match=expected):
        run_command(command, {"kind": "lost"})


def test_a_command_of_windows_keeps_its_backslashes():
    assert command_words(r'"C:\Program Files\horn.exe" -v "two words"', windows=True) == [
        r"C:\Program Files\horn.exe",
        "-v",
        "two words",
    ]


@pytest.mark.parametrize("groups", [True, False], ids=["groups of processes", "none, as on Windows"])
def test_a_command_that_hangs_is_killed_with_what_it_started(tmp_path, groups, monkeypatch):
    if not groups:
        monkeypatch.setattr(os, "killpg", lambda *_: None, raising=False)
    lines = (
        "import subprocess, sys, time; "
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
        "open(sys.argv[1], 'w').write(str(child.pid)); time.sleep(60)"
    )
    with pytest.raises(Failed, match="was killed"):
        run_command(python(lines, str(tmp_path / "pid")), {}, seconds=1.0)
    child = int((tmp_path / "pid").read_text())
    wait_until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == "zombie")


def test_a_webhook_gets_the_event_as_json(server):
    watch = Alarms("lab", None, server.address)
    watch.send(LOST)
    wait_until(lambda: server.got, what="the server")
    assert server.got == [("/secret?token=hidden", "application/json", {"board": "lab", **LOST.to_data()})]
    watch.close()


@pytest.mark.parametrize(("status", "expected"), [(500, "500"), (404, "404"), (302, "302")])
def test_an_answer_that_is_no_success_is_a_failure_and_no_redirection_is_followed(server, status, expected):
    server.status = status
    with pytest.raises(Failed, match=expected):
        call_webhook(server.address, {})
    assert [path for path, _, _ in server.got] == ["/secret?token=hidden"]


def test_a_server_that_is_silent_or_away_is_a_failure(server):
    server.gate.clear()
    with pytest.raises(Failed, match="cannot be reached"):
        call_webhook(server.address, {}, seconds=0.2)
    address = server.address
    server.server_close()
    with pytest.raises(Failed, match="cannot be reached"):
        call_webhook(address, {})


def test_alarms_do_not_wait_and_each_failure_is_logged_once_until_it_works(server, caplog):
    server.gate.clear()
    watch = Alarms("lab", ["/no/such/program"], server.address)
    for _ in range(3 * alarms.WAITING):
        watch.send(LOST)  # returns, though the server is silent
    wait_until(lambda: server.got, what="the server")
    server.status = 503
    server.gate.set()
    wait_until(lambda: len(server.got) > 3, what="the next alarms")
    server.status = 204
    wait_until(lambda: "work again" in caplog.text, what="the end of the failure")
    watch.send(LOST)
    watch.close()
    assert caplog.text.count("cannot be started") == 1
    assert caplog.text.count("503") == 1
    assert caplog.text.count("the oldest are dropped") >= 1
    assert len(server.got) <= alarms.WAITING + 2
    # what may be a secret is in no log
    assert "secret" not in caplog.text and "hidden" not in caplog.text
    assert any("cannot be started" in text for text in watch.failures())


def test_an_error_that_nobody_expected_ends_no_alarm(monkeypatch):
    calls = []

    def break_down(command, body):
        if command == ["surprising"]:
            calls.append(body)
        raise RuntimeError("surprise")

    monkeypatch.setattr(alarms, "run_command", break_down)
    watch = Alarms("lab", ["surprising"], None)
    watch.send(LOST)
    watch.send(LOST)
    wait_until(lambda: len(calls) == 2, what="both alarms")
    wait_until(lambda: watch.failures() == ["'surprising': RuntimeError: surprise"])
    watch.close()
