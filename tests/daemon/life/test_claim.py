"""A second claim of a board is refused with the board's name, until the first one's process has ended."""

import os
import subprocess
import sys
import threading
import time

import pytest

from pyrpl_remote import errors, settings
from pyrpl_remote.daemon.life import claim as tested
from pyrpl_remote.daemon.life.claim import AlreadyServed, Claim
from pyrpl_remote.daemon.life.registration import Registration
from pyrpl_remote.names import directory
from pyrpl_remote.names.directory import Entry

from ...processes import python_command

HOLD = """
    import sys
    from pyrpl_remote.daemon.life.claim import Claim
    claim = Claim("held")
    for claimed in {claims!r}:
        claim.take(claimed)
    claim.serves({serves})
    report(claimed=claim.identity)
    sys.stdin.readline()
    claim.release()
    report(released=True)
    sys.stdin.readline()
"""


@pytest.fixture
def holder():
    """Another process that has claimed a board."""
    running = []

    def start(*claims: str, serves: bool = False) -> subprocess.Popen:
        process = subprocess.Popen(
            python_command(HOLD.format(claims=claims, serves=serves)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        assert "claimed" in process.stdout.readline()
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def claim():
    claim = Claim()
    yield claim
    claim.release()


def test_a_claim_of_a_served_board_is_refused_with_its_name(holder, claim, answering, monkeypatch):
    holder("10.0.0.1:22")
    entry = Entry("lab", answering, "10.0.0.1:22")
    Registration(entry, {}, str).register(again=True)
    try:
        with pytest.raises(errors.BoardNameTaken, match=r"10\.0\.0\.1:22 is already served.* lab") as caught:
            claim.take("10.0.0.1:22")
        assert caught.value.remedy == "use connect('lab')"
    finally:
        directory.remove(entry)


@pytest.fixture
def register(answering):
    """A function that registers an entry of these fields; it is removed in the end."""
    entries = []

    def register(name: str, identity: str, *aliases: str) -> Entry:
        entries.append(Entry(name, answering, identity, aliases=aliases))
        Registration(entries[-1], {}, str).register(again=True)
        return entries[-1]

    yield register
    for entry in entries:
        directory.remove(entry)


def test_a_board_at_another_address_is_recognised_by_its_mac_address(holder, claim, register):
    mac = "02:00:00:00:00:01"
    holder("10.0.0.6:22", mac, "name lab")
    entry = register("lab", "10.0.0.6:22", "rp-000001", mac)
    claim.take("10.0.0.7:22")
    with pytest.raises(
        AlreadyServed, match=r"10\.0\.0\.6:22 is already served, under the name lab"
    ) as caught:
        claim.take(mac)
    assert caught.value.entry.claims == entry.claims


def test_two_boards_cannot_have_one_name(holder, claim, register):
    holder("10.0.0.8:22", "name lab")
    register("lab", "10.0.0.8:22")
    claim.take("10.0.0.9:22")
    with pytest.raises(
        errors.BoardNameTaken, match=r"'lab' is in use for the board 10\.0\.0\.8:22, not 10\.0\.0\.9"
    ):
        claim.take("name lab")


def test_what_was_claimed_before_a_refusal_is_free_after_the_release(holder, claim, monkeypatch):
    monkeypatch.setattr(tested, "START_SECONDS", 0.1)
    holder("10.0.0.11:22")
    claim.take("10.0.0.10:22")
    with pytest.raises(errors.BoardNameTaken):
        claim.take("10.0.0.11:22")
    claim.release()
    Claim().take("10.0.0.10:22")


def test_a_claim_of_a_board_without_registered_name_names_the_process_after_a_time(
    holder, claim, monkeypatch
):
    monkeypatch.setattr(tested, "START_SECONDS", 0.6)
    process = holder("10.0.0.2:22")
    begin = time.monotonic()
    with pytest.raises(errors.BoardNameTaken, match=rf"\(pid {process.pid} of user \S+\)") as caught:
        claim.take("10.0.0.2:22")
    assert time.monotonic() - begin >= 0.6
    assert f"end that process first (`kill {process.pid}`)" in caught.value.remedy


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel lists the holders of locks")
def test_a_holder_that_tells_nothing_is_named_by_the_kernel(holder, claim, monkeypatch):
    monkeypatch.setattr(tested, "CLAIM_SECONDS", 0.6)
    process = holder("10.0.0.2:22")
    os.truncate(settings.host_lock_path("board-10.0.0.2:22"), 0)
    with pytest.raises(errors.BoardNameTaken, match=rf"is claimed by pid {process.pid},") as caught:
        claim.take("10.0.0.2:22")
    assert f"`kill {process.pid}`" in caught.value.remedy


def test_a_board_under_another_name_server_is_refused_at_once_with_how_to_reach_it(
    holder, claim, monkeypatch
):
    monkeypatch.setenv("PYRO_NS_PORT", "9191")
    process = holder("10.0.0.12:22", serves=True)
    begin = time.monotonic()
    with pytest.raises(
        errors.BoardNameTaken,
        match=rf"'held' with another name server \(localhost:9191\), by pid {process.pid}",
    ) as caught:
        claim.take("10.0.0.12:22")
    assert time.monotonic() - begin < tested.CLAIM_SECONDS / 2
    assert "PYRO_NS_PORT=9191, and connect('held')" in caught.value.remedy


def test_names_and_virtual_boards_are_claimed_for_one_name_server_only(holder, claim, monkeypatch):
    monkeypatch.setenv("PYRO_NS_PORT", "9191")
    holder("virtual:virtual", "name virtual", serves=True)
    claim.take("virtual:virtual")
    claim.take("name virtual")
    assert claim.identity == "virtual:virtual"


def test_another_board_can_be_claimed(holder, claim):
    holder("10.0.0.3:22")
    claim.take("10.0.0.3:2222")
    assert claim.identity == "10.0.0.3:2222"


def test_a_daemon_that_is_ending_is_waited_for(holder, claim):
    process = holder("10.0.0.4:22")
    timer = threading.Timer(0.7, lambda: (process.stdin.write("\n"), process.stdin.flush()))
    timer.start()
    claim.take("10.0.0.4:22")
    assert "released" in process.stdout.readline()
    timer.join()


def test_the_board_of_a_killed_daemon_can_be_claimed(holder, claim):
    process = holder("10.0.0.5:22")
    process.kill()
    process.wait()
    claim.take("10.0.0.5:22")


def test_releasing_an_unclaimed_board_is_no_error():
    Claim().release()
