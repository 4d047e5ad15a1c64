"""What a user sees while connect() starts a daemon: on a terminal, in a notebook, in any other program."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import filelock
import nbformat
import pytest
from nbclient import NotebookClient

from pyrpl_remote import settings
from pyrpl_remote.client.finding import start_step
from pyrpl_remote.client.finding.locate import Locator
from pyrpl_remote.client.finding.wanted import Wanted
from pyrpl_remote.names.directory import Entry

from ..environment import free_port
from ..processes import wait_until
from ..screen import Screen, on_terminal

START = """
import logging
from pyrpl_remote import connect
logging.getLogger("pyrpl").setLevel(logging.ERROR)  # without PyRPL's warnings of the start
with connect("{name}", hostname="{hostname}", sshport={sshport}, grace=0) as p:
    pass
"""


def lines_of(name: str, hostname: str = "_FAKE_", sshport: int = 22) -> str:
    return START.format(name=name, hostname=hostname, sshport=sshport)


needs_pty = pytest.mark.skipif(sys.platform == "win32", reason="Python has no terminals for tests there")


@needs_pty
def test_a_start_on_a_terminal_shows_its_steps_in_one_line_and_clears_it():
    screen, code = on_terminal([sys.executable, "-c", lines_of("shown")])
    assert code == 0
    for step in ("starting the daemon", "importing PyRPL", "setting up the modules"):
        assert f"board shown: {step} ..." in screen.shown
    assert [line.strip() for line in screen.lines] == [""]


@needs_pty
def test_a_failed_start_on_a_terminal_clears_the_line_before_the_error():
    lines = lines_of("failing", "127.0.0.1", free_port())
    screen, code = on_terminal([sys.executable, "-c", lines], columns=200)
    assert code == 1
    assert "board failing: connecting to the Red Pitaya 127.0.0.1 ..." in screen.shown
    assert screen.lines[0].rstrip() == "Traceback (most recent call last):"


def test_a_start_in_a_program_is_silent():
    done = subprocess.run([sys.executable, "-c", lines_of("silent")], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_start_in_a_notebook_shows_its_steps_in_one_line_and_clears_it():
    cell = nbformat.v4.new_code_cell(lines_of("noted"))
    notebook = nbformat.v4.new_notebook(cells=[cell])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    assert {(output.output_type, output.get("name")) for output in cell.outputs} == {("stream", "stderr")}
    screen = Screen(80).feed("".join(output.text for output in cell.outputs))
    assert "board noted: importing PyRPL ..." in screen.shown
    assert [line.strip() for line in screen.lines] == [""]


def test_a_client_that_waits_for_the_start_by_another_one_sees_its_steps():
    started = Entry("waited", "PYRO:nothing@localhost:1", "nothing")
    steps: list[str] = []
    locator = Locator(Wanted("waited"), lambda: started, steps.append)
    step = "compiling the virtual FPGA, once (40 %, about 15 s left)"
    lock = filelock.FileLock(settings.lock_path("start-waited"))
    with ThreadPoolExecutor(1) as other_thread:
        with lock, start_step.noted("start-waited", lambda step: None) as report:
            waiting = other_thread.submit(locator.find_or_start, lambda entry: entry)
            wait_until(lambda: steps == ["another client starts it: waiting"], what="the waiting client")
            report(step)
            wait_until(lambda: steps[-1] == f"another client starts it: {step}", what="the step")
        assert waiting.result(30) == started
    assert start_step.of("start-waited") == ""
