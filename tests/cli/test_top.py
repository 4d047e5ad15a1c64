"""`top` shows boards, clients and requests, follows what comes and goes, and ends with Ctrl-C."""

import json
import os
import re
import signal
import subprocess
import sys
import threading

import pytest

from pyrpl_remote import connect

from ..daemons import fake_board
from ..processes import wait_until


@pytest.fixture(scope="module")
def p():
    with fake_board("busy") as p:
        yield p


def test_without_boards_it_says_so(main, monkeypatch):
    from pyrpl_remote.names import directory

    monkeypatch.setattr(directory, "boards", list)
    done = main("top", "--once")
    assert done.returncode == 0
    assert "no board is served" in done.stdout


def test_an_unknown_board_is_an_error_with_a_remedy(main, p):
    done = main("top", "nosuch", "--once")
    assert done.returncode == 1
    assert "UnknownBoard" in done.stderr
    assert "busy" in done.stderr


def test_one_picture_shows_all_boards(main, p):
    with fake_board("quiet"):
        lines = main("top", "--once").stdout.splitlines()
    assert re.match(
        r"board +Red Pitaya +link +clients +jobs +calls/s +p50 +p99 +errors +events +memory +CPU +up",
        lines[0],
    )
    rows = [line.split() for line in lines[1:]]
    assert [row[:5] for row in rows] == [
        ["busy", "_FAKE_", "up", "1", "0"],
        ["quiet", "_FAKE_", "up", "1", "0"],
    ]


def test_one_board_is_shown_with_its_clients_and_requests(main, p):
    scope = p.rp.scope
    for _ in range(20):
        scope.duration
    p.status()
    text = main("top", "busy", "--once").stdout
    (client,) = (line for line in text.splitlines() if f" {os.getpid()} " in line)
    assert "rp.scope" in client
    (gets,) = (line.split() for line in text.splitlines() if line.startswith("get "))
    assert int(gets[1]) >= 20
    assert gets[-1] in ("us", "ms")
    assert "link up" in text


def test_status_says_the_same_in_a_few_lines(main, p):
    p.rp.pid0.setpoint
    lines = main("status", "busy").stdout.splitlines()
    assert any(re.match(r"  link up, .*gateware simulated by PyRPL", line) for line in lines)
    assert any(
        re.match(r"  \d+\.\d calls/s, half within \S+ [um]s, 99 % within \S+ [um]s; \d+ calls", line)
        for line in lines
    )
    assert any(re.match(r"  \d+ MB of memory, \S+ % of a core, \d+ threads", line) for line in lines)
    assert any("pyrpl 0." in line and "python 3." in line for line in lines)
    shown = json.loads(main("status", "busy", "--json").stdout)
    assert shown["requests"]["verbs"]["get"]["p99"] > 0
    assert shown["link"]["latency"] is None


def test_into_a_pipe_it_prints_one_picture_and_ends(command, p):
    done = command("top")
    assert done.returncode == 0
    assert "busy" in done.stdout
    assert "\x1b" not in done.stdout


def test_looking_counts_as_no_client_and_no_request(main, p):
    before = p.status()
    main("top", "busy", "--once")
    after = p.status()
    assert len(after.clients) == len(before.clients) == 1
    assert after.requests.count == before.requests.count


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal and signals of POSIX")
def test_on_a_terminal_it_follows_what_comes_and_goes_until_ctrl_c(p):
    import pty

    screen, terminal = pty.openpty()
    shown: list[bytes] = []

    def read() -> None:
        try:
            while data := os.read(screen, 65536):
                shown.append(data)
        except OSError:  # the terminal is closed
            pass

    command = [sys.executable, "-m", "pyrpl_remote", "top"]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "160"}
    with subprocess.Popen(command, stdout=terminal, stderr=terminal, env=environment) as process:
        os.close(terminal)
        reader = threading.Thread(target=read)
        reader.start()
        wait_until(lambda: b"busy" in b"".join(shown), 60, "the first picture")
        assert b"coming" not in b"".join(shown)
        with connect("coming", hostname="_FAKE_", sshport=1099):
            wait_until(lambda: b"coming" in b"".join(shown), what="the new board")
        shown.clear()
        wait_until(lambda: b"busy" in b"".join(shown), what="the next picture")
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        reader.join(20)
    os.close(screen)
    assert b"Traceback" not in b"".join(shown)
