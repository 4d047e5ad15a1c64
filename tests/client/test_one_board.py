"""Configurations are opened as PyRPL opens them, and one board has one daemon, however it is written."""

import json
import os
import re
from pathlib import Path

import pytest

from pyrpl_remote import connect, discover, errors, status

from ..boards import RunningBoard, running_board

SECTION = "redpitaya: {{hostname: {host}, sshport: {ssh_port}, port: {monitor_port}, delay: 0.01}}\n"


@pytest.fixture(scope="module")
def board():
    """A board that answers at two addresses, as one with cable and WiFi."""
    with running_board("--host", "0.0.0.0") as board:
        yield board


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def where(board: RunningBoard, hostname: str = "127.0.0.1") -> dict:
    return {"hostname": hostname, "sshport": board.ssh_port, "port": board.monitor_port, "delay": 0.01}


def write(board: RunningBoard, path: Path, hostname: str = "127.0.0.1") -> Path:
    """Write a configuration that knows the board."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SECTION.format(host=hostname, ssh_port=board.ssh_port, monitor_port=board.monitor_port))
    return path


def user_file(name: str) -> str:
    return os.path.join(os.environ["PYRPL_USER_DIR"], "config", name)


def pid(p) -> int:
    return p.status().daemon.pid


def test_each_way_to_name_a_file_opens_the_one_that_pyrpl_opens(board, folder):
    deep = write(board, folder / "sub" / "Deep.yml")
    here = write(board, folder / "My Lab" / "Cavity (A).yml")
    opened = []
    for config, parameters in (
        ("Gain Lock Redpitaya", where(board)),
        ("sub/Deep", {}),
        (str(here), {}),
        ("", where(board)),
        ("Müller", {"source": str(deep)}),
    ):
        # the daemon of the configuration before is unused, and makes way
        with connect(config, **parameters) as p:
            assert p.rp.hk.led is not None
            (entry,) = discover()
            opened.append((entry.name, p.c._filename))
            assert status(config or "127.0.0.1").board == entry.name
    assert opened == [
        ("Gain_Lock_Redpitaya", user_file("Gain Lock Redpitaya.yml")),
        ("Deep", str(deep)),
        ("Cavity_A", str(here)),
        ("127.0.0.1", None),
        ("Müller", user_file("Müller.yml")),
    ]


def test_two_files_of_one_board_or_one_name_are_never_taken_for_one_in_silence(board, folder):
    first, other = write(board, folder / "a" / "lab.yml"), write(board, folder / "b" / "lab.yml")
    third = write(board, folder / "third.yml")
    with connect("a/lab") as p:
        for config, parameters in (("b/lab", {}), ("b/lab", where(board)), (str(third), {})):
            with pytest.raises(errors.BoardNameTaken) as caught:
                connect(config, **parameters)
            assert str(first) in str(caught.value)
            assert str(third if config == str(third) else other) in str(caught.value)
        # these ask for no file that exists
        joining: list[tuple] = [("lab", {}), ("", where(board)), ("new", where(board)), (None, where(board))]
        for config, parameters in joining:
            with connect(config, **parameters) as q:
                assert pid(q) == pid(p)
                assert q.c._filename == str(first)
        with pytest.raises(errors.UnknownBoard, match=re.escape(str(other))):
            status("b/lab.yml")
        assert pid(p) == status("./a/lab.yml").daemon.pid


def test_a_relative_path_is_that_of_the_client_and_not_of_its_daemon(board, folder, run_python):
    here = write(board, folder / "lab.yml")
    (folder / "elsewhere").mkdir()
    with connect("./lab.yml") as p:
        found = run_python(
            """
            import os
            os.chdir("elsewhere")
            from pyrpl_remote import connect
            with connect("../lab.yml") as p:
                report(pid=p.status().daemon.pid, file=p.c._filename)
            """
        )
        assert found == {"pid": pid(p), "file": str(here)}


def test_what_is_not_given_is_no_statement(board):
    with (
        connect("y", **where(board)) as p,
        connect("y", hostname="127.0.0.1") as q,
        connect("y", hostname="LOCALHOST") as r,
    ):
        assert pid(p) == pid(q) == pid(r)
    with connect("y", hostname="127.0.0.1") as q:
        assert q.rp.hk.led is not None


def test_a_board_at_two_addresses_has_one_daemon(board, folder):
    with connect("cable", **where(board)) as p:
        mac = next(alias for alias in discover()[0].aliases if alias.startswith("02:"))
        steps = []
        for name in ("wifi", "cable"):
            with connect(name, **where(board, "127.0.0.2"), progress=steps.append) as q:
                assert pid(q) == pid(p)
                assert q.status().board == "cable"
        assert steps[-1] == "connecting to the Red Pitaya 127.0.0.2"
        # the hostname that the board has from its MAC address does not resolve here
        own_hostname = f"RP-{mac.replace(':', '')[-6:]}.local"
        with connect("cable", hostname=own_hostname) as q:
            assert pid(q) == pid(p)
        # led to the other daemon, but with another file
        wifi = write(board, folder / "wifi.yml", "127.0.0.2")
        with pytest.raises(errors.BoardNameTaken, match=re.escape(str(wifi))):
            connect("./wifi.yml")
        assert p.rp.hk.led is not None
        assert [entry.name for entry in discover()] == ["cable"]


def test_another_board_with_the_name_of_a_running_one_is_refused_once_it_has_told_who_it_is(
    board, launch_board
):
    other = launch_board("--host", "0.0.0.0")
    with connect("one", **where(board)) as p:
        with pytest.raises(errors.BoardNameTaken, match=r"'one' is in use for the board 127\.0\.0\.1"):
            connect("one", **where(other, "127.0.0.2"))
        assert other.control.status()["clients"] == []
        assert p.rp.hk.led is not None
        assert pid(p) == status("one").daemon.pid


def test_parameters_are_taken_as_pyrpl_takes_them(board):
    parameters = {**where(board), "sshport": str(board.ssh_port), "delay": "0.01"}
    with connect("lab", **parameters, timeout=None, loglevel="DEBUG", gui="no") as p:
        assert p.rp.hk.led is not None
        assert p.c.pyrpl.loglevel == "debug"
        assert p.c.redpitaya.sshport == board.ssh_port


def test_a_board_of_any_name_can_be_used_on_the_command_line(board, folder, command):
    file = write(board, folder / "My Lab" / "Cavity (A).yml")
    with connect(file) as p:
        p.rp.pid0.setpoint = 0.25
        for name in ("My Lab/Cavity (A)", str(file), "Cavity_A"):
            done = command("get", name, "pid0.setpoint")
            assert (done.stdout.strip(), done.stderr) == ("0.25", "")
        assert json.loads(command("status", "Cavity (A)", "--json").stdout)["board"] == "Cavity_A"
        assert json.loads(command("ls", "--json").stdout)[0]["file"] == str(file)
        assert "starting board Cavity_A" in command("logs", str(file), "-n", "1000").stdout
        # before its last client leaves, after which it would end by itself
        assert command("stop", str(file)).stdout.strip() == "Cavity_A: stopped"
