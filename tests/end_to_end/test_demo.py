"""The demonstration of the README, as a user runs it."""

import json
import os
import signal
import subprocess

import pytest

from pyrpl_remote import clean_path

from ..processes import our_processes, wait_for_line, wait_until


@pytest.mark.timeout(300)
def test_the_demo_prints_its_results_and_leaves_nothing_behind(command, tmp_path):
    picture = tmp_path / "traces.png"
    # the names of modules that multiprocessing, the daemon and the board import
    for name in ("random", "socket", "queue", "yaml"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a file of the user was imported')\n")
    done = command("demo", "--json", "--picture", str(picture), timeout=240, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    result = json.loads(done.stdout)
    assert result["sine_rms_volts"] == pytest.approx(0.566, abs=0.01)
    assert result["pid_settled_volts"] == pytest.approx(result["pid_set_volts"], abs=0.005)
    assert result["daemon_started"] is True
    assert result["daemon_stopped"] is True
    assert result["picture"] == str(picture)
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.timeout(300)
def test_a_demo_that_is_killed_leaves_nothing_behind(tmp_path):
    before = {process.pid for process in our_processes()}
    lines = clean_path.command("pyrpl_remote", "demo", "--picture", str(tmp_path / "traces.png"))
    with subprocess.Popen(lines, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as demo:
        wait_for_line(demo, "connected", 240)
        demo.kill()
    wait_until(lambda: not [one for one in our_processes() if one.pid not in before], 60, "the others' end")


@pytest.mark.timeout(300)
@pytest.mark.skipif(os.name == "nt", reason="groups of processes of POSIX")
def test_ctrl_c_in_the_demos_terminal_ends_it_without_a_traceback(tmp_path):
    before = {process.pid for process in our_processes()}
    lines = clean_path.command("pyrpl_remote", "demo", "--picture", str(tmp_path / "traces.png"))
    errors = tmp_path / "errors"
    with (
        errors.open("w") as file,
        subprocess.Popen(
            lines, stdout=subprocess.PIPE, stderr=file, text=True, start_new_session=True
        ) as demo,
    ):
        wait_for_line(demo, "connected", 240)
        os.killpg(demo.pid, signal.SIGINT)
    assert demo.returncode == 130
    assert "Traceback" not in errors.read_text()
    wait_until(lambda: not [one for one in our_processes() if one.pid not in before], 60, "the others' end")
