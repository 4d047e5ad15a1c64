"""The iq module without its input filter: demodulation, quadrature filters, modulation, network analyser.

Its Verilog is in red_pitaya_iq_block.v, red_pitaya_iq_demodulator_block.v and
red_pitaya_iq_modulator_block.v. The parts are computed one after the other over a chunk of cycles, each on
rows of the signal buffer that the part before it has filled.
"""

from __future__ import annotations

import numpy as np

from . import iq_fgen, lpf, pfd
from .compiled import at, hot, inner, span
from .registers import BusWord, Packed, ReadOnly, Register
from .saturate import copy, fill, product_saturate, saturate, wrap

GAINBITS = 18
SIGNALBITS = 14
LPFBITS = 24
SHIFTBITS = 8
INPUTFILTERSTAGES = 1
INPUTFILTERSHIFTBITS = 5
INPUTFILTERMINBW = 50
INPUTFILTER = lpf.Kind(INPUTFILTERSHIFTBITS, SIGNALBITS, max_shift=22)
QUADRATUREFILTERSTAGES = (2, 2, 4)
QUADRATUREFILTERSHIFTBITS = 5
QUADRATUREFILTERMINBW = 10
QUADRATUREFILTER = lpf.Kind(QUADRATUREFILTERSHIFTBITS, LPFBITS, max_shift=24)
_SWEEP_PAUSE = 1 << 25
"""A network analyser that has not been busy for that many cycles (0.27 s) is not within a sweep."""

QUADRATURE, OUTPUT_DIRECT, PFD = 0, 1, 2
"""Values of the output selection."""

STATE = np.dtype(
    [
        (name, np.int64)
        for name in (
            "pfd_on",
            "at_2f",
            "start_phase",
            "shift_phase",
            "output_select",
            "g1",
            "g2",
            "g3",
            "g4",
            "input_filter",
            "quadrature_filter",
            "na_averages",
            "na_sleepcycles",
            "phase",
            "sample",
            "product1",
            "product2",
            "first1",
            "first2",
            "second_sum",
            "direct",
            "q1",
            "busy",
            "i_sum",
            "q_sum",
            "averages_remaining",
            "sleep_remaining",
            "pfd_integral",
            "pfd_sign1",
            "pfd_sign2",
        )
    ]
    + [
        ("lut_first", np.int64, (4,)),
        ("lut_second", np.int64, (4,)),
        ("filter_memory", np.int64, (INPUTFILTERSTAGES, 2)),
        ("filter_memory1", np.int64, (4, 2)),
        ("filter_memory2", np.int64, (4, 2)),
    ]
)

# during reset the sine pipeline settles on phase 0, the demodulators on their rounding offset
_STILL = [iq_fgen.SINE[0], iq_fgen.SINE[1 << iq_fgen.LUTSZ]] * 2
RESET = {"pfd_on": 1, "lut_first": _STILL, "lut_second": _STILL, "product1": 32, "product2": 32}

SIN, COS, SIN_SHIFTED, COS_SHIFTED, QUADRATURE1, QUADRATURE2, COUNT, OUTPUT1, FIRST1, FIRST2, ROWS = range(11)
"""Rows of an iq's own part of the signal buffer, and their number."""


class _Frequency(Register):
    """0x108: writing the frequency also starts the network analyser."""

    def set(self, record: np.void, word: int) -> None:
        super().set(record, word)
        record["i_sum"] = 0
        record["q_sum"] = 0
        record["averages_remaining"] = record["na_averages"]
        record["sleep_remaining"] = record["na_sleepcycles"]
        record["busy"] = 1


def _sum_word(field: str, shift: int) -> ReadOnly:
    """31 bits of a 62-bit sum; bit 31 is set while the sum is not complete."""
    return ReadOnly(lambda record: int(record["busy"]) << 31 | (int(record[field]) >> shift) & 0x7FFFFFFF)


REGISTERS: dict[int, BusWord] = {
    0x100: Packed(Register("pfd_on", 1, shift=1), Register("at_2f", 4, shift=2)),
    0x104: Register("start_phase", 32),
    0x108: _Frequency("shift_phase", 32),
    0x10C: Register("output_select", 4),
    0x110: Register("g1", GAINBITS, True),
    0x114: Register("g2", GAINBITS, True),
    0x118: Register("g3", GAINBITS, True),
    0x11C: Register("g4", GAINBITS, True),
    0x120: Register("input_filter", 32),
    0x124: Register("quadrature_filter", 32),
    0x130: Register("na_averages", 32),
    0x134: Register("na_sleepcycles", 32),
    0x140: _sum_word("i_sum", 0),
    0x144: _sum_word("i_sum", 31),
    0x148: _sum_word("q_sum", 0),
    0x14C: _sum_word("q_sum", 31),
    0x150: ReadOnly(lambda record: int(record["pfd_integral"]) & (1 << SIGNALBITS) - 1),
    0x200: ReadOnly(iq_fgen.LUTSZ),
    0x204: ReadOnly(iq_fgen.LUTBITS),
    0x208: ReadOnly(iq_fgen.PHASEBITS),
    0x20C: ReadOnly(GAINBITS),
    0x210: ReadOnly(SIGNALBITS),
    0x214: ReadOnly(LPFBITS),
    0x218: ReadOnly(SHIFTBITS),
    0x220: ReadOnly(INPUTFILTERSTAGES),
    0x224: ReadOnly(INPUTFILTERSHIFTBITS),
    0x228: ReadOnly(INPUTFILTERMINBW),
    0x234: ReadOnly(QUADRATUREFILTERSHIFTBITS),
    0x238: ReadOnly(QUADRATUREFILTERMINBW),
}


@hot
def _product(product, sample, source, sine, target, p, n):
    """Fill target[p:p+n]: input times a sine word, two registers later; returns the product's register.

    A product has 30 bits, so the 24 bits that are kept of it never wrap.
    """
    p, n = span(p, n)
    target[p] = product >> 6
    if n == 1:
        return sample * np.int64(sine[p]) + 32
    target[p + 1] = (sample * np.int64(sine[p]) + 32) >> 6
    for i in range(p, p + n - 2):
        # in 32 bits the compiler computes eight at a time
        target[at(i + 2)] = np.int32(np.int32(source[at(i)] * sine[at(i + 1)]) + np.int32(32)) >> np.int32(6)
    return np.int64(source[p + n - 2]) * np.int64(sine[p + n - 1]) + 32


@hot
def _scale(quadrature, gain, shift, offset, target, p, n):
    """Fill target[p+1:p+n+1]: a quadrature times a gain, less `shift` bits, saturated, plus an offset."""
    p, n = span(p, n)
    factor = np.int32(gain)
    for i in range(p, p + n):
        target[at(i + 1)] = product_saturate(np.int64(quadrature[at(i)]), factor, shift, SIGNALBITS) + offset


@hot
def _modulate(s, rows, quadrature1, quadrature2, direct, p, n):
    """Fill direct[p+1:p+n+1]: quadratures times gains, times sine and cosine, summed and saturated."""
    p, n = span(p, n)
    first1 = rows[FIRST1]
    first2 = rows[FIRST2]
    sine = rows[SIN]
    cosine = rows[COS]
    first1[p] = s.first1
    first2[p] = s.first2
    _scale(quadrature1, s.g1, 20, s.g2 >> (GAINBITS - SIGNALBITS), first1, p, n)
    _scale(quadrature2, s.g4, 20, 0, first2, p, n)
    direct[p + 1] = saturate(s.second_sum >> 16, SIGNALBITS)
    for i in range(p, p + n - 1):
        # the sum fits in 32 bits, since |first1| <= 2^14, |first2| <= 2^13 and sine words have 17 bits: the
        # compiler computes sixteen at a time
        second_sum = np.int32(np.int32(first1[at(i)] * sine[at(i)]) + np.int32(first2[at(i)] * cosine[at(i)]))
        direct[at(i + 2)] = min(max(second_sum >> np.int32(16), np.int32(-8192)), np.int32(8191))
    last = p + n - 1
    s.second_sum = np.int64(first1[last]) * np.int64(sine[last]) + np.int64(first2[last]) * np.int64(
        cosine[last]
    )
    s.first1 = first1[p + n]
    s.first2 = first2[p + n]
    s.direct = direct[p + n]


@hot
def _average(s, quadrature1, quadrature2, p, n):
    """Compute n cycles of the network analyser, which waits, then sums both quadratures."""
    p, n = span(p, n)
    if s.averages_remaining == 0:
        s.busy = 0
        return
    s.busy = 1
    sleeping = min(s.sleep_remaining, n)
    s.sleep_remaining -= sleeping
    summing = min(s.averages_remaining, n - sleeping)
    first = p + sleeping
    i_sum = s.i_sum
    q_sum = s.q_sum
    for i in range(first, first + summing):
        i_sum += quadrature1[at(i)]
        q_sum += quadrature2[at(i)]
    s.i_sum = wrap(i_sum, 62)
    s.q_sum = wrap(q_sum, 62)
    s.averages_remaining -= summing
    if sleeping + summing < n:
        s.busy = 0


def selected(record: np.void) -> int:
    """The word that the output selection (a multiplexer without a register) puts on the bus in this cycle."""
    return int(
        {QUADRATURE: record["q1"], OUTPUT_DIRECT: record["direct"], PFD: record["pfd_integral"]}.get(
            int(record["output_select"]), 0
        )
    )


@inner
def is_idle(s):
    """Whether, in the present settings, the outputs are constant and nothing observable needs the input."""
    return (
        is_open(s)
        and s.g3 == 0
        and s.g2 >> (GAINBITS - SIGNALBITS) == 0
        and s.first1 == 0
        and s.first2 == 0
        and s.second_sum == 0
        and s.direct == 0
        and s.q1 == 0
        and s.busy == 0
        and s.output_select != PFD
    )


@inner
def is_mere_oscillator(s, number, idle):
    """Whether nothing observable depends on the input, so that only the oscillator need be computed.

    idle: cycles since the network analyser was busy; between two points of a sweep the filters must be
    computed.
    """
    return (
        is_open(s) and s.output_select == OUTPUT_DIRECT and idle > _SWEEP_PAUSE and (number != 2 or s.g3 == 0)
    )


@inner
def skip(s, on, n):
    """Skip n cycles of an idle module: only the phase advances."""
    s.phase = (s.phase + n * s.shift_phase) & 0xFFFFFFFF if on else 0


@hot
def is_open(s):
    """Whether, in the present settings, what the module adds to the outputs does not depend on its input."""
    return s.g1 == 0 and s.g4 == 0


@hot
def oscillate(s, on, rows, direct, signal, p, n):
    """Compute n cycles of the sine words and, if the module is open, of what it adds to the outputs.

    That goes to direct[p+1:p+n+1], and to `signal` too if the output selection says so. rows: int32 (ROWS,
    size), this iq's part of the signal buffer.
    """
    iq_fgen.run(s, on, rows, p, n)
    if is_open(s):
        # the quadratures' gains are 0: any two rows may be passed
        _modulate(s, rows, rows[SIN], rows[COS], direct, p, n)
        if s.output_select == OUTPUT_DIRECT:
            copy(direct, signal, p + 1, p + n + 1)


@hot
def run(s, stages, source, rows, direct, signal, signal2, p, n):
    """Compute n cycles of all but the sine words.

    Reads the filtered input source[p:p+n], fills direct, signal and signal2 [p+1:p+n+1]. stages: of the
    quadrature filters; signal2: the row of the second quadrature on the bus, which only iq2 has.
    """
    pfd.run(s, source, rows[SIN], rows[COUNT], s.output_select == PFD, p, n)
    s.product1 = _product(s.product1, s.sample, source, rows[SIN_SHIFTED], rows[QUADRATURE1], p, n)
    s.product2 = _product(s.product2, s.sample, source, rows[COS_SHIFTED], rows[QUADRATURE2], p, n)
    s.sample = np.int64(source[p + n - 1])
    quadrature1 = rows[QUADRATURE1]
    quadrature2 = rows[QUADRATURE2]
    lpf.run_pair(
        QUADRATUREFILTER,
        s.filter_memory1,
        s.filter_memory2,
        stages,
        s.quadrature_filter,
        quadrature1,
        quadrature2,
        p,
        n,
    )
    _average(s, quadrature1, quadrature2, p, n)
    if not is_open(s):
        _modulate(s, rows, quadrature1, quadrature2, direct, p, n)
    if stages == 4:
        _scale(quadrature2, s.g3, SHIFTBITS + 2, 0, signal2, p, n)
    if s.output_select == QUADRATURE:
        _scale(quadrature1, s.g3, SHIFTBITS + 2, 0, signal, p, n)
        s.q1 = signal[p + n]
        return
    _scale(quadrature1, s.g3, SHIFTBITS + 2, 0, rows[OUTPUT1], p + n - 1, 1)
    s.q1 = rows[OUTPUT1, p + n]
    if s.output_select == OUTPUT_DIRECT:
        if not is_open(s):
            copy(direct, signal, p + 1, p + n + 1)
    elif s.output_select == PFD:
        copy(rows[COUNT], signal, p + 1, p + n + 1)
    else:
        fill(signal, p + 1, p + n + 1, 0)
