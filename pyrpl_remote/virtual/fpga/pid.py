"""The PID controller without its input filter (red_pitaya_pid_block.v); the gateware has no derivative term.

Pipeline: error, products, sum, limits, one cycle each; the integral term takes one cycle more.
"""

from __future__ import annotations

import numpy as np

from . import lpf
from .compiled import at, hot, inner, span
from .registers import BusWord, Packed, ReadOnly, Register, Strobe, signed
from .saturate import fill, saturate

# constants of the gateware, which PyRPL reads to scale gains and filters
PSR = 12
ISR = 32
DSR = 10
GAINBITS = 24
FILTERSTAGES = 4
FILTERSHIFTBITS = 5
FILTERMINBW = 10
FILTER = lpf.Kind(FILTERSHIFTBITS, signal_bits=14, max_shift=24)
_INTEGRAL_HIGH = (1 << 47) - 1
_PIPELINE = 3
"""Cycles from the input to the sum."""

STATE = np.dtype(
    [
        (name, np.int64)
        for name in (
            "set_ival",
            "ival_write",
            "set_sp",
            "set_kp",
            "set_ki",
            "set_kd",
            "filter",
            "out_min",
            "out_max",
            "pause",
            "differential",
            "error",
            "kp_reg",
            "ki_mult",
            "int_reg",
            "pid_out",
            "out",
        )
    ]
    + [("filter_memory", np.int64, (FILTERSTAGES, 2))]
)

RESET = {"pause": 7, "out_min": -8192, "out_max": 8191}


class _Integrator(Strobe):
    """0x100: reads the integrator's upper 16 bits, sign-extended; a write sets them in the next cycle."""

    def get(self, record: np.void) -> int:
        return (int(record["int_reg"]) >> ISR) & 0xFFFFFFFF

    def set(self, record: np.void, word: int) -> None:
        super().set(record, word)
        record["set_ival"] = signed(word, 16)


REGISTERS: dict[int, BusWord] = {
    0x100: _Integrator("ival_write"),
    0x104: Register("set_sp", 14, True),
    0x108: Register("set_kp", GAINBITS, True),
    0x10C: Register("set_ki", GAINBITS, True),
    0x110: Register("set_kd", GAINBITS, True),
    0x120: Register("filter", 32),
    0x124: Register("out_min", 14, True),
    0x128: Register("out_max", 14, True),
    0x12C: Packed(Register("pause", 3), Register("differential", 1, shift=3)),
    0x200: ReadOnly(PSR),
    0x204: ReadOnly(ISR),
    0x208: ReadOnly(DSR),
    0x20C: ReadOnly(GAINBITS),
    0x220: ReadOnly(FILTERSTAGES),
    0x224: ReadOnly(FILTERSHIFTBITS),
    0x228: ReadOnly(FILTERMINBW),
}


@hot
def run(s, sync, source, partner, target, p, n):
    """Compute n cycles: reads the filtered input source[p:p+n], fills target[p+1:p+n+1].

    partner: the other pid's filtered input, which replaces the set point in differential mode.
    """
    p, n = span(p, n)
    far_from_ends = abs(s.int_reg) + abs(s.ki_mult) + n * (abs(s.set_ki) << 15) <= _INTEGRAL_HIGH
    if n > 2 * _PIPELINE and far_from_ends and not s.ival_write and not s.differential:
        _step(s, sync, source, partner, target, p, _PIPELINE)
        _sweep(s, sync, source, target, p + _PIPELINE, n - _PIPELINE)
    else:
        _step(s, sync, source, partner, target, p, n)


@hot
def _proportional_gain(s, sync):
    return 0 if sync == 0 and s.pause & 2 else s.set_kp


@hot
def _holds_integral(s, sync):
    return sync == 0 and s.pause & 1 != 0


@hot
def _limit(s, output):
    return s.out_max if output >= s.out_max else max(output, s.out_min)


@hot
def _step(s, sync, source, partner, target, p, n):
    """Compute n cycles one by one; works in any state."""
    p, n = span(p, n)
    error = s.error
    kp_reg = s.kp_reg
    ki_mult = s.ki_mult
    int_reg = s.int_reg
    pid_out = s.pid_out
    kp = _proportional_gain(s, sync)
    ki = s.set_ki
    set_sp = s.set_sp
    differential = s.differential
    ival = s.set_ival << ISR
    hold_integral = _holds_integral(s, sync)
    write = s.ival_write != 0
    s.ival_write = 0
    for i in range(p, p + n):
        target[i + 1] = _limit(s, pid_out)
        pid_out = saturate(kp_reg + (int_reg >> ISR), 14)
        kp_reg = (error * kp) >> PSR
        if write:
            int_reg = ival
            write = False
        elif not hold_integral:
            int_reg = min(max(int_reg + ki_mult, -_INTEGRAL_HIGH - 1), _INTEGRAL_HIGH)
        ki_mult = error * ki
        error = np.int64(source[i]) - (np.int64(partner[i]) if differential else set_sp)
    s.error = error
    s.kp_reg = kp_reg
    s.ki_mult = ki_mult
    s.int_reg = int_reg
    s.pid_out = pid_out
    s.out = target[p + n]


@hot
def _sweep(s, sync, source, target, p, n):
    """Compute n cycles after _PIPELINE stepped ones, in which the integrator cannot saturate.

    Only the integral depends on its last value; the rest is computed after it, vectorised by the compiler.
    """
    p, n = span(p, n)
    kp = _proportional_gain(s, sync)
    set_sp = s.set_sp
    int_reg = s.int_reg
    end = p + n
    # the output shows the integral two cycles later, the input three
    if s.set_ki == 0 or _holds_integral(s, sync):
        fill(target, p + 2, end + 1, int_reg >> ISR)
    else:
        for i in range(p + 1, end):
            target[at(i + 1)] = int_reg >> ISR
            int_reg += (np.int64(source[at(i - 3)]) - set_sp) * s.set_ki
    out_min = s.out_min
    out_max = s.out_max
    target[p + 1] = _limit(s, s.pid_out)
    for i in range(p + 1, end):
        output = saturate(((np.int64(source[at(i - 3)]) - set_sp) * kp >> PSR) + target[at(i + 1)], 14)
        target[at(i + 1)] = out_max if output >= out_max else max(output, out_min)
    s.pid_out = saturate(((np.int64(source[end - 3]) - set_sp) * kp >> PSR) + (int_reg >> ISR), 14)
    if not _holds_integral(s, sync):
        int_reg += (np.int64(source[end - 3]) - set_sp) * s.set_ki
    s.int_reg = int_reg
    s.kp_reg = (np.int64(source[end - 2]) - set_sp) * kp >> PSR
    s.ki_mult = (np.int64(source[end - 2]) - set_sp) * s.set_ki
    s.error = np.int64(source[end - 1]) - set_sp
    s.out = target[end]


@inner
def is_idle(s):
    """Whether, in the present settings, no filter stage is on and the output does not depend on the input."""
    held = saturate(s.int_reg >> 32, 14)
    limited = s.out_max if held >= s.out_max else s.out_min if held <= s.out_min else held
    return (
        s.filter & lpf.ON == 0
        and s.set_kp == 0
        and s.set_ki == 0
        and s.kp_reg == 0
        and s.ki_mult == 0
        and s.ival_write == 0
        and s.pid_out == held
        and s.out == limited
    )
