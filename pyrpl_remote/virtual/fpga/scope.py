"""The oscilloscope: decimation, trigger, two buffers of 16384 samples (red_pitaya_scope.v)."""

from __future__ import annotations

import numpy as np

from . import scope_coast
from .compiled import inner
from .registers import BusWord, Packed, ReadOnly, Register, Strobe
from .saturate import wrap
from .scope_step import average_shift, step

BUFFERS = (0x10000, 0x20000)
"""Offsets of the two read-only buffers."""

BUFFER_SIZE = 1 << 14
"""Samples in a buffer."""

SETTLING = 4
"""Cycles of the longest pipeline from a signal's level to the trigger. After a line's edge, and before a
register may be written, the scope is stepped cycle by cycle for this long."""

_SKIPPED, _SKIPPED_OVER_SAMPLES = 1, 2
"""Values of `skipped`: cycles were skipped without, or with, a sample among them."""

STATE = np.dtype(
    [
        (name, np.int64)
        for name in (
            "keep",
            "thresh",
            "dly",
            "dec",
            "hyst",
            "avg",
            "deb_len",
            "source",
            "arm_do",
            "rst_do",
            "trig_sw",
            "sum_a",
            "sum_b",
            "dec_cnt",
            "dv",
            "dat_a",
            "dat_b",
            "wp",
            "we",
            "wp_trig",
            "wp_cur",
            "we_cnt",
            "dly_cnt",
            "dly_do",
            "triggered",
            "timestamp",
            "pretrig_min",
            "pretrig_ok",
            "trig",
            "thresh_high",
            "thresh_low",
            "scht_ap",
            "scht_an",
            "scht_bp",
            "scht_bn",
            "trig_ap",
            "trig_an",
            "trig_bp",
            "trig_bn",
            "ext_in",
            "ext_dp",
            "ext_dn",
            "ext_debp",
            "ext_debn",
            "asg_in1",
            "asg_in2",
            "asg_dp",
            "asg_dn",
            "asg_debp",
            "asg_debn",
            "skipped",
        )
    ]
)

RESET = {"dly": 1 << 13, "dec": 0x2000, "hyst": 20, "deb_len": 62500, "pretrig_min": 1 << 13}


class _Status:
    """Offset 0: a write arms (bit 0), resets (bit 1) and sets the keep flag (bit 3)."""

    _fields = Packed(Register("we", 1), Register("dly_do", 1, shift=2), Register("keep", 1, shift=3))

    def get(self, record: np.void) -> int:
        return self._fields.get(record)

    def set(self, record: np.void, word: int) -> None:
        record["arm_do"] = word & 1
        record["rst_do"] = (word >> 1) & 1
        record["keep"] = (word >> 3) & 1


class _Source(Strobe):
    """Offset 4: the trigger source, which clears itself after the acquisition; source 1 triggers at once."""

    def get(self, record: np.void) -> int:
        return int(record["source"])

    def set(self, record: np.void, word: int) -> None:
        record["trig_sw"] = 1 if word & 0xF == 1 else 0
        record["source"] = word & 0xF


REGISTERS: dict[int, BusWord] = {
    0x00: _Status(),
    0x04: _Source("trig_sw"),
    0x08: Register("thresh", 14, True),
    0x10: Register("dly", 32),
    0x14: Register("dec", 17),
    0x18: ReadOnly(lambda record: int(record["wp_cur"])),
    0x1C: ReadOnly(lambda record: int(record["wp_trig"])),
    0x20: Register("hyst", 14, True),
    0x28: Register("avg", 1),
    0x2C: ReadOnly(lambda record: int(record["we_cnt"])),
    0x90: Register("deb_len", 20),
    0x164: ReadOnly(lambda record: int(record["timestamp"])),
    0x168: ReadOnly(lambda record: int(record["timestamp"]) >> 32),
    0x16C: ReadOnly(lambda record: int(record["pretrig_ok"])),
}


@inner
def is_idle(s):
    """Whether the scope runs no acquisition and waits for no trigger."""
    return (
        s.we == 0
        and s.source == 0
        and s.trig == 0
        and s.dly_do == 0
        and s.triggered == 0
        and s.arm_do == 0
        and s.rst_do == 0
    )


@inner
def skip(s, n):
    """Skip n cycles of an idle scope: advance dead times and decimation phase; `resume` does the rest."""
    s.ext_debp = max(s.ext_debp - n, 0)
    s.ext_debn = max(s.ext_debn - n, 0)
    s.asg_debp = max(s.asg_debp - n, 0)
    s.asg_debn = max(s.asg_debn - n, 0)
    s.skipped = max(s.skipped, _SKIPPED_OVER_SAMPLES if s.dec_cnt + n > s.dec else _SKIPPED)
    if s.dec_cnt > 0 and s.dec > 0:
        s.dec_cnt = (s.dec_cnt - 1 + n) % s.dec + 1


@inner
def resume(s, a, b):
    """After skipped cycles: set Schmitt triggers and sums as if the signals had always been a and b."""
    sampled = s.skipped == _SKIPPED_OVER_SAMPLES
    s.skipped = 0
    s.sum_a = wrap(a * s.dec_cnt, 32)
    s.sum_b = wrap(b * s.dec_cnt, 32)
    s.dv = 0
    if not sampled:
        return
    s.scht_ap = 3 if a >= s.thresh else 0 if a < s.thresh_low else s.scht_ap
    s.scht_an = 3 if a <= s.thresh else 0 if a > s.thresh_high else s.scht_an
    s.scht_bp = 3 if b >= s.thresh else 0 if b < s.thresh_low else s.scht_bp
    s.scht_bn = 3 if b <= s.thresh else 0 if b > s.thresh_high else s.scht_bn


@inner
def run(
    s,
    buffers,
    cycle,
    source_a,
    source_b,
    external,
    done0,
    done1,
    any_done0,
    any_done1,
    pulse,
    pointer0,
    pointer1,
    asg0,
    asg1,
    p,
    n,
    tail,
):
    """Compute n cycles of both channels.

    buffers: int16 (2, 16384); any_done: whether a generator's line is high in any of the cycles. While the
    trigger line is high, the generators' table pointers are copied to their trigbuf. The last `tail` cycles
    are stepped one by one, because a register may be written after them.
    """
    if s.skipped:
        resume(s, np.int64(source_a[p]), np.int64(source_b[p]))
    shift = average_shift(s.dec, s.avg)
    i = p
    end = p + n
    while i < end:
        coasting = scope_coast.cycles(s, external, done0, done1, any_done0, any_done1, pulse, i, end - tail)
        if coasting > 2:
            stop = scope_coast.coast(s, buffers, shift, source_a, source_b, i, i + coasting)
            if stop > i:
                coasted = stop - i
                s.ext_debp = max(s.ext_debp - coasted, 0)
                s.ext_debn = max(s.ext_debn - coasted, 0)
                s.asg_debp = max(s.asg_debp - coasted, 0)
                s.asg_debn = max(s.asg_debn - coasted, 0)
                s.asg_in1 = scope_coast.follow(s.asg_in1, done0, i, stop)
                s.asg_in2 = scope_coast.follow(s.asg_in2, done1, i, stop)
                if s.triggered:
                    asg0.trigbuf = pointer0[stop - 1]
                    asg1.trigbuf = pointer1[stop - 1]
                i = stop
        stepped = min(2 * SETTLING, end - i)
        if stepped > 0:
            step(
                s,
                buffers,
                cycle + i - p,
                source_a,
                source_b,
                external,
                done0,
                done1,
                pulse,
                pointer0,
                pointer1,
                asg0,
                asg1,
                i,
                stepped,
            )
            i += stepped
