"""The examples to copy: each runs as it stands, and prints what it says."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "examples"

PRINTED = {
    "sine": r"in1 from -0\.[78]\d V to 0\.[78]\d V",
    "bode_plot": r"magnitude at 1 kHz -?0\.\d dB",
    "noise_spectrum": r"median noise of in2: \d+ nV/sqrt\(Hz\)",
    "many_at_once": r"a trace of 16384 points, and a sweep of 11",
    "set_points": r"set point \+0\.20 V: in2 \+0\.(19|20)\d V",
}


def test_every_example_is_listed_and_tested():
    names = {path.stem for path in FOLDER.glob("*.py")}
    assert names == {*PRINTED, "who_changes_what"}
    listed = re.findall(r"\]\((\w+)\.py\)", (FOLDER / "README.md").read_text("utf-8"))
    assert set(listed) == names


@pytest.mark.parametrize("name", PRINTED)
def test_an_example_prints_what_it_found(p, tmp_path, name):
    done = subprocess.run(
        [sys.executable, str(FOLDER / f"{name}.py")],
        cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(PRINTED[name], done.stdout), done.stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no Ctrl-C to one process")
def test_who_changes_what_follows_until_ctrl_c(p):
    with subprocess.Popen(
        [sys.executable, str(FOLDER / "who_changes_what.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert "Ctrl-C" in process.stdout.readline()
        p.rp.asg1.offset = 0.25
        line = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert "rp.asg1.offset = 0.25, by " in line
    assert errors == ""
    assert process.returncode == 0
