"""The remedies for missing libraries: commands that work, with all extras that are needed at once."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import pyrpl_remote
from pyrpl_remote import errors
from pyrpl_remote.daemon.adapter.starting.failures import libraries_missing
from pyrpl_remote.machine import extras


@pytest.fixture
def lacking(monkeypatch):
    """A function that makes modules impossible to find."""

    def lack(*names: str) -> None:
        for name in names:
            monkeypatch.setitem(sys.modules, name, None)

    return lack


def test_nothing_is_missing_where_everything_is_installed():
    assert extras.missing(*extras.LIBRARIES) == {}
    assert libraries_missing("lab") is None


def test_a_virtual_board_names_all_that_is_missing_and_both_extras_at_once(lacking):
    lacking("numba", "asyncssh")
    error = libraries_missing("lab")
    assert isinstance(error, errors.PyrplMissing)
    assert "'lab'" in error.message and "needs numba, asyncssh, which" in error.message
    assert error.remedy.endswith('-m pip install "pymodaq_plugins_pyrpl[virtual]"')
    lacking("pyrpl", *extras.QT_BINDINGS)
    error = libraries_missing("lab")
    assert "needs pyrpl, PyQt6, numba, asyncssh, which" in error.message
    assert error.remedy.endswith('-m pip install "pymodaq_plugins_pyrpl[daemon,virtual]"')


def test_any_qt_binding_is_enough(lacking):
    lacking("PyQt5", "PySide6", "PySide2")
    assert extras.missing("daemon") == {}


def test_the_command_to_install_works_without_an_index_that_knows_the_package():
    words = shlex.split(extras.install("cli", "virtual"))
    done = subprocess.run([*words, "--no-index", "--dry-run"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_clone_that_is_not_installed_is_installed_by_its_path(monkeypatch):
    monkeypatch.setattr(extras, "DISTRIBUTION", "pymodaq_plugins_pyrpl_that_pip_does_not_know")
    clone = Path(pyrpl_remote.__file__).parent.parent
    assert shlex.split(extras.install("daemon"))[-1] == f"{clone}[daemon]"


def test_a_client_imports_no_library_of_the_command_line(run_python):
    found = run_python(
        """
        import sys
        import pyrpl_remote
        report(imported=[name for name in ("typer", "rich", "click") if name in sys.modules])
        """
    )
    assert found["imported"] == []


@pytest.mark.parametrize("arguments", [[], ["get", "virtual", "pid0.p"], ["--help"]])
def test_the_command_without_its_libraries_says_how_to_install_them(arguments):
    lines = f"import sys; sys.modules['typer'] = None; sys.argv[1:] = {arguments!r}; "
    lines += "from pyrpl_remote.command import main; main()"
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"the command pyrpl-remote needs typer, which {sys.executable} does not find",
        f"  -> {extras.install('cli')}",
    ]
