"""The PID controller without its input filter (red_pitaya_pid_block.v); the gateware has no derivative term.

Pipeline: error, products, sum, limits, one cycle each; the integral term takes one cycle more.
"""
import numpy as np

from . import lpf
from .compiled import hot, inner, span
from .registers import Packed, ReadOnly, Register, Strobe, signed
from .saturate import saturate

# constants of the gateware, read by PyRPL to scale gains and filters
PSR = 12
ISR = 32
DSR = 10
GAINBITS = 24
FILTERSTAGES = 4
FILTERSHIFTBITS = 5
FILTERMINBW = 10
FILTER = lpf.Kind(FILTERSHIFTBITS, signal_bits=14, max_shift=24)

STATE = np.dtype([(name, np.int64) for name in (
    "set_ival", "ival_write", "set_sp", "set_kp", "set_ki", "set_kd", "filter", "out_min", "out_max",
    "pause", "differential",
    "error", "kp_reg", "ki_mult", "int_reg", "pid_out", "out",
)] + [("filter_memory", np.int64, (FILTERSTAGES, 2))])

RESET = {"pause": 7, "out_min": -8192, "out_max": 8191}


class _Integrator(Strobe):
    """0x100: reads the integrator's upper 16 bits sign-extended, a write replaces them in the next cycle."""

    def get(self, record) -> int:
        return (int(record["int_reg"]) >> ISR) & 0xFFFFFFFF

    def set(self, record, word: int) -> None:
        super().set(record, word)
        record["set_ival"] = signed(word, 16)


REGISTERS = {
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
    """n cycles from buffer position p: reads the filtered input source[p:p+n], writes target[p+1:p+n+1].

    partner: the other pid's filtered input, which replaces the set point in differential mode.
    """
    p, n = span(p, n)
    error = s.error
    kp_reg = s.kp_reg
    ki_mult = s.ki_mult
    int_reg = s.int_reg
    pid_out = s.pid_out
    out_min = s.out_min
    out_max = s.out_max
    kp = s.set_kp
    ki = s.set_ki
    if sync == 0 and s.pause & 2:
        kp = 0
    set_sp = s.set_sp
    differential = s.differential
    ival = s.set_ival << 32
    hold_integral = sync == 0 and s.pause & 1 != 0
    write = s.ival_write != 0
    s.ival_write = 0
    high = (1 << 47) - 1
    if write or hold_integral or differential or abs(int_reg) + n * (abs(ki) << 15) > high:
        for i in range(p, p + n):
            target[i + 1] = out_max if pid_out >= out_max else max(pid_out, out_min)
            pid_out = saturate(kp_reg + (int_reg >> 32), 14)
            kp_reg = (error * kp) >> 12
            if write:
                int_reg = ival
                write = False
            elif not hold_integral:
                int_reg = min(max(int_reg + ki_mult, -high - 1), high)
            ki_mult = error * ki
            error = np.int64(source[i]) - (np.int64(partner[i]) if differential else set_sp)
    else:
        # the same without what does not happen: the integrator is too far from its ends to reach them
        for i in range(p, p + n):
            target[i + 1] = out_max if pid_out >= out_max else max(pid_out, out_min)
            pid_out = saturate(kp_reg + (int_reg >> 32), 14)
            kp_reg = (error * kp) >> 12
            int_reg += ki_mult
            ki_mult = error * ki
            error = np.int64(source[i]) - set_sp
    s.error = error
    s.kp_reg = kp_reg
    s.ki_mult = ki_mult
    s.int_reg = int_reg
    s.pid_out = pid_out
    s.out = target[p + n]


@inner
def is_dormant(s):
    """Whether the output cannot change, in the present settings, whatever the input does."""
    held = saturate(s.int_reg >> 32, 14)
    limited = s.out_max if held >= s.out_max else s.out_min if held <= s.out_min else held
    return (s.set_kp == 0 and s.set_ki == 0 and s.kp_reg == 0 and s.ki_mult == 0 and s.ival_write == 0
            and s.pid_out == held and s.out == limited)
