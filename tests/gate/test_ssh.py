"""A board of a host without a gate, to which the user may log in by ssh.

There is no ssh server here: a program called `ssh` runs the command on this machine, as the user of another
host.
"""

import os
import stat
import sys

import pytest

from pyrpl_remote.errors import BadParameter
from pyrpl_remote.transport.lan import ssh

from .hosts import Host, one_machine

FAKE = """#!{python}
import os, sys
arguments = sys.argv[1:]
with open({log!r}, "a") as log:
    print(arguments, file=log)
host, command = arguments[-2:]
if host != "daq2":
    sys.exit("ssh: Could not resolve hostname " + host)
os.environ.update({environment!r})
command = command.replace("pyrpl-remote", "{python} -m pyrpl_remote")
os.execvp("sh", ["sh", "-c", command])
"""


@pytest.fixture(scope="module")
def daq2(tmp_path_factory) -> Host:
    host = one_machine("daq2", tmp_path_factory.mktemp("hosts") / "daq2")
    host.configure("lab")
    return host


@pytest.fixture(scope="module")
def laptop(tmp_path_factory, daq2) -> Host:
    """A host whose ssh leads to the user of daq2."""
    host = one_machine("laptop", tmp_path_factory.mktemp("hosts") / "laptop")
    program = host.folder / "bin" / "ssh"
    program.parent.mkdir()
    names = ("PYRPL_REMOTE_DIR", "PYRPL_REMOTE_LOCKS", "PYRPL_USER_DIR", "PYRO_NS_PORT")
    there = {name: daq2.environment[name] for name in names}
    log = str(host.folder / "ssh.log")
    program.write_text(FAKE.format(python=sys.executable, log=log, environment=there))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    host.variables["PATH"] = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    return host


@pytest.mark.skipif(os.name == "nt", reason="the program called ssh is a POSIX script")
def test_a_board_is_started_and_used_by_ssh(laptop):
    client = laptop.client()
    try:
        client.ask('p = connect("lab", via="ssh://me@daq2")')
        client.ask("p.rp.pid0.p = 0.5")
        assert client.ask("p.rp.pid0.p") == 0.5
        client.ask("heard = []")
        client.ask("p.rp.pid0.on_change(heard.append)")
        client.ask("p.rp.pid0.p = 0.25")
        assert client.ask("__import__('tests.processes').processes.wait_until(lambda: heard) != []")
        assert client.ask("p.rp.scope.single(timeout=10).shape") == [2, 16384]
        # who may log in as the user owns the user's boards
        assert client.ask('connect("lab", via="ssh://me@daq2", private=True)') is not None
        error, text = client.error('connect("lab", via="ssh://me@nowhere")')
        assert error == "HostUnreachable"
        assert "nowhere" in text
    finally:
        client.end()
    asked = (laptop.folder / "ssh.log").read_text()
    assert "'-l', 'me'" in asked and "BatchMode=yes" in asked


@pytest.mark.parametrize(
    "address",
    ["daq2", "ssh://", "ssh://-oProxyCommand=evil", "ssh://a b", "ssh://me:secret@daq2", "ssh://daq2;ls", 3],
)
def test_an_address_that_ssh_could_misread_is_refused(address):
    with pytest.raises(BadParameter, match="no address for ssh"):
        ssh.require_address(address)


@pytest.mark.parametrize(
    "address", ["ssh://daq2", "ssh://me@10.0.0.2:2222", "ssh://me@daq2.lab/opt/bin/pyrpl-remote"]
)
def test_an_address_for_ssh(address):
    assert ssh.require_address(address) == address
