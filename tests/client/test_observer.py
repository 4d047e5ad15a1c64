"""Reading the status of boards and stopping one, without a session."""

import os

import psutil
import pytest

from pyrpl_remote import Entry, discover, errors, status, stop

from ..daemons import fake_board, has_ended
from ..environment import free_port
from ..processes import wait_until


@pytest.fixture(scope="module")
def p():
    with fake_board("watched") as p:
        yield p


def test_boards_are_listed_and_their_status_read_without_becoming_a_client(p):
    (entry,) = (entry for entry in discover() if entry.name == "watched")
    for board in ("watched", entry):
        seen = status(board)
        assert (seen.board, seen.state, seen.link.state) == ("watched", "connected", "up")
        assert [client.pid for client in seen.clients] == [
            os.getpid()
        ]  # this process's session, not its look
        assert seen.daemon.pid == p.status().daemon.pid


def test_an_observer_does_not_keep_the_daemon_running():
    with fake_board("left") as p:
        daemon = psutil.Process(p.status().daemon.pid)
    seen = []

    def ended() -> bool:
        try:
            seen.append(status("left").clients)
        except (errors.BoardGone, errors.UnknownBoard):
            return True
        return False

    wait_until(ended, what="the end of a daemon that is looked at all the time")
    assert seen[-1] == []
    wait_until(lambda: has_ended(daemon), what="its end")


def test_stop_ends_the_daemon_even_while_clients_use_it():
    with fake_board("stopped") as p:
        daemon = psutil.Process(p.status().daemon.pid)
        assert stop("stopped") is None
        wait_until(lambda: has_ended(daemon), what="its end")
        wait_until(lambda: "stopped" not in [entry.name for entry in discover()], what="its name's end")
        with pytest.raises(errors.DaemonStopped, match=f"pid {os.getpid()}"):
            p.rp.pid0.p
        with pytest.raises(errors.UnknownBoard, match="'stopped'"):
            status("stopped")


@pytest.mark.parametrize("look", [status, stop])
def test_an_unknown_board_is_an_error_that_names_the_served_boards(p, look):
    with pytest.raises(errors.UnknownBoard, match="no daemon serves a board called 'lab'") as caught:
        look("lab")
    assert "watched" in caught.value.remedy


@pytest.mark.parametrize("look", [status, stop])
def test_a_killed_daemon_raises_board_gone(look):
    with fake_board(f"killed-{look.__name__}") as p:
        board = p.status().board
        daemon = psutil.Process(p.status().daemon.pid)
        psutil.Process(daemon.pid).kill()
        daemon.wait(30)
        with pytest.raises(errors.BoardGone, match=f"'{board}' does not answer") as caught:
            look(board)
        assert f"pyrpl-remote logs {board}" in caught.value.remedy


def test_an_entry_without_daemon_raises_board_gone():
    with pytest.raises(errors.BoardGone, match="'lost' does not answer"):
        status(Entry("lost", f"PYRO:pyrpl.lost@127.0.0.1:{free_port()}", ""))


def test_without_a_name_server_no_board_is_known(monkeypatch):
    import Pyro5

    monkeypatch.setattr(Pyro5.config, "NS_PORT", free_port())
    assert discover() == []
    with pytest.raises(errors.UnknownBoard) as caught:
        status("watched")
    assert "none is served" in caught.value.remedy
