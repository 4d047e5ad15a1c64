"""All commands, on a joined machine, with a board of the host that it is paired with."""

import csv
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest

from tests.processes import wait_until

from .hosts import one_machine, pair


@pytest.fixture(scope="module")
def daq2(tmp_path_factory):
    """A host whose board a program of its own keeps served."""
    host = one_machine("daq2", tmp_path_factory.mktemp("hosts") / "daq2")
    host.configure("lab")
    host.configure("idle", sshport=1234)
    yield host
    host.run("unshare")


@pytest.fixture(scope="module")
def keeper(daq2):
    client = daq2.client()
    client.ask('p = connect("lab")')
    yield client
    client.end()


@pytest.fixture(scope="module")
def laptop(daq2, keeper, tmp_path_factory):
    host = one_machine("laptop", tmp_path_factory.mktemp("hosts") / "laptop")
    host.variables["HOME"] = str(host.folder)
    pair(daq2, host)
    return host


@contextmanager
def running(host, *arguments: str, output: int = subprocess.PIPE):
    """A command that goes on; its output arrives in the list. It must end well with Ctrl-C."""
    shown: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-m", "pyrpl_remote", *arguments],
        env={**host.environment, "TERM": "xterm", "COLUMNS": "160"},
        stdout=output,
        stderr=subprocess.STDOUT,
    ) as process:
        if process.stdout is not None:
            threading.Thread(target=_read, args=(process.stdout.fileno(), shown), daemon=True).start()
        try:
            yield shown
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
        finally:
            process.kill()
    assert "Traceback" not in "".join(shown)


def _read(descriptor: int, shown: list[str]) -> None:
    try:
        while data := os.read(descriptor, 65536):
            shown.append(data.decode())
    except OSError:  # it was closed
        pass


def test_attributes_methods_and_curves(laptop, keeper):
    laptop.run("set", "lab@daq2", "pid0.setpoint", "250mV")
    assert keeper.ask("p.rp.pid0.setpoint") == 0.25
    laptop.run("call", "lab", "pid0.setup", "p=0.5", "setpoint=0.125")
    assert laptop.run("get", "lab", "pid0.p").stdout.strip() == "0.5"
    file = laptop.folder / "trace.csv"
    laptop.run("call", "lab@daq2", "scope.single", "timeout=10", "--csv", str(file))
    assert len(list(csv.reader(file.read_text().splitlines()))) == 1 + 2**14


def test_a_host_that_is_not_paired_is_no_part_of_a_boards_name(laptop):
    for command in (["get", "lab@daq3", "pid0.p"], ["status", "lab@daq3"], ["logs", "lab@daq3"]):
        done = laptop.run(*command, check=False)
        assert done.returncode == 1
        assert "no host called 'daq3' is paired" in done.stderr
        assert "daq2" in done.stderr
    assert not (laptop.folder / "pyrpl" / "config" / "lab@daq3.yml").exists()


def test_a_board_of_another_host_is_not_served_here(laptop):
    done = laptop.run("serve", "lab@daq2", "--hostname", "_FAKE_", check=False)
    assert done.returncode == 1
    assert "is a board on daq2" in done.stderr and "run it on daq2" in done.stderr


def test_connect_takes_the_name_with_the_host_too(laptop):
    found = laptop.python(
        """
        from pyrpl_remote import connect
        with connect("lab@daq2") as p, connect("lab", on="daq2") as q:
            report(same=p.status().daemon.pid == q.status().daemon.pid)
        """
    )
    assert found["same"]


def test_boards_are_shown_with_their_host(laptop):
    shown = laptop.run("ls").stdout
    assert "daq2 can start idle: connect('idle')" in shown
    assert "lab on daq2 (_FAKE_): connected" in laptop.run("status").stdout
    assert ".log on daq2" in laptop.run("status", "lab").stdout
    assert json.loads(laptop.run("status", "lab@daq2", "--json").stdout)["on"] == "daq2"
    assert "lab@daq2 " in laptop.run("top", "--once").stdout
    unknown = laptop.run("status", "nosuch", check=False).stderr
    assert "lab@daq2" in unknown


def test_the_shell_is_ipython_with_the_board(laptop):
    done = subprocess.run(
        [sys.executable, "-m", "pyrpl_remote", "shell", "lab@daq2"],
        env=laptop.environment,
        input="p.rp.pid1.setpoint = 0.25\nprint('setpoint', p.rp.pid1.setpoint)\n%time 1\n"
        "p.rp.pid1.setpoint?\nexit()\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "setpoint 0.25" in done.stdout
    assert "limits" in done.stdout or "-1" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_log_is_followed_until_ctrl_c(laptop, daq2, keeper):
    with running(laptop, "logs", "lab", "-n", "1", "-f") as shown:
        wait_until(lambda: shown, what="the last line")
        with (daq2.folder / "state" / "lab.log").open("a") as file:
            file.write("a line that has just come\n")
        wait_until(lambda: "a line that has just come" in "".join(shown), what="the new line")


def test_a_log_remains_after_the_daemons_end_however_long_it_is(laptop, daq2):
    lines = [f"{number} " + "x" * 200 for number in range(12_000)]
    (daq2.folder / "state" / "idle.log").write_text("\n".join(lines) + "\n")
    for board in ("idle", "idle@daq2"):
        assert laptop.run("logs", board, "-n", "100000").stdout.splitlines() == lines
    missing = laptop.run("logs", "nosuch@daq2", check=False)
    assert "daq2 has no log of a board called 'nosuch'" in missing.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal and signals of POSIX")
def test_top_goes_on_until_ctrl_c(laptop):
    import pty

    screen, terminal = pty.openpty()
    shown: list[str] = []
    reader = threading.Thread(target=_read, args=(screen, shown))
    reader.start()
    try:
        with running(laptop, "top", output=terminal):
            os.close(terminal)
            wait_until(lambda: "lab@daq2" in "".join(shown), what="the first picture")
            shown.clear()
            wait_until(lambda: "lab@daq2" in "".join(shown), what="the next picture")
    finally:
        reader.join(20)
        os.close(screen)
    assert "Traceback" not in "".join(shown)


def test_the_doctor_examines_the_way_to_the_board_of_a_paired_host(laptop, daq2):
    shown = laptop.run("doctor", "lab").stdout
    assert "daq2 answers; this machine's role there is operator" in shown
    assert "serves it as 'lab'" in shown
    assert "its daemon reads them" in shown
    assert "connect() lets daq2 start one" in laptop.run("doctor", "idle@daq2").stdout
    missing = laptop.run("doctor", "nosuch@daq2", check=False)
    assert missing.returncode == 1
    assert "daq2 has no board called 'nosuch'" in missing.stdout
    assert "daq2: paired host: daq2 answers" in laptop.run("doctor").stdout


def test_a_shell_completes_the_board_with_its_host(laptop):
    environment = {
        "_PYRPL_REMOTE_COMPLETE": "complete_bash",
        "COMP_WORDS": "pyrpl-remote get lab@",
        "COMP_CWORD": "2",
    }
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.argv = ['pyrpl-remote']; import pyrpl_remote.cli as c; c.main()",
        ],
        env={**laptop.environment, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.split() == ["lab@daq2"], done.stderr


def test_a_host_that_does_not_answer_is_named_by_every_command(laptop, daq2):
    port = json.loads((daq2.folder / "state" / "lan" / "gate.json").read_text())["port"]
    daq2.run("unshare")
    try:
        for command in (
            ["status", "lab"],
            ["get", "lab", "pid0.p"],
            ["logs", "lab@daq2"],
            ["top", "lab", "--once"],
        ):
            done = laptop.run(*command, check=False)
            assert done.returncode == 1, command
            assert "the host 'daq2' " in done.stderr, command
            assert "answer" in done.stderr and "is it switched on" in done.stderr, command
            assert "Traceback" not in done.stderr
        examined = laptop.run("doctor", check=False)
        assert examined.returncode == 1
        assert "'daq2' does not answer" in examined.stdout
        assert "the host 'daq2' " in laptop.run("ls").stdout
    finally:
        daq2.run("share", "--no-invitation", "--port", str(port))
