"""SSH and SCP of a running board, with the client that PyRPL uses."""

from __future__ import annotations

import io
import random
import socket
import time

import paramiko
import pytest
import scp

from ..processes import wait_until


@pytest.fixture
def ssh(board):
    with connect(board) as client:
        yield client


def connect(board, password="root", user="root"):
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect(
        board.host,
        board.ssh_port,
        user,
        password,
        timeout=30,
        banner_timeout=30,
        look_for_keys=False,
        allow_agent=False,
    )
    return client


ANSWER_SECONDS = 20.0
"""How long the shell may take to print what a test waits for."""


class Typist:
    """Types into an interactive shell and reads what it prints."""

    def __init__(self, ssh):
        self.channel = ssh.invoke_shell()
        self.channel.settimeout(20)
        self.seen = ""
        self.await_text("# ")

    def type(self, text, until="# "):
        self.channel.send(text)
        return self.await_text(until)

    def await_text(self, text):
        deadline = time.monotonic() + ANSWER_SECONDS
        while text not in self.seen:
            assert time.monotonic() < deadline, f"no {text!r} in {self.seen!r}"
            data = self.channel.recv(4096)
            assert data, f"the shell closed after {self.seen!r}"
            self.seen += data.decode()
        seen, self.seen = self.seen, ""
        return seen


def test_what_is_typed_is_echoed_and_a_prompt_follows_every_command(ssh):
    shell = Typist(ssh)
    assert shell.type("\n") == "\r\nroot@rp-virtual:~# "
    assert shell.type("cat /root/.version\n") == (
        "cat /root/.version\r\nRed Pitaya GNU/Linux Ecosystem version 2.07\r\nroot@rp-virtual:~# "
    )
    assert shell.type("rx\x7fw\n").endswith("root@rp-virtual:~# ")


def test_the_monitor_server_is_in_the_foreground_until_it_is_interrupted(ssh, board):
    shell = Typist(ssh)
    shell.type(f"/opt/pyrpl/monitor_server {board.monitor_port}\n", until="\n")
    wait_until(lambda: board.control.status()["programs"])
    shell.type("echo later\n", until="\n")
    assert "later\r\n" not in shell.type("\x03", until="# ")
    assert board.control.status()["programs"] == []
    assert "no process found" in shell.type("killall monitor_server\n")


def test_lines_typed_meanwhile_run_when_the_program_ends(ssh, board):
    shell = Typist(ssh)
    shell.type(f"/opt/pyrpl/monitor_server {board.monitor_port}\necho later\n", until="later\r\n")
    wait_until(lambda: board.control.status()["programs"])
    socket.create_connection((board.host, board.monitor_port)).close()
    assert "Incoming client connection accepted!" in shell.await_text("later\r\n")


def test_a_program_ends_with_its_terminal(board):
    with connect(board) as ssh:
        Typist(ssh).type(f"/opt/pyrpl/monitor_server {board.monitor_port}\n", until="\n")
        wait_until(lambda: board.control.status()["programs"])
    wait_until(lambda: not board.control.status()["programs"])


def test_a_board_ends_at_once_while_someone_is_logged_in(launch_board):
    board = launch_board()
    with connect(board) as client:
        terminal = Typist(client)
        board.process.stdin.close()
        assert board.process.wait(ANSWER_SECONDS) == 0
        assert terminal.channel.recv(100) == b""


def test_files_arrive_by_scp(ssh):
    content = random.Random(1).randbytes(2_083_740)
    copy = scp.SCPClient(ssh.get_transport())
    copy.putfo(io.BytesIO(content), "//opt//pyrpl//fpga.bin")
    copy.putfo(io.BytesIO(b"hello\n"), "/tmp/hello")
    shell = Typist(ssh)
    assert "fpga.bin" in shell.type("ls /opt/pyrpl\n")
    assert "hello\r\n" in shell.type("cat /tmp/hello\n")
    with pytest.raises(scp.SCPException):
        copy.putfo(io.BytesIO(b"x"), "/nowhere/at/all")


def test_one_command_can_be_executed_without_a_terminal(ssh):
    _, stdout, _ = ssh.exec_command("cat /root/.version")
    assert b"2.07" in stdout.read()


@pytest.mark.parametrize(("user", "password"), [("root", "wrong"), ("guest", "root"), ("root", "")])
def test_only_root_with_the_password_can_log_in(board, user, password):
    with pytest.raises(paramiko.AuthenticationException):
        connect(board, password, user)


def test_the_hosts_files_cannot_be_reached(ssh):
    with pytest.raises((paramiko.SSHException, EOFError)):
        ssh.open_sftp()
    _, stdout, _ = ssh.exec_command("cat /etc/passwd")
    assert b"No such file" in stdout.read()
    _, stdout, stderr = ssh.exec_command("scp -f /etc/passwd")
    assert b"root" not in stdout.read() and b"only files can be sent" in stderr.read()
