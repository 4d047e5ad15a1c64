"""What a board tells over SSH before it is taken: who it is, and who uses it."""

import socket
import time
from contextlib import ExitStack

import pytest

from ...processes import wait_until


@pytest.fixture
def look(pyrpl, board):
    """A function that looks at the board."""
    from pyrpl_remote.daemon.adapter.board.first_look import first_look

    def look(**more):
        where = {"hostname": board.host, "sshport": board.ssh_port, "port": board.monitor_port}
        return first_look({**where, **more})

    yield look
    board.control.deaf(False)
    board.control.drop()


def test_a_board_tells_its_mac_address_and_that_nobody_uses_it(look):
    seen = look()
    assert seen.mac_address.startswith("02:")
    assert seen.occupant is None


def test_a_program_is_named_with_its_address_and_when_it_came(board, look):
    board.control.second_client()
    time.sleep(1.5)
    before = time.time()
    occupant = wait_until(lambda: look().occupant)
    assert occupant.address == "127.0.0.1"
    assert f"127.0.0.1:{occupant.port}" in board.control.status()["clients"]
    assert 1.0 < before - occupant.since < 10
    assert f"pid {board.process.pid} of " in occupant.process


def test_a_pyrpl_on_another_port_is_seen_too_because_its_server_would_be_ended(board, look):
    with ExitStack() as stack:
        port = start_server(board, stack)
        other = stack.enter_context(socket.create_connection((board.host, port)))
        occupant = wait_until(lambda: look().occupant)
        assert occupant.port == other.getsockname()[1]
        # a server with another name is left alone, as PyRPL leaves it alone: the look sees no user
        assert look(monitor_server_name="another_server").occupant is None


def start_server(board, stack: ExitStack) -> int:
    """Start a second monitor server on the board, on another port, which is returned."""
    import paramiko

    from ...environment import free_port

    port = free_port()
    ssh = stack.enter_context(paramiko.SSHClient())
    ssh.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    ssh.connect(board.host, board.ssh_port, "root", "root", look_for_keys=False, allow_agent=False)
    ssh.exec_command(f"/opt/pyrpl/monitor_server {port}", timeout=20)[1].read()
    wait_until(lambda: port in [program["port"] for program in board.control.status()["programs"]])
    return port


def test_a_connection_whose_end_on_this_machine_is_gone_does_not_count(board, look):
    board.control.second_client()
    assert wait_until(lambda: look().occupant)
    board.control.drop()
    with ExitStack() as stack:
        port = start_server(board, stack)
        board.control.deaf()
        with socket.create_connection((board.host, port)):
            assert wait_until(lambda: look().occupant)
        assert board.control.status()["clients"]
        assert look().occupant is None


def test_a_board_whose_shell_lacks_the_commands_is_taken_as_unused(board, look):
    # the name of the server is a text of the user's: it runs no command of its own
    assert look(monitor_server_name="x; reboot").occupant is None
    assert board.control.status()["ssh"]
