"""An invitation pairs one machine, once, within 10 minutes, and only with the host that made it."""

import json
import time

import pytest

from pyrpl_remote.errors import HostUnreachable, PairingFailed
from pyrpl_remote.gate import invitations, joining

from .hosts import as_user_of, await_logged, invitation, one_machine


@pytest.fixture(scope="module")
def daq2(tmp_path_factory):
    """A host with a gate."""
    host = one_machine("daq2", tmp_path_factory.mktemp("hosts") / "daq2")
    yield host
    host.run("unshare")


@pytest.fixture(scope="module")
def guest(tmp_path_factory):
    """A host that is not paired yet."""
    return one_machine("bench", tmp_path_factory.mktemp("hosts") / "bench")


@pytest.mark.parametrize("number", [1, 2])
def test_an_invitation_is_valid_once(daq2, tmp_path_factory, number):
    line = invitation(daq2)
    joined = one_machine(f"guest{number}", tmp_path_factory.mktemp("hosts") / "guest")
    joined.run("join", line, "--name", f"guest{number}")
    with as_user_of(joined), pytest.raises(PairingFailed, match="used before"):
        joining.join(invitations.from_line(line))
    await_logged(daq2, "used before")
    daq2.run("revoke", f"guest{number}")


def test_an_invitation_is_valid_for_ten_minutes(daq2, guest):
    line = invitation(daq2)
    path = daq2.folder / "state" / "lan" / "invitations.json"
    records = json.loads(path.read_text())
    number = invitations.from_line(line).number
    assert 590 < records[number]["expires"] - time.time() <= 600
    records[number]["expires"] -= 600
    path.write_text(json.dumps(records))
    with as_user_of(guest), pytest.raises(PairingFailed, match="expired"):
        joining.join(invitations.from_line(line))


def test_an_invitation_needs_its_secret(daq2, guest):
    made = invitations.from_line(invitation(daq2))
    forged = invitations.Invitation(
        made.host, made.addresses, made.port, made.fingerprint, made.number, "another secret"
    )
    with as_user_of(guest):
        with pytest.raises(PairingFailed, match="proof"):
            joining.join(forged)
        assert joining.join(made).name == "daq2"  # the right one is still valid


def test_a_machine_is_not_paired_with_itself(daq2):
    line = invitation(daq2)
    with as_user_of(daq2), pytest.raises(PairingFailed, match="own invitation"):
        joining.join(invitations.from_line(line))


def test_an_invitation_of_another_key_is_refused_before_the_secret_is_used(daq2, guest):
    made = invitations.from_line(invitation(daq2))
    other = invitations.Invitation(made.host, made.addresses, made.port, "0" * 64, made.number, made.secret)
    with as_user_of(guest), pytest.raises(HostUnreachable, match="another host answers"):
        joining.join(other)


@pytest.mark.parametrize("line", ["", "hello", invitations.PREFIX, invitations.PREFIX + "AAAA", "x" * 10_000])
def test_a_line_that_is_no_invitation_is_refused(line):
    with pytest.raises(PairingFailed, match="no invitation"):
        invitations.from_line(line)
