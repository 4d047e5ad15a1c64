"""`shell`, in an environment with and without IPython."""

import subprocess
import sys

import pytest

from ..daemons import fake_board

HIDE_IPYTHON = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "IPython":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Hidden())
"""


@pytest.fixture(scope="module")
def p():
    """A board whose registers PyRPL simulates itself: no signal is needed here."""
    with fake_board("simulated") as p:
        yield p


@pytest.mark.parametrize("hidden", [False, True])
def test_the_shell_has_the_board_with_and_without_ipython(p, monkeypatch, tmp_path, hidden):
    monkeypatch.setenv("HOME", str(tmp_path))
    if hidden:
        (tmp_path / "sitecustomize.py").write_text(HIDE_IPYTHON)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    p.rp.pid0.setpoint = 0.25
    done = subprocess.run(
        [sys.executable, "-m", "pyrpl_remote", "shell", "simulated"],
        input="print('setpoint', p.rp.pid0.setpoint)\nexit()\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "setpoint 0.25" in done.stdout, done.stderr
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert ("Python 3" in done.stderr) is hidden


def test_an_error_in_plain_python_is_shown_without_the_search_for_ipython(p, monkeypatch, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(HIDE_IPYTHON)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-m", "pyrpl_remote", "shell", "simulated"],
        input="1 / 0\nexit()\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "ZeroDivisionError" in done.stderr
    assert "IPython" not in done.stderr.partition("more comfort")[2]
