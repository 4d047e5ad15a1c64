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


def test_a_virtual_board_names_all_that_is_missing_and_one_extra_that_brings_it(lacking):
    lacking("numba", "asyncssh")
    error = libraries_missing("lab")
    assert isinstance(error, errors.PyrplMissing)
    assert "'lab'" in error.message and "needs numba, asyncssh, which" in error.message
    assert error.remedy.endswith('-m pip install "pymodaq_plugins_pyrpl[virtual]"')
    lacking("pyrpl", *extras.QT_BINDINGS)
    error = libraries_missing("lab")
    assert "needs pyrpl, PyQt6, numba, asyncssh, which" in error.message
    assert error.remedy == extras.install("virtual")


def test_any_qt_binding_is_enough(lacking):
    lacking("PyQt5", "PySide6", "PySide2")
    assert extras.missing("daemon") == {}


def test_what_only_a_part_of_an_extra_needs_is_missing_alone(lacking):
    lacking("h5py")
    assert extras.missing("daemon") == {}
    assert extras.missing_module("h5py", "daemon") == {"daemon": ["h5py"]}
    assert extras.missing_module("prometheus_client", "daemon") == {}


def test_an_environment_of_uv_which_has_no_pip_gets_uvs_command(lacking):
    assert " -m pip install " in extras.install("daemon")
    lacking("pip")
    expected = f'uv pip install --python {sys.executable} "pymodaq_plugins_pyrpl[lan,virtual]"'
    assert extras.install("lan", "daemon", "virtual") == expected


def test_the_command_to_install_works_without_an_index_that_knows_the_package():
    words = shlex.split(extras.install("lan", "virtual"))
    done = subprocess.run([*words, "--no-index", "--dry-run"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_clone_that_is_not_installed_is_installed_by_its_path(monkeypatch):
    monkeypatch.setattr(extras, "DISTRIBUTION", "pymodaq_plugins_pyrpl_that_pip_does_not_know")
    clone = Path(pyrpl_remote.__file__).parent.parent
    assert shlex.split(extras.install("daemon"))[-1] == f"{clone}[daemon]"


def test_a_client_imports_no_library_of_the_command(run_python):
    found = run_python(
        """
        import sys
        import pyrpl_remote, pyrpl_remote.client.connect
        report(imported=[name for name in ("typer", "rich", "click", "uniplot") if name in sys.modules])
        """
    )
    assert found["imported"] == []
