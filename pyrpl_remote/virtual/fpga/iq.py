"""The iq module without its input filter: demodulation, quadrature filters, modulation, network analyser
(red_pitaya_iq_block.v, red_pitaya_iq_demodulator_block.v, red_pitaya_iq_modulator_block.v).

The pieces are run one after the other over a chunk of cycles, each on rows of the signal buffer that the one before it
has filled.
"""
import numpy as np

from . import iq_fgen, lpf, pfd
from .compiled import inner
from .registers import Packed, ReadOnly, Register
from .saturate import copy, product_saturate, saturate, wrap

GAINBITS = 18
SIGNALBITS = 14
LPFBITS = 24
SHIFTBITS = 8
INPUTFILTERSTAGES = 1
INPUTFILTERSHIFTBITS = 5
INPUTFILTERMINBW = 50
#: fraction bits of the input filter: bits of 125 MHz / INPUTFILTERMINBW
INPUTFILTERMAXSHIFT = 22
QUADRATUREFILTERSTAGES = (2, 2, 4)
QUADRATUREFILTERSHIFTBITS = 5
QUADRATUREFILTERMINBW = 10
QUADRATUREFILTERMAXSHIFT = 24
#: values of the output selection
QUADRATURE, OUTPUT_DIRECT, PFD = 0, 1, 2

STATE = np.dtype([(name, np.int64) for name in (
    "pfd_on", "at_2f", "start_phase", "shift_phase", "output_select", "g1", "g2", "g3", "g4", "input_filter",
    "quadrature_filter", "na_averages", "na_sleepcycles",
    "phase", "sample", "product1", "product2", "first1", "first2", "second_sum", "direct", "q1", "q2",
    "busy", "i_sum", "q_sum", "averages_remaining", "sleep_remaining",
    "pfd_integral", "pfd_sign1", "pfd_sign2",
)] + [("lut_first", np.int64, (4,)), ("lut_second", np.int64, (4,)), ("filter_memory", np.int64, (INPUTFILTERSTAGES, 2)),
      ("filter_memory1", np.int64, (4, 2)), ("filter_memory2", np.int64, (4, 2))])

# the sine pipeline settles on phase 0 while the board is held in reset, the demodulators on their rounding offset
_STILL = [iq_fgen.SINE[0], iq_fgen.SINE[1 << iq_fgen.LUTSZ]] * 2
RESET = {"pfd_on": 1, "lut_first": _STILL, "lut_second": _STILL, "product1": 32, "product2": 32}

#: rows of an iq's own part of the signal buffer
SIN, COS, SIN_SHIFTED, COS_SHIFTED, QUADRATURE1, QUADRATURE2, COUNT, OUTPUT1, OUTPUT2, ROWS = range(10)


class _Frequency(Register):
    """0x108: writing the frequency also starts the network analyser."""

    def set(self, record, word: int) -> None:
        super().set(record, word)
        record["i_sum"] = 0
        record["q_sum"] = 0
        record["averages_remaining"] = record["na_averages"]
        record["sleep_remaining"] = record["na_sleepcycles"]
        record["busy"] = 1


def _sum_word(field: str, shift: int) -> ReadOnly:
    """31 bits of a 62-bit sum; bit 31 tells that the sum still grows."""
    return ReadOnly(lambda record: int(record["busy"]) << 31 | (int(record[field]) >> shift) & 0x7FFFFFFF)


REGISTERS = {
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


@inner
def _demodulate(s, source, sines, quadrature1, quadrature2, p, n):
    """Input times the shifted sine and cosine, two registers; quadrature1/2[p:p+n]."""
    sample = s.sample
    product1 = s.product1
    product2 = s.product2
    sine = sines[SIN_SHIFTED]
    cosine = sines[COS_SHIFTED]
    for i in range(p, p + n):
        quadrature1[i] = wrap(product1 >> 6, LPFBITS)
        quadrature2[i] = wrap(product2 >> 6, LPFBITS)
        product1 = sample * np.int64(sine[i]) + 32
        product2 = sample * np.int64(cosine[i]) + 32
        sample = np.int64(source[i])
    s.sample = sample
    s.product1 = product1
    s.product2 = product2


@inner
def _modulate(s, sines, quadrature1, quadrature2, direct, p, n):
    """Filtered quadratures times gains, times sine and cosine, summed and saturated: direct[p+1:p+n+1]."""
    first1 = s.first1
    first2 = s.first2
    second_sum = s.second_sum
    offset = s.g2 >> (GAINBITS - SIGNALBITS)
    sine = sines[SIN]
    cosine = sines[COS]
    for i in range(p, p + n):
        direct[i + 1] = saturate(second_sum >> 16, SIGNALBITS)
        second_sum = first1 * np.int64(sine[i]) + first2 * np.int64(cosine[i])
        first1 = product_saturate(np.int64(quadrature1[i]), s.g1, 20, SIGNALBITS) + offset
        first2 = product_saturate(np.int64(quadrature2[i]), s.g4, 20, SIGNALBITS)
    s.first1 = first1
    s.first2 = first2
    s.second_sum = second_sum
    s.direct = direct[p + n]


@inner
def _average(s, quadrature1, quadrature2, p, n):
    """The network analyser: waits, then sums both quadratures."""
    for i in range(p, p + n):
        if s.averages_remaining == 0:
            s.busy = 0
        elif s.sleep_remaining == 0:
            s.averages_remaining -= 1
            s.busy = 1
            s.i_sum = wrap(s.i_sum + np.int64(quadrature1[i]), 62)
            s.q_sum = wrap(s.q_sum + np.int64(quadrature2[i]), 62)
        else:
            s.sleep_remaining -= 1
            s.busy = 1


def selected(record) -> int:
    """What the output selection puts on the bus in this cycle (a multiplexer without register)."""
    return int({QUADRATURE: record["q1"], OUTPUT_DIRECT: record["direct"], PFD: record["pfd_integral"]}.get(
        int(record["output_select"]), 0))


@inner
def run(s, stages, on, source, rows, direct, signal, signal2, p, n):
    """n cycles: reads the filtered input source[p:p+n], writes direct, signal and signal2 [p+1:p+n+1].

    stages: of the quadrature filters; rows: int32 (ROWS, size), this iq's part of the signal buffer.
    """
    iq_fgen.run(s, on, rows, p, n)
    pfd.run(s, source, rows[SIN], rows[COUNT], p, n)
    _demodulate(s, source, rows, rows[QUADRATURE1], rows[QUADRATURE2], p, n)
    quadrature1 = lpf.run(s.filter_memory1[:stages], s.quadrature_filter, 31, LPFBITS, QUADRATUREFILTERMAXSHIFT,
                          rows[QUADRATURE1], rows[QUADRATURE1], p, n)
    quadrature2 = lpf.run(s.filter_memory2[:stages], s.quadrature_filter, 31, LPFBITS, QUADRATUREFILTERMAXSHIFT,
                          rows[QUADRATURE2], rows[QUADRATURE2], p, n)
    _average(s, quadrature1, quadrature2, p, n)
    _modulate(s, rows, quadrature1, quadrature2, direct, p, n)
    for i in range(p, p + n):
        rows[OUTPUT1, i + 1] = product_saturate(np.int64(quadrature1[i]), s.g3, SHIFTBITS + 2, SIGNALBITS)
        signal2[i + 1] = product_saturate(np.int64(quadrature2[i]), s.g3, SHIFTBITS + 2, SIGNALBITS)
    s.q1 = rows[OUTPUT1, p + n]
    s.q2 = signal2[p + n]
    if s.output_select == QUADRATURE:
        copy(rows[OUTPUT1], signal, p + 1, p + n + 1)
    elif s.output_select == OUTPUT_DIRECT:
        copy(direct, signal, p + 1, p + n + 1)
    elif s.output_select == PFD:
        copy(rows[COUNT], signal, p + 1, p + n + 1)
    else:
        for i in range(p + 1, p + n + 1):
            signal[i] = 0
