"""connect() finds or starts the one daemon of a board, or raises an error that says why it cannot."""

import os
import socket
import subprocess
import time

import psutil
import pytest

from pyrpl_remote import connect, discover, errors

from ..daemons import fake_board, has_ended, processes_begin_with
from ..environment import free_port
from ..processes import our_processes, python_command, wait_until

HOLD = """
    import sys
    from pyrpl_remote import connect
    p = connect("virtual")
    report(daemon=p.status()["daemon"]["pid"], uri=p.name_server)
    sys.stdin.read()
"""


def start_client(lines: str = HOLD) -> subprocess.Popen:
    return subprocess.Popen(python_command(lines), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


FORK = """
    import os
    from pyrpl_remote import connect  # once for all
    for _ in range(19):
        if not os.fork():
            break
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork, and imports twenty times take long")
def test_twenty_clients_at_once_get_one_daemon_and_one_board():
    clients = start_client(FORK + HOLD)
    answers = [clients.stdout.readline() for _ in range(20)]
    assert len(set(answers)) == 1, answers
    names = [" ".join(process.cmdline()) for process in our_processes()]
    assert sum("pyrpl_remote.daemon" in name for name in names) == 1
    assert sum("virtual-board" in name for name in names) == 1
    assert sum("pyrpl_remote.names.server" in name for name in names) == 1
    with connect("virtual") as p:
        assert len(p.status()["clients"]) == 21
    clients.communicate("")


def test_a_killed_only_client_ends_the_daemon_within_grace_and_a_second():
    client = start_client()
    client.stdout.readline()
    with connect("virtual") as p:
        status = p.status()
    daemon = psutil.Process(status["daemon"]["pid"])
    client.kill()
    killed = time.monotonic()
    client.communicate()
    wait_until(lambda: has_ended(daemon), 30, "its end")
    # a machine under load may be late, but never early: the exact figure is measured by hand
    assert time.monotonic() - killed >= status["daemon"]["grace"] - 0.1
    wait_until(lambda: not our_processes(), what="the end of all processes")


def test_connect_without_a_board_means_the_only_one():
    with pytest.raises(errors.UnknownBoard, match="none is served"):
        connect()
    with fake_board("only"), connect() as p:
        assert p.status()["board"] == "only"


def test_discover_lists_the_boards():
    with fake_board("only"):
        assert [entry.name for entry in discover()] == ["only"]


def test_an_unknown_board_is_an_error_and_creates_no_configuration():
    with pytest.raises(errors.UnknownBoard, match="hostname"):
        connect("labb")
    assert not os.path.exists(os.path.join(os.environ["PYRPL_USER_DIR"], "config", "labb.yml"))


def test_an_unreachable_host_is_an_error_that_names_it():
    with pytest.raises(errors.BoardUnreachable, match=r"board 'far': no connection to 127\.0\.0\.1"):
        connect("far", hostname="127.0.0.1", sshport=free_port())


def test_a_failed_start_names_the_log():
    with pytest.raises(errors.StartError, match=r"far\.log"):
        connect("far", hostname="127.0.0.1", sshport=free_port())


def test_a_board_without_a_configuration_goes_by_its_hostname():
    with connect(hostname="_FAKE_") as p:
        assert p.status()["board"] == "_FAKE_"
        assert p.rp.pid0.p is not None


def test_a_host_that_is_no_red_pitaya_is_an_error_that_names_the_board():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(errors.StartError, match="board 'odd'"):
            connect("odd", hostname="127.0.0.1", sshport=port, timeout=0.3)


def test_a_wrong_password_is_an_error_of_its_own(launch_board):
    board = launch_board("--password", "secret")
    with pytest.raises(errors.WrongPassword, match="password"):
        connect("guarded", hostname=board.host, sshport=board.ssh_port, port=board.monitor_port)
    parameters = {
        "hostname": board.host,
        "sshport": board.ssh_port,
        "port": board.monitor_port,
        "password": "secret",
    }
    with connect("guarded", **parameters) as p:
        assert p.rp.hk.id is not None


def test_one_board_has_one_daemon_under_all_names_that_clients_use(launch_board):
    board = launch_board()
    parameters = {"hostname": "127.0.0.1", "sshport": board.ssh_port, "port": board.monitor_port}
    with connect("lab", **parameters) as p, connect("other", **{**parameters, "hostname": "localhost"}) as q:
        assert p.status()["daemon"]["pid"] == q.status()["daemon"]["pid"]
        with pytest.raises(errors.BoardNameTaken, match="'lab'"):
            connect("lab", hostname="127.0.0.1", sshport=free_port())


def test_missing_pyrpl_is_an_error_with_the_remedy(run_python):
    # a module of that name that cannot be imported stands in for an installation without PyRPL
    found = run_python(
        """
        import os, pathlib, tempfile
        from pyrpl_remote import connect, errors
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "pyrpl.py").write_text("raise ImportError('No module named pyrpl')")
            os.environ["PYTHONPATH"] = os.pathsep.join([folder, os.environ.get("PYTHONPATH", "")])
            try:
                connect("bare", hostname="192.0.2.1")
            except errors.PyrplMissing as error:
                report(error=str(error))
        """
    )
    assert "pip install" in found["error"]


def test_a_daemon_that_dies_while_it_starts_shows_its_log(run_python):
    found = run_python(
        """
        import os, pathlib, tempfile
        from pyrpl_remote import connect, errors
        with tempfile.TemporaryDirectory() as folder:
            lines = "import os; print('the last words', flush=True); os._exit(3)"
            pathlib.Path(folder, "pyrpl.py").write_text(lines)
            os.environ["PYTHONPATH"] = os.pathsep.join([folder, os.environ.get("PYTHONPATH", "")])
            try:
                connect("dying", hostname="192.0.2.1")
            except errors.DaemonFailed as error:
                report(error=str(error))
        """
    )
    assert "exit code 3" in found["error"]
    assert "dying.log" in found["error"]
    assert "the last words" in found["error"]


def test_after_a_killed_daemon_connect_starts_another_and_the_session_goes_on_with_it():
    p = fake_board("killed")
    pid = p.status()["daemon"]["pid"]
    daemon = psutil.Process(pid)
    daemon.kill()
    daemon.wait(30)
    with fake_board("killed") as q:
        assert q.rp.pid0.p is not None
        assert q.status()["daemon"]["pid"] != pid
        assert p.rp.pid0.p == q.rp.pid0.p
        assert len(q.status()["clients"]) == 1
    p.close()


def test_each_step_of_a_start_is_reported():
    wait_until(lambda: not our_processes(), what="the end of the daemon before")
    steps = []
    with connect("virtual", progress=steps.append):
        pass
    assert "importing PyRPL" in steps
    assert steps[-1] == "registering with the name server"


def test_connecting_to_a_running_board_reports_no_steps():
    with connect("virtual"):
        steps = []
        with connect("virtual", progress=steps.append):
            pass
    assert steps == []


@pytest.fixture(scope="module")
def patient(tmp_path_factory):
    """A board whose daemon waits so long for an event that it could send."""
    lines = "import pyrpl_remote.settings as s; s.STREAM_SECONDS = 20.0"
    with processes_begin_with(tmp_path_factory.mktemp("patient"), lines), fake_board("patient") as p:
        yield p


def test_connecting_does_not_wait_for_an_event(patient):
    begin = time.monotonic()
    with connect("patient", private=True) as p:
        assert p.rp.pid0.p is not None
    assert time.monotonic() - begin < 15


def test_a_killed_client_is_gone_at_once_while_its_stream_waits_for_an_event(patient):
    program = "from pyrpl_remote import connect; p = connect('patient'); report(ready=True); input()"
    client = subprocess.Popen(
        python_command(program), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with client:
        client.stdout.readline()
        client.kill()
        wait_until(lambda: len(patient.status()["clients"]) == 1, 3, "the end of its session")
