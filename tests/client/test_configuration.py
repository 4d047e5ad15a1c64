"""A configuration file is found where PyRPL finds it, and its name makes the board's name."""

import os
import pathlib
import subprocess
import sys

import pytest

from pyrpl_remote import errors
from pyrpl_remote.client.finding.configuration import (
    board_name,
    find_configuration,
    find_source,
    is_path,
    same_file,
)


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """A working folder with two configurations, and PyRPL's folder with one."""
    work, config = tmp_path / "work", tmp_path / "user" / "config"
    for folder in (work / "sub", config):
        folder.mkdir(parents=True)
    for file in (work / "here.yml", work / "sub" / "Deep.yml", config / "saved.yml"):
        file.write_text("")
    monkeypatch.chdir(work)
    monkeypatch.setenv("PYRPL_USER_DIR", str(tmp_path / "user"))
    return work, config


NAMES = [
    "here",
    "./here.yml",
    "sub/Deep",
    "sub/Deep.yml",
    "saved",
    "saved.yml",
    "sub/saved",
    "new",
    "sub/new",
]


def test_a_name_or_a_path_leads_to_the_file_that_pyrpl_opens(folders):
    work, _ = folders
    names = [*NAMES, str(work / "sub" / "Deep"), str(work / "no such" / "Cavity A"), "global_config", "a.b"]
    lines = (
        "import sys; from pyrpl.memory import _get_filename, default_config_dir, user_config_dir; import os\n"
        "paths = [os.path.abspath(_get_filename(name)) for name in sys.argv[1:]]\n"
        # PyRPL copies its own files to the user's folder and opens the copy
        "print('\\n'.join(p.replace(default_config_dir, user_config_dir) for p in paths))"
    )
    done = subprocess.run([sys.executable, "-c", lines, *names], capture_output=True, text=True, check=True)
    assert [find_configuration(name).path for name in names] == done.stdout.splitlines()


@pytest.mark.parametrize("config", ["", "/.yml", "some/folder/.yml"])
def test_no_name_means_no_file_as_in_pyrpl(config):
    assert find_configuration(config) is None


def test_a_path_object_is_taken(folders):
    work, _ = folders
    found = find_configuration(pathlib.Path("sub") / "Deep.yml")
    assert (found.path, found.exists) == (str(work / "sub" / "Deep.yml"), True)


def test_a_source_of_the_working_folder_is_sent_as_an_absolute_path(folders):
    work, _ = folders
    assert find_source("here") == str(work / "here.yml")
    assert find_source("saved") == "saved"
    assert find_source(None) is None


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ("lab", "lab"),
        ("_FAKE_", "_FAKE_"),
        ("rp-f08d6c.local", "rp-f08d6c.local"),
        ("Gain Lock Redpitaya", "Gain_Lock_Redpitaya"),
        ("/data/My Lab/Cavity A.yml", "Cavity_A"),
        ("./lab.yml", "lab"),
        ("sub/Deep", "Deep"),
        ("C:\\data\\My Lab\\Cavity (2).yml", "Cavity_2"),
        ("Müller [neu]", "Müller_neu"),
        ("Mu\u0308ller", "Müller"),
        ("lab.2026.yml", "lab.2026"),
        ("a:b", "a_b"),
        ("--all", "all"),
        ("x" * 120, "x" * 100),
    ],
)
def test_a_boards_name_is_made_from_its_file(config, name):
    assert board_name(config) == name


def test_a_name_without_any_letter_becomes_one_that_a_shell_takes():
    assert board_name("☕ ☕").startswith("board-")
    assert board_name("☕ ☕") != board_name("☕")


@pytest.mark.parametrize("config", ["x" * 300, "sub/", "a\0b", "a\nb", "\udcff", 7, b"lab"])
def test_a_name_that_no_file_can_have_is_refused(config):
    with pytest.raises(errors.BadParameter, match="cannot be the name of a board"):
        find_configuration(config)


def test_a_bare_name_is_told_from_a_path(folders):
    assert find_configuration("saved").is_bare_name
    assert not find_configuration("here").is_bare_name
    assert not find_configuration("sub/saved").is_bare_name
    assert [is_path(text) for text in ("lab", "lab.yml", "sub/lab")] == [False, True, True]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_leads_to_the_same_file(folders):
    work, config = folders
    os.symlink(config / "saved.yml", work / "link.yml")
    assert same_file(str(work / "link.yml"), str(config / "saved.yml"))
    assert not same_file(str(work / "here.yml"), str(config / "saved.yml"))
