"""One channel of the arbitrary signal generator (red_pitaya_asg_ch.v).

The table pointer has 14 bits and 16 fraction bits. From pointer to output: address, memory, register,
product, sum, saturation, one cycle each.
"""

from __future__ import annotations

import numpy as np

from .compiled import at, inner, span
from .saturate import fill, saturate, wrap

DEBOUNCE = 62500
"""Cycles after an edge of the external line during which further edges are ignored (0.5 ms)."""

STATE = np.dtype(
    [
        (name, np.int64)
        for name in (
            "size",
            "step",
            "ofs",
            "rst",
            "once",
            "wrap",
            "amp",
            "dc",
            "zero",
            "ncyc",
            "rnum",
            "rdly",
            "rgate",
            "rand_on",
            "trig_sw",
            "trig_src",
            "at_counts",
            "at_reset",
            "at_invert",
            "at_autorearm",
            "at_triggered",
            "at_armed",
            "at_counter",
            "address",
            "rd",
            "rdat",
            "mult",
            "sum",
            "out",
            "pointer_out",
            "pointer",
            "pointer_before",
            "trig_in",
            "cyc_cnt",
            "rep_cnt",
            "dly_cnt",
            "dly_tick",
            "do",
            "rep",
            "trig_before",
            "ext_in",
            "ext_dp",
            "ext_dn",
            "ext_debp",
            "ext_debn",
            "trigbuf",
        )
    ]
)

RESET = {"amp": 0x2000, "size": (1 << 30) - 1, "at_reset": 1, "at_armed": 1, "trigbuf": 0x3FFF}


@inner
def _step(s, table, level, external, random, target, pointer_out, done, p, n):
    """Compute n cycles one by one; works in any state."""
    p, n = span(p, n)
    trig_sw = s.trig_sw
    s.trig_sw = 0
    address = s.address
    rd = s.rd
    rdat = s.rdat
    mult = s.mult
    total = s.sum
    pointer = s.pointer
    pointer_before = s.pointer_before
    trig_in = s.trig_in
    cyc_cnt = s.cyc_cnt
    rep_cnt = s.rep_cnt
    dly_cnt = s.dly_cnt
    dly_tick = s.dly_tick
    do = s.do
    rep = s.rep
    trig_before = s.trig_before
    ext_in = s.ext_in
    ext_dp = s.ext_dp
    ext_dn = s.ext_dn
    ext_debp = s.ext_debp
    ext_debn = s.ext_debn
    source = s.trig_src
    for i in range(p, p + n):
        # output chain, last register first
        target[i + 1] = 0 if s.zero else saturate(total, 14)
        total = wrap((mult >> 13) + s.dc, 15)
        mult = rdat * s.amp
        rdat = rd
        rd = np.int64(table[address])
        address = np.int64(random[i]) if s.rand_on else pointer >> 16
        pointer_out[i + 1] = pointer >> 16

        beyond = (pointer + s.step - s.size - 1) & 0x7FFFFFFF
        leaves = beyond >> 30 == 0
        trig = (rep == 0 and trig_in != 0) or (rep != 0 and rep_cnt != 0 and dly_cnt == 0)
        done[i] = 1 if (rep == 0 and trig_in != 0) or leaves else 0
        line = np.int64(external[i]) if level < 0 else level

        # the state machine: everything below is computed from the values before this edge
        next_tick = 0 if do or dly_tick == 124 else (dly_tick + 1) & 0xFF
        if s.rst or do:
            dly_cnt = s.rdly
        elif dly_cnt != 0 and dly_tick == 124:
            dly_cnt -= 1
        dly_tick = next_tick
        if trig_in and not do:
            rep_cnt_next = s.rnum
        elif not s.rgate and rep_cnt != 0 and rep and trig and not do:
            rep_cnt_next = rep_cnt - 1
        elif s.rgate and ((line == 0 and source == 2) or (line != 0 and source == 3)):
            rep_cnt_next = 0
        else:
            rep_cnt_next = rep_cnt
        last_cycle = cyc_cnt == 1
        if trig:
            cyc_cnt = s.ncyc
        elif not trig_before and cyc_cnt != 0 and pointer_before > pointer:
            cyc_cnt -= 1
        trig_before = trig
        pointer_before = pointer
        if s.rst or (trig and not do):
            pointer = s.ofs
        elif do and leaves:
            pointer = beyond & 0x3FFFFFFF if s.wrap else s.ofs
        elif do:
            pointer = (pointer + s.step) & 0x3FFFFFFF
        if source == 1:
            trig_in = trig_sw
        elif source == 2:
            trig_in = 1 if ext_dp == 1 else 0
        elif source == 3:
            trig_in = 1 if ext_dn == 2 else 0
        elif source == 4:
            trig_in = line
        elif source == 5:
            trig_in = 1
        else:
            trig_in = 0
        trig_sw = 0
        if trig and not s.rst:
            do = 1
        elif s.rst or (last_cycle and leaves):
            do = 0
        if trig and not s.rst:
            rep = 1
        elif s.rst or rep_cnt == 0:
            rep = 0
        rep_cnt = rep_cnt_next

        # debounced edges of the external line
        now = (ext_in >> 1) & 1
        before = (ext_in >> 2) & 1
        ext_dp = ((ext_dp << 1) & 2) | (now if ext_debp == 0 else ext_dp & 1)
        ext_dn = ((ext_dn << 1) & 2) | (now if ext_debn == 0 else ext_dn & 1)
        if ext_debp != 0:
            ext_debp -= 1
        elif now and not before:
            ext_debp = DEBOUNCE
        if ext_debn != 0:
            ext_debn -= 1
        elif before and not now:
            ext_debn = DEBOUNCE
        ext_in = ((ext_in << 1) & 7) | line
    s.address = address
    s.rd = rd
    s.rdat = rdat
    s.mult = mult
    s.sum = total
    s.out = target[p + n]
    s.pointer = pointer
    s.pointer_before = pointer_before
    s.trig_in = trig_in
    s.cyc_cnt = cyc_cnt
    s.rep_cnt = rep_cnt
    s.dly_cnt = dly_cnt
    s.dly_tick = dly_tick
    s.do = do
    s.rep = rep
    s.trig_before = trig_before
    s.ext_in = ext_in
    s.ext_dp = ext_dp
    s.ext_dn = ext_dn
    s.ext_debp = ext_debp
    s.ext_debn = ext_debn


@inner
def _limit(total):
    """The last stage of the output chain: the 15 bits of the sum, saturated to 14."""
    return saturate(total, 14)


@inner
def _scale(sample, amp, dc):
    """The two stages before the last: a table word times the amplitude, plus the offset."""
    return wrap((sample * amp >> 13) + dc, 15)


@inner
def _no_trigger(s, level):
    """Whether, in the present settings, neither software nor the external line starts the generator."""
    return (
        s.trig_in == 0
        and s.trig_sw == 0
        and s.trig_before == 0
        and s.rep == 0
        and s.trig_src != 5
        and (s.trig_src != 4 or level == 0)
        and (s.rgate == 0 or s.rep_cnt == 0)
        and level >= 0
        and s.ext_in == 7 * level
        and s.ext_dp == 3 * level
        and s.ext_dn == 3 * level
    )


@inner
def wraps(s, pointer):
    """Whether the next step leaves the table."""
    return (pointer + s.step - s.size - 1) & 0x40000000 == 0


@inner
def is_still(s, table, level, pointer_out):
    """Whether, in the present settings, only counters can change: not running, and the pipeline has settled.

    level: the external line if it is constant, else -1; pointer_out: the present word of the delayed pointer.
    """
    address = s.pointer >> 16
    return (
        s.do == 0
        and _no_trigger(s, level)
        and (s.rst == 0 or s.pointer == s.ofs)
        and s.pointer_before == s.pointer
        and s.rand_on == 0
        and pointer_out == address
        and s.address == address
        and s.rd == table[address]
        and s.rdat == s.rd
        and s.mult == s.rdat * s.amp
        and s.sum == _scale(s.rdat, s.amp, s.dc)
        and s.out == (0 if s.zero else _limit(s.sum))
    )


@inner
def skip(s, n):
    """Advance the counters of a still generator: microsecond tick, delay, dead times of the external line."""
    ticks = s.dly_tick + n
    if s.rst:
        s.dly_cnt = s.rdly
    else:
        s.dly_cnt = max(s.dly_cnt - ticks // 125, 0)
    s.dly_tick = ticks % 125
    s.ext_debp = max(s.ext_debp - n, 0)
    s.ext_debn = max(s.ext_debn - n, 0)


@inner
def _is_sweeping(s, level):
    """Whether the generator only steps through its table, again and again, in the present settings."""
    return (
        s.do != 0
        and s.rst == 0
        and s.cyc_cnt == 0
        and s.rand_on == 0
        and s.zero == 0
        and s.dly_tick == 0
        and s.pointer <= s.size
        and s.step * 8 < s.size
        and (s.wrap != 0 or s.ofs <= s.size)
        and _no_trigger(s, level)
    )


@inner
def _sweep(s, table, target, pointer_out, done, p, n):
    """Compute n > 5 cycles of a generator that is sweeping; returns how often the pointer left the table.

    Between two wraps the pointer is an arithmetic progression, so no state has to be followed from cycle to
    cycle.
    """
    p, n = span(p, n)
    amp = s.amp
    dc = s.dc
    target[p + 1] = _limit(s.sum)
    target[p + 2] = _limit(wrap((s.mult >> 13) + dc, 15))
    target[p + 3] = _limit(_scale(s.rdat, amp, dc))
    target[p + 4] = _limit(_scale(s.rd, amp, dc))
    target[p + 5] = _limit(_scale(np.int64(table[s.address]), amp, dc))
    step = s.step
    pointer = s.pointer
    last = pointer
    left = 0
    i = p
    while i < p + n:
        length = n + p - i
        if step != 0:
            length = min(length, (s.size - pointer) // step)
        for j in range(length):
            pointer_out[at(i + j + 1)] = (pointer + j * step) >> 16
        fill(done, i, i + length, 0)
        i += length
        pointer += length * step
        last = pointer - step
        if i < p + n:
            last = pointer
            pointer_out[i + 1] = pointer >> 16
            done[i] = 1
            left += 1
            pointer = pointer + step - s.size - 1 if s.wrap else s.ofs
            i += 1
    for i in range(p + 1, p + n - 4):
        target[at(i + 5)] = _limit(_scale(np.int64(table[at(pointer_out[at(i)])]), amp, dc))
    s.sum = _scale(np.int64(table[pointer_out[p + n - 4]]), amp, dc)
    s.mult = np.int64(table[pointer_out[p + n - 3]]) * amp
    s.rdat = np.int64(table[pointer_out[p + n - 2]])
    s.rd = np.int64(table[pointer_out[p + n - 1]])
    s.address = np.int64(pointer_out[p + n])
    s.out = target[p + n]
    s.pointer = pointer
    s.pointer_before = last
    s.dly_cnt = s.rdly
    s.ext_debp = max(s.ext_debp - n, 0)
    s.ext_debn = max(s.ext_debn - n, 0)
    return left


@inner
def run(s, table, level, external, random, target, pointer_out, done, p, n):
    """Compute n cycles of one generator: fills target and pointer_out [p+1:p+n+1], and done[p:p+n].

    `done` is a line without a register, hence one column earlier. table: int16 (16384,); level: the external
    line after the advanced trigger if it is constant, else -1 and external[p:p+n] holds it; random: table
    addresses of the noise source. Returns whether `done` was ever high.
    """
    p, n = span(p, n)
    if n > 5 and _is_sweeping(s, level):
        return _sweep(s, table, target, pointer_out, done, p, n) > 0
    if is_still(s, table, level, pointer_out[p]):
        up = wraps(s, s.pointer)
        fill(target, p + 1, p + n + 1, s.out)
        fill(pointer_out, p + 1, p + n + 1, s.pointer >> 16)
        fill(done, p, p + n, up)
        skip(s, n)
        return up
    _step(s, table, level, external, random, target, pointer_out, done, p, n)
    for i in range(p, p + n):
        if done[i]:
            return True
    return False
