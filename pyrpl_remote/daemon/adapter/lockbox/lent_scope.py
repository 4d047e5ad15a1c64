"""`LentScope`: the scope records for the watch of the lock, as long as nobody else uses it.

The FPGA writes the lock's input and output into the scope's memory round and round, with a span of 2 s. That
costs no access to the board; the memory is read only when the lock is lost. PyRPL's own attributes are not
touched, nothing is saved, and no client gets an event. Whoever uses the scope, by whatever way, gets it as it
was: before PyRPL's `rp.scope` is read, and when somebody takes it as its owner, its registers are written
back. Only the scope's memory is another one.
"""

# PyRPL's names of its modules' registers begin with an underscore
# ruff: noqa: SLF001

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from typing import Any

import numpy as np
from pyrpl.hardware_modules.dsp import DSP_INPUTS
from pyrpl.hardware_modules.scope import Scope

from ....errors import BoardLinkLost

log = logging.getLogger(__name__)

NAME = "scope"

CONTROL, SOURCE, DELAY, DECIMATION, POINTER, AVERAGE, COUNT = 0x0, 0x4, 0x10, 0x14, 0x18, 0x28, 0x2C
"""Registers of the scope (scope.v)."""

ARM, RESET, KEEP = 1, 2, 8
"""Bits of CONTROL."""

MEMORIES = 0x10000, 0x20000
"""The memories of both channels."""

LENT_DECIMATION = 2**14
"""2**14 points of 8 ns * 2**14: a span of 2.1 s."""

AVERAGED = 4
"""How many points become one of the trace."""

SPAN = 2.0
"""The longest trace, in s."""

KEPT = ("input1", "input2", "decimation", "average")
"""The attributes of the scope that are in the registers that are lent."""


class LentScope:
    """The scope of one board. To be used in the Qt thread only."""

    def __init__(self, pyrpl: Any) -> None:
        self._rp = pyrpl.rp
        self._scope: Any = None
        self._words: dict[int, int] = {}

    @property
    def lent(self) -> bool:
        """Whether the scope records for the watch now."""
        return self._scope is not None

    def values(self, input1: str, input2: str) -> dict[str, Any]:
        """What is to be kept before it is lent with these signals, for `restore` in the next daemon."""
        scope = self._rp.scope
        lent = {"input1": input1, "input2": input2, "decimation": LENT_DECIMATION, "average": True}
        return {"before": {name: getattr(scope, name) for name in KEPT}, "lent": lent}

    def is_idle(self) -> bool:
        """Whether the scope neither acquires nor has an owner."""
        scope = self._rp.modules[NAME]
        return scope.owner is None and scope._running_state == "stopped"

    def lend(self, input1: str, input2: str) -> None:
        """Let it record two signals, by PyRPL's names. Raises BoardLinkLost; then nothing is lent."""
        scope = self._rp.scope
        wanted = {
            _address("input1"): DSP_INPUTS[input1],
            _address("input2"): DSP_INPUTS[input2],
            DECIMATION: LENT_DECIMATION,
            AVERAGE: 1,
            DELAY: scope.data_length,
            SOURCE: 0,
        }
        self._words = {address: scope._read(address) for address in wanted}
        # from here on every way to the scope leads through give_back
        type(self._rp).scope = _Door(self)
        del vars(self._rp)[NAME]
        self._scope = scope
        scope._signal_launcher.change_ownership.connect(self._owned)
        try:
            self._control(scope, RESET)
            for address, word in wanted.items():
                scope._write(address, word)
            self._control(scope, ARM)
        except BoardLinkLost:
            with contextlib.suppress(BoardLinkLost):
                self.give_back()
            raise

    def give_back(self) -> Any:
        """Write its registers back; returns PyRPL's scope. Raises BoardLinkLost; then it is still lent."""
        scope = self._scope
        if scope is None:
            return self._rp.modules[NAME]
        self._control(scope, RESET)
        # the source of the trigger last
        for address, word in self._words.items():
            scope._write(address, word)
        self._scope = None
        with contextlib.suppress(TypeError, RuntimeError):
            scope._signal_launcher.change_ownership.disconnect(self._owned)
        vars(self._rp)[NAME] = scope
        del type(self._rp).scope
        return scope

    def trace(self) -> np.ndarray[Any, Any] | None:
        """What it has recorded until now: float (3, n), the time in s (not above 0) and both signals in V.

        None while it is not lent.
        """
        scope = self._scope
        if scope is None:
            return None
        length = scope.data_length
        begin = scope._read(POINTER)
        words = [scope._reads(memory, length).astype(np.int32) for memory in MEMORIES]
        end = scope._read(POINTER)
        recorded = min(scope._read(COUNT), length)
        volts = np.array([np.where(one >= 2**13, one - 2**14, one) / 2**13 for one in words])
        # the oldest first, without those that were written while the others were read
        volts = np.roll(volts, length - begin, axis=1)[:, (end - begin) % length :]
        step = LENT_DECIMATION * 8e-9
        volts = volts[:, -min(recorded, round(SPAN / step)) or volts.shape[1] :]
        count = volts.shape[1] // AVERAGED
        if not count:
            return None
        volts = volts[:, volts.shape[1] - count * AVERAGED :].reshape(2, count, AVERAGED).mean(axis=2)
        times = np.arange(1 - count, 1) * step * AVERAGED
        return np.vstack([times, volts])

    def restore(self, values: dict[str, Any]) -> None:
        """Set what a daemon that was killed has lent, and could not write back: the next one took it over."""
        scope = self._rp.scope
        if all(getattr(scope, name) == value for name, value in values["lent"].items()):
            for name, value in values["before"].items():
                setattr(scope, name, value)

    @staticmethod
    def _control(scope: Any, bits: int) -> None:
        scope._write(CONTROL, scope._read(CONTROL) & KEEP | bits)

    def _owned(self) -> None:
        scope = self._scope
        if scope is not None and scope.owner is not None:
            try:
                self.give_back()
            except BoardLinkLost as error:
                log.info("the scope is given back when the board is back: %s", error.message)


class _Door:
    """The class attribute `scope` of PyRPL's RedPitaya while the scope is lent: reading it gives it back.

    Otherwise PyRPL's own attribute of the object has this name, and nothing is slower than without us.
    """

    def __init__(self, lent: LentScope) -> None:
        self._give_back: Callable[[], Any] = lent.give_back

    def __get__(self, redpitaya: Any, kind: type) -> Any:
        return self if redpitaya is None else self._give_back()


def _address(name: str) -> int:
    """The address of the register of an attribute, from the scope's base."""
    return int(getattr(Scope, name).address)
