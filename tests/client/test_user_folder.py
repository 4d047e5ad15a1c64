"""Daemons start with whatever is in a user's PyRPL folder: odd curves, lockbox files, configurations."""

import logging
import os
import pickle
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import yaml

from pyrpl_remote import errors

from ..daemons import fake_board, has_ended
from ..processes import wait_for_line, wait_until

CURVES = 1500


class Traced:
    """An object that leaves a file behind where it is unpickled."""

    def __init__(self, trace: Path):
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


@pytest.fixture(scope="module")
def folder(own_pyrpl_folder) -> Path:
    """The PyRPL folder of the tests of this file, with its folders."""
    folder = Path(os.environ["PYRPL_USER_DIR"])
    for name in ("config", "curve", "lockbox"):
        (folder / name).mkdir()
    return folder


@pytest.fixture
def configuration(folder):
    """A function that writes a configuration file and returns its path."""

    def write(name: str, text: str) -> Path:
        path: Path = folder / "config" / f"{name}.yml"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def lockbox_file(folder):
    """A function that writes a lockbox file and returns its path; it is removed after the test."""
    written = []

    def write(name: str, text: str) -> Path:
        path: Path = folder / "lockbox" / name
        path.write_text(text)
        written.append(path)
        return path

    yield write
    for path in written:
        path.unlink()


def end(p) -> None:
    """Close the board, and wait for the end of its daemon."""
    process = psutil.Process(p.status().daemon.pid)
    p.close()
    wait_until(lambda: has_ended(process), what="the end of the daemon")


def logged(p, words: str) -> int:
    """How many lines of the daemon's log have these words."""
    return sum(words in line for line in Path(p.status().daemon.log).read_text().splitlines())


def test_a_start_opens_no_curve_and_the_list_leaves_out_what_cannot_be_read(folder, tmp_path):
    curves = folder / "curve"
    for number in range(10, 10 + CURVES):
        whole = [number, {"name": f"curve {number}"}, [[0.0] * 1000, [1.0] * 1000]]
        (curves / f"{number}.dat").write_bytes(pickle.dumps(whole))
    (curves / "5.dat").write_bytes(pickle.dumps([5, {"name": "traced"}, Traced(tmp_path / "opened")]))
    (curves / "6.dat").write_bytes(b"cno_such_library\nSeries\n.")
    (curves / "7.dat").write_bytes(pickle.dumps([7, {"name": "cut off"}, [[0.0], [1.0]]])[:-5])
    (curves / "x - Kopie.dat").write_text("x")
    with fake_board("curves") as p:
        assert not (tmp_path / "opened").exists()
        assert p.curveviewer.options_of("pk")[:2] == [9 + CURVES, 8 + CURVES]
        assert not (tmp_path / "opened").exists()
        listed = p.curves()
        assert len(listed) == CURVES
        assert listed[10] == "curve 10"
        assert p.curves() == listed
        for odd in ("6.dat", "7.dat", "x - Kopie.dat"):
            assert logged(p, f"{odd}: ") == 1
        assert p.create_curve([1], [2], name="new").pk == 10 + CURVES
        with pytest.raises(ValueError, match=r"6\.dat cannot be read: ModuleNotFoundError"):
            p.load_curve(6)
        for number in (5, 6, 7, 10, 10 + CURVES):
            (curves / f"{number}.dat").unlink()
        end(p)


def test_the_childs_of_a_curve_cannot_be_paths_and_nothing_is_unpickled(tmp_path):
    (tmp_path / "secret.dat").write_bytes(pickle.dumps(Traced(tmp_path / "opened")))
    path = str(tmp_path / "secret")
    with fake_board("childs") as p:
        for params in ({"childs": [path]}, {"childs": path}, {"parent": path}):
            with pytest.raises(ValueError, match="of a curve are numbers of saved curves"):
                p.create_curve([1], [2], **params)
        curve = p.create_curve([1], [2], name="mine")
        curve.params["childs"] = [path]
        with pytest.raises(ValueError, match="numbers of saved curves"):
            curve.save()
        curve.delete()
        # as an older release saved it
        odd = Path(os.environ["PYRPL_USER_DIR"], "curve", "900000.dat")
        odd.write_bytes(pickle.dumps([900000, {"name": "odd", "childs": [path]}, [[1.0], [2.0]]]))
        with pytest.raises(TypeError, match="called by its number"):
            p.load_curve(900000).delete()
        odd.unlink()
        assert not (tmp_path / "opened").exists()


@pytest.mark.parametrize(
    ("name", "text", "lacks"),
    [
        ("coarse.py", "from pyhardware import instrument\n", "it lacks the Python module 'pyhardware'"),
        ("half.py", "from pyrpl.software_modules.lockbox import *\nclass Half(Lockbox): pass\n1 / 0\n",
         "ZeroDivisionError: division by zero (line 3)"),
        ("my lock.py", "def lock(:\n", "SyntaxError: invalid syntax (line 1)"),
        ("script.py", "raise SystemExit(1)\n", "SystemExit: 1 (line 1)"),
        ("lock.v2.py", "", "has a dot"),
    ],
)  # fmt: skip
def test_a_lockbox_file_that_does_not_import_is_named_and_left_out(lockbox_file, caplog, name, text, lacks):
    path = lockbox_file(name, text)
    lockbox_file("zz_good.py", "from pyrpl.software_modules.lockbox import *\nclass Good(Lockbox): pass\n")
    with fake_board("lockboxes") as p:
        assert {"Good", "Lockbox"} <= set(p.lockbox.options_of("classname"))
        assert "Half" not in p.lockbox.options_of("classname")
        end(p)
    ours = [record for record in caplog.records if record.name.startswith("pyrpl_remote")]
    (warning,) = [record for record in ours if record.levelno == logging.WARNING]
    assert warning.name.startswith("pyrpl_remote")
    assert f"the lockbox file {path} does not import: " in warning.getMessage()
    assert lacks in warning.getMessage()


def test_a_configuration_that_needs_a_lockbox_file_names_what_the_file_lacks(lockbox_file, configuration):
    path = lockbox_file("coarse.py", "from pyhardware import instrument\n")
    configuration("needs", "lockbox: {classname: CoarseLock}\n")
    with pytest.raises(errors.ConfigurationError, match=r"section 'lockbox' .*needs\.yml") as raised:
        fake_board("needs")
    assert "CoarseLock" in raised.value.message
    assert f"{path} does not import: it lacks the Python module 'pyhardware'" in raised.value.message


def test_a_section_that_cannot_be_loaded_is_named_and_set_aside(configuration, caplog):
    file = configuration("odd", "pid0: {p: [1, 2], i: 3.0}\nlaser: {current: 5}\n")
    with pytest.raises(errors.ConfigurationError, match=r"it refuses pid0\.p = \[1, 2\]") as raised:
        fake_board("odd")
    assert str(file) in raised.value.message
    assert "set_aside='pid0'" in raised.value.remedy
    assert "pyrpl-remote serve odd --set-aside pid0" in raised.value.remedy
    with pytest.raises(errors.ConfigurationError, match="no section 'pid9' to set aside"):
        fake_board("odd", set_aside="pid9")
    assert yaml.safe_load(file.read_text())["pid0"] == {"p": [1, 2], "i": 3.0}
    with fake_board("odd", set_aside="pid0") as p:
        assert "pid0" not in p.c
        assert p.c.laser.current == 5
        end(p)
    aside = Path(f"{file}.pid0.aside")
    assert yaml.safe_load(aside.read_text()) == {"pid0": {"p": [1, 2], "i": 3.0}}
    assert f"it is kept in {aside}" in caplog.text
    with fake_board("odd") as p:
        end(p)


def test_a_section_inside_another_is_set_aside_from_the_command_line(configuration):
    file = configuration("shell", "pyrpl: {loglevel: info, name: shell, modules: [NoSuchModule]}\n")
    serve = [
        sys.executable,
        "-m",
        "pyrpl_remote",
        "serve",
        "shell",
        "--hostname",
        "_FAKE_",
        "--sshport",
        "990",
    ]
    refused = subprocess.run(serve, capture_output=True, text=True, timeout=60)
    assert refused.returncode != 0
    assert "--set-aside pyrpl.modules" in refused.stderr
    # no `with`: it would close the output that a thread reads
    process = subprocess.Popen(
        [*serve, "--set-aside", "pyrpl.modules"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    wait_for_line(process, "Ctrl-C ends it")
    process.terminate()
    assert process.wait(20) == 0
    assert "Lockbox" in yaml.safe_load(file.read_text())["pyrpl"]["modules"]
    aside = yaml.safe_load(Path(f"{file}.pyrpl.modules.aside").read_text())
    assert aside == {"pyrpl": {"modules": ["NoSuchModule"]}}


@pytest.mark.parametrize(
    ("text", "words"),
    [("pid0: {p: 1\n", "line 2"), ("- 1\n", "not with a section"), ("redpitaya: 5\n", "'redpitaya'")],
)
def test_a_file_that_is_no_configuration_is_named(configuration, text, words):
    file = configuration("broken", text)
    with pytest.raises(errors.ConfigurationError, match=words) as raised:
        fake_board("broken")
    assert str(file) in raised.value.message
    assert file.read_text() == text


def test_a_section_that_another_program_writes_outlives_the_daemon(configuration):
    file = configuration("shared", "pid0: {p: 1.0}\n")
    with fake_board("shared") as p:
        content = yaml.safe_load(file.read_text())
        content["camera"] = {"gain": 3}
        content["pid0"] = {"p": 4.0}
        file.write_text(yaml.safe_dump(content))
        p.rp.pid0.p = 2.0
        p.rp.pid1.p = 0.5
        log = Path(p.status().daemon.log)
        end(p)
    content = yaml.safe_load(file.read_text())
    assert content["camera"] == {"gain": 3}
    assert content["pid0"] == {"p": 2.0}
    assert content["pid1"] == {"p": 0.5}
    assert "another program changed pid0.p to 4.0, which was changed here too" in log.read_text()
