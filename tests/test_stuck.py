"""A run of tests does not wait for ever for one that is stuck."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = """
from tests import stuck

stuck.LATER_SECONDS = 0.5
pytest_plugins = ["tests.stuck"]
"""

TESTS = """
import ctypes
import pytest

@pytest.mark.timeout(0.5)
def test_that_waits_for_ever_with_pythons_lock():
    mutex = ctypes.create_string_buffer(100)
    for _ in range(2):
        ctypes.PyDLL(None).pthread_mutex_lock(mutex)

def test_that_comes_after_it():
    pass
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the lock is one of POSIX")
def test_a_process_in_which_a_test_is_stuck_ends_and_says_where(tmp_path):
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_two.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\ntimeout = 100\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "1", "--max-worker-restart", "1", "--dist", "loadfile"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        timeout=60,
    )
    said = done.stdout + done.stderr
    assert "crashed while running 'test_two.py::test_that_waits_for_ever_with_pythons_lock'" in said
    assert "in test_that_waits_for_ever_with_pythons_lock" in done.stderr
    assert done.returncode == 1
