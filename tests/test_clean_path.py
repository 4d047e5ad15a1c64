"""Files of the user's working folder replace no library in processes of this package."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import pyrpl_remote
from pyrpl_remote import clean_path

LIBRARIES = (
    "yaml",
    "numpy",
    "msgpack",
    "Pyro5",
    "serpent",
    "psutil",
    "random",
    "socketserver",
    "numba",
    "typer",
)
"""Names that a user's own files may have too: of libraries, and of Python's own modules."""


@pytest.fixture
def folder(tmp_path):
    """A working folder in which a file for each of LIBRARIES ends the process that imports it."""
    for name in LIBRARIES:
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name}.py of the user was imported')\n")
    return tmp_path


@pytest.fixture
def run(folder):
    """A function that runs a command in the user's folder; returns its output."""

    def run(*command: str, **environment: str) -> str:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_a_daemon_its_name_server_and_its_board_see_no_file_of_the_working_folder(run):
    assert run(sys.executable, "-m", "pyrpl_remote", "get", "virtual", "pid0.p").strip() == "0.0"


def test_a_process_sees_none_where_an_empty_item_of_pythonpath_means_the_working_folder(run):
    # as `export PYTHONPATH=$PYTHONPATH:/tools` leaves one
    shown = run(*clean_path.command("pyrpl_remote", "--help"), PYTHONPATH=os.pathsep + "/tools")
    assert "virtual-board" in shown


def test_children_use_the_same_copy_of_the_package_as_their_parent(tmp_path):
    # a clone that is not installed, and a script that is not in it
    shutil.copytree(Path(pyrpl_remote.__file__).parent, tmp_path / "clone" / "pyrpl_remote")
    script = tmp_path / "script.py"
    script.write_text(
        "import subprocess, sys\n"
        f"sys.path.insert(0, {str(tmp_path / 'clone')!r})\n"
        "from pyrpl_remote import clean_path\n"
        "subprocess.run(clean_path.command('pyrpl_remote.shown'), check=True)\n"
    )
    shown = "import sys, pyrpl_remote as p\nprint(p.__file__, __name__, sys.argv[1:], *sys.path, sep='\\n')\n"
    (tmp_path / "clone" / "pyrpl_remote" / "shown.py").write_text(shown)
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    file, name, arguments, *path = done.stdout.splitlines()
    assert file == str(tmp_path / "clone" / "pyrpl_remote" / "__init__.py")
    assert (name, arguments) == ("__main__", "[]")
    assert str(tmp_path) not in path
    assert str(Path(file).parent) not in path
