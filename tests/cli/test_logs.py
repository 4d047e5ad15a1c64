"""`logs` shows who asked for what, and follows a log across its rotations."""

import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
from functools import partial
from pathlib import Path

import Pyro5.api
import pytest

from pyrpl_remote.machine.log_reader import LogReader

from ..daemons import fake_board, processes_begin_with
from ..processes import wait_until

FEW_BYTES = 10_000
"""After so many bytes the log of these tests rotates."""

TALKATIVE = """
    import logging
    from pyrpl.async_utils import ensure_future, sleep_async
    from pyrpl.software_modules.lockbox import Lockbox

    class Talkative(Lockbox):
        def say(self, text):
            logging.getLogger("said").warning(text)

        async def _say_later(self, text):
            await sleep_async(0.05)
            self.say(text)

        def say_later(self, text):
            ensure_future(self._say_later(text))
    """


@pytest.fixture(scope="module")
def p(own_pyrpl_folder, tmp_path_factory):
    folder = Path(os.environ["PYRPL_USER_DIR"], "lockbox")
    folder.mkdir()
    (folder / "talkative.py").write_text(textwrap.dedent(TALKATIVE))
    lines = f"""
        import sys
        if "pyrpl_remote.daemon" in " ".join(sys.orig_argv):
            from pyrpl_remote.machine import log_file
            log_file.LOG_BYTES = {FEW_BYTES}
        """
    with processes_begin_with(tmp_path_factory.mktemp("site"), lines), fake_board("logged") as p:
        p.lockbox.classname = "Talkative"
        yield p


@pytest.fixture
def line_of(command):
    """A function that waits for the line of the log that ends in `text`, and returns it."""

    def find(text: str) -> str:
        def found() -> list[str]:
            printed = command("logs", "logged", "-n", "100000").stdout
            return [line for line in printed.splitlines() if line.rstrip().endswith(text)]

        (line,) = wait_until(found, what=f"the line {text!r}")
        return line

    return find


def any_with(lines: list[str], text: str) -> bool:
    return any(text in line for line in lines)


def label_of(p, program: str | None = None) -> str:
    (client,) = (one for one in p.status().clients if program is None or one.program == program)
    return f"{client.program} (pid {client.pid}, {client.user} at {client.host})"


def test_a_line_that_a_request_caused_names_the_board_and_the_client(p, line_of):
    p.lockbox.say("at once")
    assert f" [logged, {label_of(p)}] WARNING said: at once" in line_of("at once")
    p.lockbox.say_later("after a while")
    assert f" [logged, {label_of(p)}] WARNING said: after a while" in line_of("after a while")


def test_a_line_of_the_daemon_itself_names_the_board(p, command):
    text = command("logs", "logged", "-n", "100000").stdout
    (line,) = (line for line in text.splitlines() if "starting board logged" in line)
    assert " [logged] INFO root: " in line


def test_a_bare_pyro_client_is_named_too(p, line_of):
    with Pyro5.api.Proxy("PYRONAME:pyrpl.logged.scope") as scope:
        scope.input1 = "nosuch"  # of which PyRPL warns
        line = line_of("Picking an arbitrary value in1 instead.")
    assert re.search(rf"\[logged, .*\(pid {os.getpid()}, .* at .*\)\] WARNING pyrpl", line)


def test_following_goes_on_across_rotations_until_ctrl_c(p):
    command = [sys.executable, "-m", "pyrpl_remote", "logs", "logged", "-f", "-n", "1"]
    printed: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        reader = threading.Thread(target=lambda: printed.extend(process.stdout or ()))
        reader.start()
        wait_until(lambda: printed, 60, "the last line")
        for number in range(200):  # some three logs
            p.lockbox.say(f"followed {number} " + "x" * 50)
            if number % 50 == 49:
                wait_until(partial(any_with, printed, f"followed {number} "), what="the line")
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        reader.join(20)
        assert process.stderr.read() == ""
    log = Path(p.status().daemon.log)
    assert log.with_suffix(".log.2").exists()
    numbers = [int(line.split("followed ")[1].split()[0]) for line in printed if "followed " in line]
    assert numbers == list(range(200))


def test_the_last_lines_are_those_of_two_logs_if_one_has_just_begun(tmp_path):
    path = tmp_path / "lab.log"
    Path(f"{path}.1").write_text("one\ntwo\n")
    path.write_text("three\n")
    assert LogReader(path).last(2) == "two\nthree\n"


def test_lines_that_come_between_two_looks_are_all_read(tmp_path):
    path = tmp_path / "lab.log"
    path.write_text("one\n")
    reader = LogReader(path)
    assert reader.last(10) == "one\n"
    assert reader.new() == ""
    with open(path, "a") as file:
        file.write("two\n")
    path.rename(f"{path}.2")
    Path(f"{path}.1").write_text("three\n")
    assert reader.new() == ""  # between two logs
    path.write_bytes(b"f\xc3")
    assert reader.new() == "two\nthree\nf"
    with open(path, "ab") as file:
        file.write(b"\xb6ur\n")
    assert reader.new() == "\u00f6ur\n"


def test_a_log_that_was_deleted_is_followed_when_it_is_there_again(tmp_path):
    path = tmp_path / "lab.log"
    Path(f"{path}.1").write_text("old\n")
    path.write_text("one two three\n")
    reader = LogReader(path)
    reader.last(1)
    path.unlink()
    assert reader.new() == ""
    path.write_text("new\n")
    assert reader.new() == "new\n"
