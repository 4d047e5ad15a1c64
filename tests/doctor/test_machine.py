"""The checks of this machine: name server, last start, folders, libraries, Qt, versions."""

import os
import socket
import sys
from pathlib import Path

import Pyro5
import pytest

from pyrpl_remote import settings
from pyrpl_remote.doctor import daemon, machine
from pyrpl_remote.doctor.target import DEFAULTS, Target
from pyrpl_remote.machine import extras

from ..daemons import processes_begin_with
from ..environment import occupied

HERE = Target("")


def require(finding, outcome, *texts):
    assert finding.outcome == outcome, finding
    for text in texts:
        assert text in f"{finding.text}\n{finding.remedy}", finding


def test_a_machine_in_order_passes_and_no_name_server_is_started():
    for check in (daemon.name_server, machine.folders, machine.libraries, machine.qt, machine.versions):
        require(check(HERE), "ok")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((Pyro5.config.NS_HOST, Pyro5.config.NS_PORT))


def test_a_program_on_the_name_servers_port_is_named():
    with occupied(Pyro5.config.NS_PORT):
        require(daemon.name_server(HERE), "failed", "no name server", "PYRO_NS_PORT")


def test_a_name_server_that_must_be_elsewhere_and_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr(Pyro5.config, "NS_HOST", "no-such-host.invalid")
    require(daemon.name_server(HERE), "failed", "no-such-host.invalid", "PYRO_NS_HOST")


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("PYRPL_REMOTE_DIR", ""),
        ("PYRPL_USER_DIR", ""),
        ("PYRPL_USER_DIR", "config"),
        ("PYRPL_USER_DIR", "curve"),
    ],
)
def test_a_folder_that_cannot_be_written_is_named(monkeypatch, tmp_path, variable, name):
    monkeypatch.setenv(variable, str(tmp_path / "there"))
    require(machine.folders(HERE), "ok")
    assert not (tmp_path / "there").exists()
    broken = tmp_path / "there" / name
    broken.parent.mkdir(exist_ok=True)
    broken.write_text("a file where a folder should be")
    require(machine.folders(HERE), "failed", str(broken), "Not a directory", variable)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PYRPL_USER_DIR", str(tmp_path))
    if os.system(f"mount -t tmpfs -o size=4k none {tmp_path}") != 0:
        pytest.skip("this system does not let root mount")
    try:
        (tmp_path / "full").write_bytes(bytes(4096))
        require(machine.folders(HERE), "failed", "No space left", str(tmp_path))
    finally:
        os.system(f"umount {tmp_path}")


def test_missing_libraries_are_named_with_the_command_that_installs_them(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyrpl", None)
    require(machine.libraries(HERE), "failed", "pyrpl", extras.install("daemon"))
    monkeypatch.setitem(sys.modules, "numba", None)
    virtual = Target("virtual", parameters={"hostname": settings.VIRTUAL})
    require(machine.libraries(virtual), "failed", "pyrpl, numba", extras.install("daemon", "virtual"))


def test_a_virtual_boards_library_that_is_missing_does_not_matter_to_others(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    require(machine.libraries(HERE), "ok", "not installed: virtual")


def test_a_system_library_that_qt_lacks_is_named(tmp_path):
    lines = """
    import sys
    class Lacking:
        def find_spec(self, name, path=None, target=None):
            if name == "PyQt6.QtWidgets":
                raise ImportError("libEGL.so.1: cannot open shared object file")
    sys.meta_path.insert(0, Lacking())
    """
    with processes_begin_with(tmp_path, lines):
        require(machine.qt(HERE), "failed", "PyQt6 lacks libEGL.so.1", "apt-get install")


def test_a_library_that_is_too_old_is_named(monkeypatch, tmp_path):
    old = tmp_path / "pyrpl-0.9.8.dist-info"
    old.mkdir()
    (old / "METADATA").write_text("Metadata-Version: 2.1\nName: pyrpl\nVersion: 0.9.8\n")
    monkeypatch.syspath_prepend(tmp_path)
    require(machine.versions(HERE), "failed", "pyrpl 0.9.8 is too old", "0.9.9.1", "--upgrade")


def test_a_last_start_that_ended_in_a_zero_division_is_recognised():
    target = Target("divided", parameters={**DEFAULTS, "hostname": "rp-1.local"})
    require(daemon.daemon(target), "ok", "none serves it")
    log = settings.log_path("divided")
    log.write_text(
        "2026 INFO root: starting board divided (pid 1)\n2026 ERROR root: board divided did not start\n"
        "ZeroDivisionError: float division by zero\n"
        "errors.BoardUnreachable: the FPGA of rp-1.local has not PyRPL's gateware\n"
    )
    require(daemon.daemon(target), "failed", "ZeroDivisionError", str(log), "reloadfpga=True")
    with log.open("a") as file:
        file.write(
            "2026 INFO root: starting board divided (pid 2)\n2026 INFO root: board divided is served\n"
        )
    require(daemon.daemon(target), "ok", "none serves it")
    Path(log).unlink()
