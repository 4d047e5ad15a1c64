"""The command config: folders and files in use, without making any."""

import json
import re
from pathlib import Path

import pytest

from pyrpl_remote import lab_file, settings
from pyrpl_remote.cli.config import HIDDEN, VARIABLES
from pyrpl_remote.transport.lan import paired_hosts

PAGE = Path(__file__).parent.parent.parent / "docs" / "environment.md"


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """A folder in which all of the user's folders would be."""
    monkeypatch.setenv("PYRPL_USER_DIR", str(tmp_path / "pyrpl"))
    monkeypatch.setenv("PYRPL_REMOTE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PYRPL_REMOTE_LAB", str(tmp_path / "lab.toml"))
    monkeypatch.setenv("PYRPL_REMOTE_LOCKS", str(tmp_path / "locks"))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    return tmp_path


def asked(main, *arguments):
    """What `config --json` says, with the places and files by what they have."""
    said = json.loads(main("config", *arguments, "--json").stdout)
    said["places"] = {one["what"]: one for one in said["places"]}
    return said


def test_all_folders_are_named_with_what_chose_them_and_none_is_made(main, folder):
    said = asked(main)
    places = said["places"]
    assert places["PyRPL's folder"]["path"] == str(folder / "pyrpl")
    assert places["PyRPL's folder"]["chosen_by"] == "PYRPL_USER_DIR"
    assert places["secret"]["path"] == str(folder / "state" / "secret")
    assert places["locks of all users"]["path"] == str(folder / "locks")
    assert places["compiled virtual FPGA"]["path"] == str(settings.cache_dir_path())
    assert places["compiled virtual FPGA"]["chosen_by"] == "default"
    assert [places[what]["exists"] for what in ("PyRPL's folder", "lab.toml", "recordings")] == [False] * 3
    main("config", "nosuch")
    assert list(folder.iterdir()) == []


def test_the_name_server_is_named_with_what_chose_it(main):
    server = asked(main)["name_server"]
    assert (server["host"], server["chosen_by"]) == ("localhost", "PYRO_NS_HOST, PYRO_NS_PORT")
    assert server["port"] != 9090
    text = main("config").stdout
    assert re.search(
        rf"name server localhost:{server['port']} \(.*run.*, by PYRO_NS_HOST, PYRO_NS_PORT\)", text
    )


def test_the_variables_that_are_set_are_shown_but_no_password(main, folder, monkeypatch):
    monkeypatch.setenv("PYRPL_REMOTE_GRACE", "25")
    monkeypatch.setenv("REDPITAYA_PASSWORD", "mellon")
    variables = asked(main)["environment"]
    assert variables["PYRPL_REMOTE_GRACE"] == "25"
    assert variables["REDPITAYA_PASSWORD"] == HIDDEN
    text = main("config").stdout
    assert "PYRPL_REMOTE_GRACE=25" in text and "mellon" not in text


def test_it_knows_each_variable_of_the_page():
    rows = [line.split("|")[1] for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    assert set(re.findall(r"\b[A-Z]+_[A-Z_]+\b", " ".join(rows))) == set(VARIABLES)


def test_a_boards_files_are_listed_with_their_sizes_and_what_lab_toml_says(main, folder):
    for name, content in {
        "pyrpl/config/lab.yml": "pyrpl: {}\n",
        "pyrpl/config/lab.yml.bak": "pyrpl: {}\n",
        "state/lab.log": "x" * 100,
        "state/lab.log.1": "x" * 200,
        "state/other.log": "",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, newline="\n")
    lab_file.write(lab_file.LabFile(boards={"lab": {"hostname": "rp-1.local", "grace": 60}}))
    board = asked(main, "lab")["board"]
    sizes = {Path(one["path"]).name: one["bytes"] for one in board["files"]}
    assert sizes == {
        **{"lab.yml": 10, "lab.yml.bak": 10, "lab.log": 100, "lab.log.1": 200},
        **{"lab.jobs.json": None, "lab.locks.sqlite": None},
    }
    assert board["lab_toml"] == {"hostname": "rp-1.local", "grace": 60}
    text = main("config", "lab").stdout
    assert "lab.log.1  (200 bytes)" in text
    assert "lab.locks.sqlite  (does not exist)" in text
    assert 'lab.toml: hostname = "rp-1.local"' in text


def test_files_that_cannot_be_read_are_named_and_the_rest_is_shown(main, folder):
    (folder / "lab.toml").write_text("[boards")
    (folder / "state").write_text("a file where a folder should be")
    said = asked(main, "lab")
    assert "cannot be read" in said["places"]["lab.toml"]["note"]
    assert said["places"]["secret"]["exists"] is False
    assert said["board"]["lab_toml"] == {}


def test_a_board_of_a_paired_host_has_its_files_there(main, folder):
    paired_hosts.add("daq2", "0123", "a certificate")
    assert asked(main)["places"]["paired hosts"]["note"] == "daq2"
    done = main("config", "lab@daq2")
    assert done.returncode == 1
    assert "are on daq2" in done.stderr and "`pyrpl-remote config lab` there" in done.stderr
