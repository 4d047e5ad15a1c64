"""A board is recognised however it is written; a name that is another board's is refused."""

import pytest

from pyrpl_remote import errors
from pyrpl_remote.client.finding.configuration import Configuration
from pyrpl_remote.client.finding.wanted import Wanted
from pyrpl_remote.names.directory import Entry

MAC = "00:26:32:f0:8d:6c"
LAB = Entry("lab", "uri", "127.0.0.1:22", "/u/config/lab.yml", (MAC, "rp-f08d6c", "scope.invalid"))
TUNNEL = Entry(
    "tunnel", "uri", "127.0.0.1:41488", "/u/config/tunnel.yml", (MAC[:-1] + "d", "rp-f08d6d", "localhost")
)
SILENT = Entry("silent", "uri", "10.0.0.9:22")
VIRTUAL = Entry(
    "virtual", "uri", "virtual:virtual", "/u/config/virtual.yml", ("02:00:00:00:00:01", "rp-000001")
)
FAKE = Entry("fake", "uri", "_fake_:22")
ALL = [FAKE, LAB, SILENT, TUNNEL, VIRTUAL]


@pytest.mark.parametrize(
    ("wanted", "entry"),
    [
        (Wanted("lab"), LAB),
        (Wanted("other"), None),
        # what is not given is no statement
        (Wanted("tunnel", "127.0.0.1"), TUNNEL),
        (Wanted("tunnel", "localhost"), TUNNEL),
        (Wanted("tunnel", "LOCALHOST", 41488), TUNNEL),
        (Wanted("another name", "127.0.0.1", 41488), TUNNEL),
        (Wanted("another name", "127.0.0.1"), LAB),
        # a hostname as it was typed before, though it does not resolve
        (Wanted("lab", "SCOPE.invalid."), LAB),
        # the hostname that the board has from its MAC address, in any domain
        (Wanted("lab", "RP-F08D6C.invalid"), LAB),
        (Wanted("another name", "rp-f08d6c", 22), LAB),
        (Wanted("another name", "rp-f08d6c", 2022), None),
        (Wanted("virtual", "virtual"), VIRTUAL),
        (Wanted("another name", "virtual"), None),
        (Wanted("another name", "_FAKE_"), FAKE),
        # only a daemon can ask the board at this address who it is
        (Wanted("lab", "127.0.0.2"), None),
    ],
)
def test_a_board_is_found_by_what_is_known_of_it(wanted, entry):
    assert wanted.find(ALL) is entry


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (Wanted("lab", "127.0.0.1", 2022), "the board 127.0.0.1:22, not 127.0.0.1:2022"),
        (Wanted("lab", "virtual"), "not virtual"),
        (Wanted("lab", "_FAKE_"), "not _FAKE_"),
        (Wanted("fake", "127.0.0.2"), "the board _fake_:22, not 127.0.0.2"),
        (Wanted("silent", "127.0.0.2"), "the board 10.0.0.9:22, not 127.0.0.2"),
    ],
)
def test_a_name_of_another_board_is_refused_at_once(wanted, message):
    with pytest.raises(errors.BoardNameTaken, match=message) as caught:
        wanted.find([entry for entry in ALL if entry.name == wanted.name])
    assert "pass another name" in caught.value.remedy


def test_a_hostname_that_does_not_resolve_is_said_without_a_second_name():
    with pytest.raises(errors.BoardNameTaken, match="cannot be resolved just now") as caught:
        Wanted("lab", "rp-aaaaaa.invalid").find(ALL)
    assert caught.value.remedy == "connect('lab') without a hostname uses the running daemon"


def test_the_port_of_the_environment_is_the_default(monkeypatch):
    monkeypatch.setenv("REDPITAYA_SSHPORT", "41488")
    assert Wanted("another name", "127.0.0.1").find(ALL) is TUNNEL


@pytest.fixture
def file(tmp_path):
    """A function that makes configuration files."""

    def make(path: str, text: str) -> Configuration:
        whole = tmp_path / path
        whole.parent.mkdir(parents=True, exist_ok=True)
        whole.write_text("")
        return Configuration(str(whole), text)

    return make


def test_a_daemon_with_another_file_is_a_conflict_that_names_both(file):
    mine, other = file("a/lab.yml", "a/lab.yml"), file("b/lab.yml", "b/lab.yml")
    entry = Entry("lab", "uri", "127.0.0.1:22", other.path)
    for wanted in (Wanted("lab", configuration=mine), Wanted("lab", "127.0.0.1", configuration=mine)):
        assert mine.path in wanted.conflict(entry)
        assert other.path in wanted.conflict(entry)
    assert not Wanted("lab", configuration=other).conflict(entry)
    assert not Wanted("lab", configuration=Configuration(mine.path + "x", "a/lab.ymlx")).conflict(entry)
    assert "no configuration file" in Wanted("lab", configuration=mine).conflict(SILENT)


def test_another_users_file_of_the_same_name_and_board_is_no_conflict(file, tmp_path, monkeypatch):
    monkeypatch.setenv("PYRPL_USER_DIR", str(tmp_path / "me"))
    mine = file("me/config/lab.yml", "lab")
    entry = Entry("lab", "uri", "127.0.0.1:22", "/home/you/pyrpl_user_dir/config/lab.yml")
    assert not Wanted("lab", "127.0.0.1", configuration=mine).conflict(entry)
    assert not Wanted("lab", configuration=mine).conflict(entry, led=True)
    # the name alone may mean another board
    assert Wanted("lab", configuration=mine).conflict(entry)


def test_another_name_with_a_file_may_know_another_port(file):
    mine = file("other.yml", "other.yml")
    assert Wanted("other", "127.0.0.1", configuration=mine).find(ALL) is None
