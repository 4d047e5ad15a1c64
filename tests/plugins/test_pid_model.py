"""The tests of pid_model.py, in a process of their own.

What PyMoDAQ's PID extension leaves behind raises in later tests of its process, and has crashed dashboards
that these make.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.timeout(240)
def test_the_pid_extension_holds_a_value_with_the_boards_set_point():
    # folders and a name server of its own
    environment = {name: value for name, value in os.environ.items() if name != "PYRPL_REMOTE_TESTS_OF"}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            str(Path(__file__).parent / "pid_model.py"),
        ],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=220,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 passed" in done.stdout
