"""An invitation pairs one machine, once, within 10 minutes, and only with the host that made it."""

import json
import socket
import time

import pytest

from pyrpl_remote.errors import HostUnreachable, PairingFailed
from pyrpl_remote.gate import invitations, joining
from pyrpl_remote.transport.lan import paired_hosts, tls
from pyrpl_remote.transport.lan.device_keys import ensure_device
from pyrpl_remote.transport.lan.json_lines import Lines, send_line

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
    begin = time.monotonic()
    with as_user_of(joined), pytest.raises(PairingFailed, match="used before"):
        joining.join(invitations.from_line(line))
    assert time.monotonic() - begin < 4
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
    begin = time.monotonic()
    with as_user_of(guest), pytest.raises(PairingFailed, match="expired"):
        joining.join(invitations.from_line(line))
    assert time.monotonic() - begin < 4
    await_logged(daq2, "the invitation has expired")


def test_an_invitation_needs_its_secret(daq2, guest):
    made = invitations.from_line(invitation(daq2))
    forged = invitations.Invitation(
        made.host, made.addresses, made.port, made.fingerprint, made.number, "another secret"
    )
    with as_user_of(guest):
        with pytest.raises(PairingFailed, match="proof"):
            joining.join(forged)
        assert joining.join(made).name == "daq2"  # the right one is still valid


def test_a_certificate_with_other_text_around_it_is_kept_without_that(daq2, guest):
    """Such as a second certificate, under another name that OpenSSL knows, too."""
    made = invitations.from_line(invitation(daq2))
    with as_user_of(guest):
        device = ensure_device()
        second = device.certificate.replace("CERTIFICATE", "X509 CERTIFICATE")
        with (
            socket.create_connection(("127.0.0.1", made.port)) as sock,
            tls.client_context(None, None, tls.JOIN).wrap_socket(sock) as wrapped,
        ):
            said = {
                "name": "odd",
                "certificate": f"\u00fc {device.certificate}\n{second}",
                "number": made.number,
                "proof": made.proof("host", device.fingerprint),
            }
            send_line(wrapped, said)
            answer = Lines(wrapped).receive(5)
            assert answer is not None and answer["role"] == "operator"
    with as_user_of(daq2):
        (kept,) = [one for one in paired_hosts.peers() if one.fingerprint == device.fingerprint]
    assert kept.certificate.split() == device.certificate.split()


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
