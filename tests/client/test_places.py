"""On which host a board is: what a configuration file and a hostname say about it."""

from __future__ import annotations

import pytest

from pyrpl_remote import connect
from pyrpl_remote.client.finding.configuration import Configuration
from pyrpl_remote.client.finding.places import Place, _hostname_in, _is_of_file, _with_hostname, place_of
from pyrpl_remote.client.finding.wanted import Wanted
from pyrpl_remote.errors import BadParameter, PairingFailed
from pyrpl_remote.names.directory import Entry

THERE = Entry("lab", "uri", "10.0.0.9:22", "/there/lab.yml", ("00:26:32:f0:8d:6c", "rp-f08d6c"), on="daq2")
LOOPBACK = Entry("tunnel", "uri", "127.0.0.1:22", on="daq2")
FAKE = Entry("fake", "uri", "_fake_:22", on="daq2")


@pytest.mark.parametrize(
    ("hostname", "found"),
    [
        ("10.0.0.9", [THERE]),
        ("rp-f08d6c.local", [THERE]),
        ("10.0.0.10", []),
        # the loopback, and a simulated board, of another host are not those of this machine
        ("127.0.0.1", []),
        ("_FAKE_", []),
    ],
)
def test_a_board_of_another_host_is_recognised_by_its_hostname(hostname, found):
    assert _with_hostname(Wanted("other", hostname), [THERE, LOOPBACK, FAKE]) == found


@pytest.mark.parametrize(
    ("text", "hostname"),
    [
        ("redpitaya:\n  hostname: rp-f08d6c.local\n  port: 2222\n", "rp-f08d6c.local"),
        ("pyrpl:\n  name: lab\nredpitaya:\n  user: root\n\n  hostname: '10.0.0.9' # here\n", "10.0.0.9"),
        ("pyrpl:\n  hostname: wrong\nredpitaya:\n  port: 1\nscope:\n  hostname: wrong\n", ""),
        ("", ""),
    ],
)
def test_the_hostname_in_a_configuration_file(tmp_path, text, hostname):
    path = tmp_path / "lab.yml"
    path.write_text(text)
    assert _hostname_in(path) == hostname


def test_a_file_of_this_machine_is_compared_with_the_board_of_another_host(tmp_path):
    path = tmp_path / "lab.yml"
    mine = Configuration(str(path), "lab")
    path.write_text("redpitaya:\n  hostname: RP-F08D6C\n")
    assert _is_of_file([THERE], mine)
    assert not _is_of_file([THERE, LOOPBACK], mine)
    path.write_text("redpitaya:\n  hostname: rp-000000\n")
    assert not _is_of_file([THERE], mine)


def test_without_paired_hosts_a_board_is_on_this_machine():
    assert place_of(Wanted("lab"), None, None) == Place("", "lab")
    assert place_of(Wanted("lab"), "localhost", None) == Place("", "lab")


@pytest.mark.parametrize(
    "given", [{"on": ""}, {"on": 3}, {"via": "daq2"}, {"on": "daq2", "via": "ssh://daq2"}]
)
def test_a_place_that_is_none_is_refused(given):
    with pytest.raises(BadParameter):
        connect("lab", **given)


def test_a_host_that_is_not_paired_is_refused():
    with pytest.raises(PairingFailed, match="daq2"):
        connect("lab", on="daq2")
