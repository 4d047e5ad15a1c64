"""The state of a lockbox after a start that changed nothing on the FPGA: it follows from the registers.

PyRPL does not save it. Each stage is tried while writes are held: the one whose words the PIDs of the outputs
have is the one that the lockbox is in.
"""

# PyRPL's names of its modules' parts begin with an underscore
# ruff: noqa: SLF001

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from pyrpl.hardware_modules.dsp import DSP_INPUTS
from pyrpl.hardware_modules.pid import Pid
from pyrpl.software_modules.lockbox import Lockbox

from .held_writes import HeldWrites

log = logging.getLogger(__name__)

INPUT, SETPOINT, P_GAIN, I_GAIN = (getattr(Pid, name).address for name in ("input", "setpoint", "p", "i"))
"""The registers of a PID that a lock sets."""

ASGS = [DSP_INPUTS["asg0"], DSP_INPUTS["asg1"]]
"""The words of a PID's input that a sweep uses."""


def take_lock_states(pyrpl: Any, held: HeldWrites) -> None:
    """Let each lockbox know the state in which its outputs are. Its writes are held."""
    for lockbox in pyrpl.software_modules:
        if isinstance(lockbox, Lockbox):
            try:
                _take(lockbox, held)
            except Exception:  # boundary: a user's own lockbox may do anything; the FPGA is as it was
                log.warning("the state of %s is not known", lockbox.name, exc_info=True)


def _take(lockbox: Any, held: HeldWrites) -> None:
    driving = {output.name: output for output in lockbox.outputs if _drives(output, held)}
    if not driving:
        return
    best, stage_held = 0, None
    # the last stage is the lock itself: it comes first
    for stage in reversed(list(lockbox.sequence)):
        fits = _fits_of_stage(stage, driving, held)
        if fits > best:
            best, stage_held = fits, stage
    held.drop()
    if stage_held is not None:
        for output in driving.values():
            if _locks(stage_held, output):
                _lock(output, stage_held)
        # this begins to watch the lock
        lockbox.current_state = stage_held.name
        if stage_held is lockbox.sequence[-1]:
            lockbox.current_state = "lock_on"
        log.info("%s is in the state %r", lockbox.name, lockbox.current_state)
        return
    sweeping = driving.get(lockbox.default_sweep_output)
    if (
        sweeping is not None
        and _word(sweeping, INPUT, held) in ASGS
        and _fits(sweeping, sweeping.sweep, held)
    ):
        held.drop()
        sweeping.sweep()
        lockbox.current_state = "sweep"
        return
    log.warning(
        "%s: the PID of %s acts, but not as any of its stages sets it: it is left as it is, and the "
        "lockbox takes it for unlocked",
        lockbox.name,
        " and of ".join(driving),
    )


def _drives(output: Any, held: HeldWrites) -> bool:
    """Whether the FPGA has a gain in the output's PID."""
    return bool(_word(output, P_GAIN, held) or _word(output, I_GAIN, held))


def _locks(stage: Any, output: Any) -> bool:
    return bool(stage.outputs[output.name].lock_on)  # PyRPL locks with "ignore" too


def _lock(output: Any, stage: Any) -> None:
    output.lock(input=stage.input, setpoint=stage.setpoint, gain_factor=stage.gain_factor)


def _fits_of_stage(stage: Any, driving: dict[str, Any], held: HeldWrites) -> int:
    """How well a stage fits to the driving outputs, 0 if it does not."""
    locking = {output.name for output in stage.lockbox.outputs if _locks(stage, output)}
    if not locking or not locking <= set(driving):
        return 0
    fits = []
    for name in locking:
        output = driving[name]
        fits.append(_fits(output, partial(_lock, output, stage), held))
    return min(fits)


def _fits(output: Any, act: Callable[[], Any], held: HeldWrites) -> int:
    """How many registers of the output's PID are as `act` writes them; 0 if its input is another one.

    The gains may be others: the configuration may be older than they.
    """
    held.drop()
    act()
    base = output.pid._addr_base
    if held.holds(base + INPUT) is None or _word(output, INPUT, held) != held.holds(base + INPUT):
        return 0
    compared = INPUT, SETPOINT, P_GAIN, I_GAIN
    return sum(_word(output, address, held) == held.holds(base + address) for address in compared)


def _word(output: Any, address: int, held: HeldWrites) -> int:
    return int(held.on_board(output.pid._addr_base + address)[0])
