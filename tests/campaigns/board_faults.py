"""The faults of boards: each function causes one, and returns a function that ends it."""

from __future__ import annotations

import random
from collections.abc import Callable

from ..processes import wait_until
from .arena import Arena, resume, suspend


def nothing() -> None:
    """Ends a fault that has ended by itself."""


def drop(arena: Arena, chance: random.Random) -> Callable[[], object]:
    """The board closes or resets the connection."""
    arena.board.control.drop(chance.random() < 0.5)
    return nothing


def cut(arena: Arena, chance: random.Random) -> Callable[[], object]:
    """The connection ends within the next reply."""
    arena.board.control.drop_in_frame(chance.randrange(12), chance.random() < 0.5)
    return nothing


def silence(arena: Arena, chance: random.Random) -> Callable[[], object]:
    """The board receives requests and does not answer."""
    arena.board.control.silence()
    return lambda: arena.board.control.silence(False)


def freeze_board(arena: Arena, chance: random.Random) -> Callable[[], object]:
    """The board's process is suspended, as on a network that loses everything."""
    pid = arena.board.process.pid
    suspend(pid)
    return lambda: resume(pid)


def deaf(arena: Arena, chance: random.Random) -> Callable[[], object]:
    """The board does not notice that the connection ended."""
    arena.board.control.deaf()
    arena.board.control.drop(chance.random() < 0.5)
    return lambda: arena.board.control.deaf(False)


def slow(arena: Arena, chance: random.Random) -> Callable[[], object]:
    """Each access takes longer."""
    arena.board.control.latency(chance.choice([0.01, 0.05]))
    return lambda: arena.board.control.latency(0)


def reboot(arena: Arena, chance: random.Random) -> Callable[[], object]:
    """The board restarts and loses its gateware; the end waits for SSH."""
    arena.board.control.reboot(chance.uniform(0.5, 4))
    return lambda: wait_until(lambda: arena.board.control.status()["ssh"], 30, "SSH")


def power(arena: Arena, chance: random.Random) -> Callable[[], object]:
    """The board's process is killed and started again."""
    arena.power_off()
    return arena.power_on


def other_gateware(arena: Arena, chance: random.Random) -> Callable[[], object]:
    """Another gateware is loaded; a person restores PyRPL's."""
    arena.board.control.load_gateware("v0.94")

    return lambda: arena.repair(lambda p: p.restore_gateware())


def taken(arena: Arena, chance: random.Random) -> Callable[[], object]:
    """Another program takes the board; it leaves, or a person takes it back."""
    arena.board.control.second_client()
    if chance.random() < 0.5:
        return lambda: arena.repair(lambda p: p.take_over())
    return arena.board.control.drop


def password(arena: Arena, chance: random.Random) -> Callable[[], object]:
    """The board has another password for a while."""
    arena.board.control.password("another")
    arena.board.control.drop()
    return lambda: arena.board.control.password("root")


def os_version(arena: Arena, chance: random.Random) -> Callable[[], object]:
    """The board reports another system."""
    before = arena.board.control.status()["os_version"]
    arena.board.control.os_version("3.00")
    arena.board.control.drop()
    return lambda: arena.board.control.os_version(before)


def kill_owned_board(arena: Arena, chance: random.Random) -> Callable[[], object]:
    """The board that a daemon owns is killed."""
    arena.owned_board().kill()
    return nothing


def freeze_owned_board(arena: Arena, chance: random.Random) -> Callable[[], object]:
    """It is suspended."""
    pid = arena.owned_board().pid
    suspend(pid)
    return lambda: resume(pid)
