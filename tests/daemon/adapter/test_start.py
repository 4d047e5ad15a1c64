"""A board starts with its saved parameters; a failed start raises an error and leaves nothing running."""

import importlib.util
import os
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from pyrpl_remote import errors
from pyrpl_remote.daemon.adapter.starting.start import Board, Request

from ...boards import RunningBoard
from ...environment import free_port
from ...processes import our_processes


@pytest.fixture
def try_board(pyrpl, monkeypatch):
    """A function that starts a Board as a daemon does; returns it, its reported steps and its claims."""
    from pyrpl import redpitaya

    # PyRPL changes its defaults to the parameters of each start
    monkeypatch.setattr(redpitaya, "defaultparameters", dict(redpitaya.defaultparameters))

    def start(config: str = "", claim=lambda identity: None, source=None, **parameters):
        steps: list[str] = []
        claimed: list[str] = []

        def note(identity: str):
            claimed.append(identity)
            claim(identity)

        return Board(Request("lab", config, source, parameters), steps.append, note), steps, claimed

    return start


@pytest.fixture
def configuration(pyrpl, tmp_path):
    """A function that writes a configuration file of PyRPL; returns its name."""
    from pyrpl.directories import user_config_dir

    written = []

    def write(text: str) -> str:
        written.append(Path(user_config_dir, f"{tmp_path.name}.yml"))
        written[-1].write_text(text)
        return tmp_path.name

    yield write
    for path in written:
        path.unlink(missing_ok=True)


def where(board: RunningBoard, **more) -> dict:
    return {
        "hostname": board.host,
        "sshport": board.ssh_port,
        "port": board.monitor_port,
        "delay": 0.01,
        **more,
    }


def test_the_simulated_board_starts_and_is_up(try_board):
    board, steps, claimed = try_board(hostname="_FAKE_")
    try:
        assert board.hostname == "_FAKE_"
        assert board.pyrpl.rp.pid0.p is not None
        assert (board.link.state, board.last_access()) == ("up", 0.0)
        assert steps == ["importing PyRPL", "connecting to the Red Pitaya _FAKE_", "setting up the modules"]
        assert claimed == ["_fake_:22", "name lab"]
        assert (board.file, board.aliases) == ("", ())
    finally:
        board.close()


def test_a_board_is_claimed_before_it_is_touched(board, try_board):
    def refuse(identity: str):
        raise errors.BoardNameTaken(f"{identity} is served")

    requests = board.control.status()
    with pytest.raises(errors.BoardNameTaken, match=f"127.0.0.1:{board.ssh_port} is served"):
        try_board(claim=refuse, **where(board))
    assert board.control.status() == requests


def test_the_steps_of_pyrpls_own_start_are_reported(board, try_board):
    from pyrpl_remote.daemon.adapter.starting.steps import STEPS

    before = {(owner, name): vars(owner).get(name) for owner, name in STEPS}
    started, steps, _ = try_board(**where(board))
    started.close()
    # loading the gateware, which takes 12 s, was not necessary
    assert steps == [
        "importing PyRPL",
        "connecting to the Red Pitaya 127.0.0.1",
        "connecting by SSH",
        "starting the monitor server",
        "setting up the modules",
    ]
    assert None not in before.values()  # this PyRPL has every one of these steps
    assert before == {(owner, name): vars(owner).get(name) for owner, name in STEPS}


def test_a_started_board_is_accessed_over_its_link(board, try_board):
    started, _, _ = try_board(**where(board))
    try:
        before = time.perf_counter()
        started.pyrpl.rp.pid0.setpoint = 0.25
        assert started.pyrpl.rp.pid0.setpoint == 0.25
        assert time.perf_counter() > started.last_access() > before
        assert started.link.state == "up"
        board.control.drop()
        with pytest.raises(errors.BoardLinkLost):
            started.pyrpl.rp.pid0.setpoint
        connection, report = started.recovery().attempt()
        started.link.resume(connection, report)
        assert started.pyrpl.rp.pid0.setpoint == 0.25
        assert (started.link.state, report) == ("up", "")
    finally:
        started.close()


def test_another_gateware_is_named_by_a_start_and_by_an_attempt_to_reconnect(board, try_board):
    from pyrpl_remote.daemon.adapter.board.recovery import NotBack

    started, _, _ = try_board(**where(board))
    try:
        board.control.load_gateware("v0.94")
        started.link.failed("for this test")
        with pytest.raises(NotBack, match="no longer PyRPL's gateware") as raised:
            started.recovery().attempt()
        assert raised.value.state == "other gateware"
        board.control.load_gateware("pyrpl")
        started.link.resume(*started.recovery().attempt())
    finally:
        started.close()
    board.control.load_gateware("v0.94")
    with pytest.raises(errors.BoardUnreachable, match=r"'lab': .* has not PyRPL's gateware") as refused:
        try_board(**where(board, reloadfpga=False))
    assert "reloadfpga=True" in refused.value.remedy
    board.control.load_gateware("pyrpl")


def test_a_virtual_board_ends_when_its_pyrpl_is_closed(try_board):
    before = {process.pid for process in our_processes()}
    started, steps, claimed = try_board(hostname="virtual")
    try:
        mac, own_hostname = started.aliases
        assert claimed == ["virtual:lab", mac, "name lab"]
        assert own_hostname == "rp-" + mac.replace(":", "")[-6:]
        assert steps[:2] == ["starting a virtual Red Pitaya", "importing PyRPL"]
        assert started.hostname == "127.0.0.1"
        started.pyrpl.rp.pid0.setpoint = 0.25
        assert started.pyrpl.rp.pid0.setpoint == 0.25
        assert {process.pid for process in our_processes()} > before
    finally:
        started.close()
    assert {process.pid for process in our_processes()} == before


def test_a_virtual_board_ends_if_pyrpl_does_not_start(try_board, configuration):
    before = {process.pid for process in our_processes()}
    config = configuration("pyrpl: {name: odd, loglevel: info, modules: [NoSuchModule]}")
    with pytest.raises(errors.ConfigurationError, match=r"it refuses pyrpl.modules = \['NoSuchModule'\]"):
        try_board(config, hostname="virtual")
    assert {process.pid for process in our_processes()} == before


def test_a_board_without_a_hostname_is_an_error_and_creates_no_configuration(try_board):
    from pyrpl.directories import user_config_dir

    with pytest.raises(errors.UnknownBoard, match="no hostname is known for it") as raised:
        try_board("labb")
    assert "connect('lab', hostname=" in raised.value.remedy
    assert "labb.yml" not in os.listdir(user_config_dir)
    with pytest.raises(errors.UnknownBoard, match=r"no hostname is known for it .*new one\.yml") as raised:
        try_board(os.path.join(user_config_dir, "new one.yml"))
    assert "connect('new one', hostname=" in raised.value.remedy


def test_the_hostname_is_read_from_the_configuration(try_board, configuration):
    config = configuration("redpitaya: {hostname: _FAKE_}")
    for name in (config, f"{config}.yml"):
        board, _, _ = try_board(name)
        board.close()
        assert board.hostname == "_FAKE_"


def test_a_file_that_pyrpl_cannot_use_is_named(try_board, board, tmp_path):
    missing = str(tmp_path / "missing.bin")
    with pytest.raises(errors.ConfigurationError, match=f"cannot use one of its files .*{missing}"):
        try_board(**where(board, filename=missing, reloadfpga=True))


def test_a_folder_is_no_configuration(try_board, configuration):
    from pyrpl.directories import user_config_dir

    folder = Path(user_config_dir, "folder.yml")
    folder.mkdir()
    with pytest.raises(errors.ConfigurationError, match=r"folder\.yml cannot be read: .*Is a directory"):
        try_board("folder", hostname="_FAKE_")
    folder.rmdir()


def test_an_argument_overrides_the_file_and_the_file_the_environment(configuration, monkeypatch):
    from pyrpl_remote.daemon.adapter.starting.saved_parameters import saved_parameters

    monkeypatch.setenv("REDPITAYA_HOSTNAME", "rp-1.local")
    monkeypatch.setenv("REDPITAYA_SSHPORT", "2022")
    assert saved_parameters(None) == {"hostname": "rp-1.local", "sshport": "2022"}
    config = configuration("redpitaya: {hostname: rp-2.local, user: '', password: null, port: 2222}")
    assert saved_parameters(config) == {"hostname": "rp-2.local", "sshport": "2022", "port": 2222}
    for empty in ("", "redpitaya:", "pyrpl: {}"):
        assert saved_parameters(configuration(empty)) == saved_parameters("")


def test_the_hostname_is_read_from_the_source_of_a_new_configuration(try_board, configuration, tmp_path):
    from pyrpl.directories import user_config_dir

    source = configuration("redpitaya: {hostname: _FAKE_}")
    new = Path(user_config_dir, "new one.yml")
    board, _, _ = try_board(str(new), source=source)
    board.close()
    try:
        assert (board.hostname, board.file) == ("_FAKE_", str(new))
    finally:
        new.unlink()


def test_a_board_is_asked_who_it_is_before_it_is_taken(board, try_board):
    def refuse(claimed: str):
        if claimed.startswith("02:"):
            raise errors.BoardNameTaken(f"{claimed} is served")

    before = board.control.status()
    with pytest.raises(errors.BoardNameTaken, match=r"^02:[0-9a-f:]{14} is served"):
        try_board(claim=refuse, **where(board))
    assert board.control.status() == before


def test_a_boards_hostname_is_an_alias_as_typed(board, try_board):
    started, _, _ = try_board(**where(board, hostname="LOCALHOST"))
    started.close()
    assert "localhost" in started.aliases


def test_a_host_that_does_not_answer_is_unreachable(try_board):
    with pytest.raises(errors.BoardUnreachable, match=r"board 'lab': no connection to 127\.0\.0\.1 over SSH"):
        try_board(hostname="127.0.0.1", sshport=free_port())


def test_a_host_that_speaks_no_ssh_is_unreachable(try_board):
    def greet():
        try:
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.sendall(b"HTTP/1.0 400 Bad Request\r\n" * 200)
        except OSError:  # the listener was closed
            pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        greeter = threading.Thread(target=greet)
        greeter.start()
        with pytest.raises(errors.BoardUnreachable, match="over SSH"):
            try_board(hostname="127.0.0.1", sshport=listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
    greeter.join()


def test_a_wrong_password_is_an_error_of_its_own(board, try_board):
    with pytest.raises(errors.WrongPassword, match="refused the user or the password") as raised:
        try_board(**where(board, password="wrong"))
    assert "password=" in raised.value.remedy


def test_any_other_failure_of_pyrpl_names_the_log(try_board):
    # for PyRPL a board without hardware, which has no modules to load
    with pytest.raises(errors.DaemonFailed, match="PyRPL failed to start on _NONE_") as raised:
        try_board(hostname="_NONE_")
    assert "lab.log" in raised.value.remedy


def test_missing_pyrpl_is_an_error_with_the_remedy(try_board, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyrpl", None)  # Python's own way to say that there is none
    with pytest.raises(errors.PyrplMissing, match=r"PyRPL cannot be imported by .*python") as raised:
        try_board(hostname="_FAKE_")
    assert "pip install" in raised.value.remedy


def test_a_qt_that_does_not_load_is_an_error_that_names_its_libraries(try_board, monkeypatch):
    binding = next(b for b in ("PyQt6", "PySide6", "PyQt5", "PySide2") if importlib.util.find_spec(b))
    monkeypatch.setitem(sys.modules, "pyrpl", None)
    monkeypatch.setitem(sys.modules, f"{binding}.QtWidgets", None)
    with pytest.raises(errors.PyrplMissing, match=f"its Qt lacks .*{binding}.QtWidgets") as raised:
        try_board(hostname="_FAKE_")
    assert "apt-get install" in raised.value.remedy


def test_a_board_without_pyrpls_gateware_is_named_as_such(launch_board, try_board):
    board = launch_board("--gateware", "v0.94")
    with pytest.raises(errors.BoardUnreachable, match="has not PyRPL's gateware") as raised:
        try_board(**where(board, reloadfpga=False))
    assert "reloadfpga=True" in raised.value.remedy
    assert "doctor" in raised.value.remedy


def test_pyrpls_division_by_a_register_that_reads_zero_is_named_as_a_wrong_gateware(pyrpl, monkeypatch):
    from pyrpl_remote.daemon.adapter.starting.failures import start_error

    # where PyRPL keeps the register that it has read
    monkeypatch.setattr(pyrpl.rp.pid0, "_inputfilter_minbw", 0, raising=False)
    with pytest.raises(ZeroDivisionError) as raised:
        pyrpl.rp.pid0.inputfilter = 1e3
    error = start_error("lab", "rp-1.local", "lab.yml", raised.value)
    assert isinstance(error, errors.BoardUnreachable)
    assert "ZeroDivisionError" in error.message
    # one of the user's own is not
    other = start_error("lab", "rp-1.local", "", ZeroDivisionError("division by zero"))
    assert isinstance(other, errors.DaemonFailed)
