"""The faults of a campaign: what each does, how it ends, and how long clients may be without the board."""

from __future__ import annotations

import contextlib
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from pyrpl_remote import stop
from pyrpl_remote.board_status import BoardStatus

from ..daemons import has_ended
from ..processes import wait_until
from . import board_faults as of_board
from .arena import BOARD, OWNED, Arena, resume, suspend
from .board_faults import nothing

Status = BoardStatus | str
Right = Callable[[Arena, Status], bool]


def link_is(*states: str) -> Right:
    """The status has one of these states of the link."""
    return lambda arena, status: not isinstance(status, str) and status.link.state in states


@dataclass(frozen=True)
class Fault:
    """One kind of fault.

    `begin(arena, chance)` causes it, and returns a function that ends it. `kind`: its row in the report;
    `room`: two faults of one room are not caused together; `limit`: how long after its end a client may be
    without the board, in s; `holds`: the range of how long it lasts; `right`: which status is right 5 s after
    its begin at the latest, None if it may be too short to be seen; `board`: whose clients it concerns;
    `repaired`: a person ends it, with a session, for which the other fault must have ended.
    """

    name: str
    kind: str
    room: str
    limit: float
    holds: tuple[float, float]
    begin: Callable[[Arena, random.Random], Callable[[], object]]
    right: Right | None = None
    board: str = BOARD
    repaired: bool = False


# of the daemon


def _kill_daemon(board: str) -> Callable[[Arena, random.Random], Callable[[], object]]:
    def begin(arena: Arena, chance: random.Random) -> Callable[[], object]:
        daemon = psutil.Process(arena.pid(board))
        daemon.kill()
        arena.killed = daemon.pid
        return nothing

    return begin


def another_daemon(arena: Arena, status: Status) -> bool:
    """The status is that of another daemon, or says that there is none."""
    if isinstance(status, str):
        return status in ("BoardGone", "UnknownBoard")
    return status.daemon.pid != arena.killed


def _freeze_daemon(arena: Arena, chance: random.Random) -> Callable[[], object]:
    pid = arena.pid()
    suspend(pid)
    return lambda: resume(pid)


def frozen(arena: Arena, status: Status) -> bool:
    """The daemon is said to be silent."""
    return status == "DaemonSilent"


def _stop(arena: Arena, chance: random.Random) -> Callable[[], object]:
    daemon = psutil.Process(arena.pid())
    if chance.random() < 0.5:
        daemon.send_signal(signal.SIGTERM)
    else:
        stop(BOARD)

    def start() -> None:
        wait_until(lambda: has_ended(daemon), what="the end of a stopped daemon")
        arena.repair(lambda p: p.status())

    return start


def stopped(arena: Arena, status: Status) -> bool:
    """No daemon serves the board."""
    return status in ("UnknownBoard", "BoardGone", "DaemonStopped")


# of the name server


def _kill_name_server(arena: Arena, chance: random.Random) -> Callable[[], object]:
    for one in arena.name_servers():
        one.kill()
    return nothing


def served(arena: Arena, status: Status) -> bool:
    """The board is served, as if nothing had happened."""
    return not isinstance(status, str) and status.link.state == "up"


def _freeze_name_server(arena: Arena, chance: random.Random) -> Callable[[], object]:
    pids = [one.pid for one in arena.name_servers()]
    for pid in pids:
        suspend(pid)
    return lambda: [resume(pid) for pid in pids]


# of clients


def _kill_client(arena: Arena, chance: random.Random) -> Callable[[], object]:
    client = arena.client(chance.choice(["CurveTaker", "Asynchronous", "SetpointWriter"]))
    client.kill()
    arena.killed = client.process.pid

    def start() -> None:
        client.start()
        client.wait_ready()

    return start


def client_is_gone(arena: Arena, status: Status) -> bool:
    """The killed client has no session, and no acquisition."""
    return not isinstance(status, str) and all(one.pid != arena.killed for one in status.clients)


def _freeze_client(kind: str) -> Callable[[Arena, random.Random], Callable[[], object]]:
    def begin(arena: Arena, chance: random.Random) -> Callable[[], object]:
        client = arena.client(kind)
        began = time.time()
        suspend(client.process.pid)

        def end() -> None:
            client.slept += time.time() - began
            resume(client.process.pid)

        return end

    return begin


# of disks


def _fill_user_folder(arena: Arena, chance: random.Random) -> Callable[[], object]:
    arena.user.fill()
    return arena.user.free


def saving_fails(arena: Arena, status: Status) -> bool:
    """The status says that the configuration cannot be saved."""
    return not isinstance(status, str) and status.saving.state == "failing"


def _fill_state_folder(arena: Arena, chance: random.Random) -> Callable[[], object]:
    arena.state.fill()
    return arena.state.free


def _move_configurations(arena: Arena, chance: random.Random) -> Callable[[], object]:
    folder = arena.user.folder / "config"
    away = folder.rename(folder.with_name("config.away"))

    def back() -> None:
        with contextlib.suppress(OSError):
            folder.rmdir()
        away.rename(folder)

    return back


LINK, TAKEN, REBOOT, DAEMON, OWN, OTHER = 2.0, 5.0, 20.0, 6.0, 10.0, 10.0
"""How long clients may be without the board after each kind of fault, in s. Whether a board is still taken is
asked every 2 s, over SSH."""

FAULTS = [
    Fault("connection closed or reset", "link cut", "board", LINK, (0, 2), of_board.drop),
    Fault("connection cut in a reply", "link cut", "board", LINK, (0, 2), of_board.cut),
    Fault("board silent", "link cut", "board", LINK, (3, 6), of_board.silence, link_is("reconnecting")),
    Fault(
        "board suspended",
        "link cut",
        "board",
        LINK,
        (3, 6),
        of_board.freeze_board,
        link_is("reconnecting"),
    ),
    Fault("board deaf, then cut", "link cut", "board", LINK, (0, 3), of_board.deaf),
    Fault("board slow", "slow", "slow", OTHER, (0, 3), of_board.slow),
    Fault("reboot", "reboot", "board", REBOOT, (0, 0), of_board.reboot, link_is("reconnecting", "up")),
    Fault("power off and on", "power", "board", REBOOT, (1, 5), of_board.power, link_is("reconnecting")),
    Fault(
        "other gateware",
        "other gateware",
        "board",
        OTHER,
        (1, 4),
        of_board.other_gateware,
        link_is("other gateware"),
        repaired=True,
    ),
    Fault(
        "taken by another program",
        "taken",
        "board",
        TAKEN,
        (2, 4),
        of_board.taken,
        link_is("taken"),
        repaired=True,
    ),
    Fault("password changed", "link cut", "board", LINK, (1, 4), of_board.password, link_is("reconnecting")),
    Fault("another OS version", "link cut", "board", LINK, (0, 2), of_board.os_version),
    Fault("owned board killed", "owned board", "owned", OWN, (0, 0), of_board.kill_owned_board, board=OWNED),
    Fault(
        *("owned board suspended", "link cut", "owned", LINK, (3, 5), of_board.freeze_owned_board),
        link_is("reconnecting"),
        board=OWNED,
    ),
    Fault("daemon killed", "daemon killed", "daemon", DAEMON, (0, 0), _kill_daemon(BOARD), another_daemon),
    Fault(
        *("daemon of the owned board killed", "owned board", "owned", OWN, (0, 0), _kill_daemon(OWNED)),
        another_daemon,
        board=OWNED,
    ),
    Fault("daemon suspended", "daemon suspended", "daemon", OTHER, (1, 4), _freeze_daemon),
    Fault("daemon suspended for long", "daemon suspended", "daemon", OTHER, (11, 14), _freeze_daemon, frozen),
    Fault("daemon stopped", "daemon stopped", "daemon", OTHER, (0.5, 2), _stop, stopped, repaired=True),
    Fault("name server killed", "name server", "names", OTHER, (0, 0), _kill_name_server, served),
    Fault("name server suspended", "name server", "names", OTHER, (1, 6), _freeze_name_server),
    Fault("client killed", "client", "client", OTHER, (0, 1), _kill_client, client_is_gone, repaired=True),
    Fault("client suspended", "client", "client", OTHER, (5, 8), _freeze_client("CurveTaker"), served),
    Fault(
        "client suspended past its lease", "client", "client", OTHER, (16, 18), _freeze_client("Asynchronous")
    ),
    Fault("user folder full", "disk", "user", OTHER, (1, 4), _fill_user_folder, saving_fails),
    Fault("state folder full", "disk", "state", OTHER, (1, 4), _fill_state_folder, served),
    Fault("configurations moved away", "disk", "user", OTHER, (1, 4), _move_configurations, saving_fails),
]
"""All of them."""

NEED_DISKS = {"user folder full", "state folder full"}
"""Faults that need a disk of their own."""

APART = {
    frozenset(("configurations moved away", ended))
    for ended in ("daemon killed", "daemon of the owned board killed", "daemon stopped")
}
"""Faults that are not caused together, with the reason: a daemon that starts without its folder of
configurations makes a new one."""
