"""One channel of the arbitrary signal generator (red_pitaya_asg_ch.v).

The table pointer has 14 bits and 16 fraction bits. From pointer to output: address, memory, register, product, sum,
saturation, one cycle each.
"""
import numpy as np

from .compiled import inner
from .saturate import saturate, wrap

#: cycles that an edge of the external line is ignored after one (0.5 ms)
DEBOUNCE = 62500

STATE = np.dtype([(name, np.int64) for name in (
    "size", "step", "ofs", "rst", "once", "wrap", "amp", "dc", "zero", "ncyc", "rnum", "rdly", "rgate", "rand_on",
    "trig_sw", "trig_src", "at_counts", "at_reset", "at_invert", "at_autorearm",
    "at_triggered", "at_armed", "at_counter",
    "address", "rd", "rdat", "mult", "sum", "out", "pointer_out", "pointer", "pointer_before",
    "trig_in", "cyc_cnt", "rep_cnt", "dly_cnt", "dly_tick", "do", "rep", "trig_before",
    "ext_in", "ext_dp", "ext_dn", "ext_debp", "ext_debn", "trigbuf",
)])

RESET = {"amp": 0x2000, "size": (1 << 30) - 1, "at_reset": 1, "at_armed": 1, "trigbuf": 0x3FFF}


@inner
def run(s, table, external, random, target, pointer_out, done, p, n):
    """n cycles: writes target[p+1:p+n+1], the delayed pointer likewise, and done[p:p+n] (a line without register).

    table: int16 (16384,); external: the advanced trigger's line; random: table addresses of the noise source.
    """
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
        wraps = beyond >> 30 == 0
        trig = (rep == 0 and trig_in != 0) or (rep != 0 and rep_cnt != 0 and dly_cnt == 0)
        done[i] = 1 if (rep == 0 and trig_in != 0) or wraps else 0
        line = external[i]

        # the state machine: everything below is computed from the values before this edge
        if do or dly_tick == 124:
            next_tick = 0
        else:
            next_tick = (dly_tick + 1) & 0xFF
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
        elif do:
            if wraps:
                pointer = beyond & 0x3FFFFFFF if s.wrap else s.ofs
            else:
                pointer = (pointer + s.step) & 0x3FFFFFFF
        if source == 1:
            trig_in = trig_sw
        elif source == 2:
            trig_in = 1 if ext_dp == 1 else 0
        elif source == 3:
            trig_in = 1 if ext_dn == 2 else 0
        elif source == 4:
            trig_in = np.int64(line)
        elif source == 5:
            trig_in = 1
        else:
            trig_in = 0
        trig_sw = 0
        if trig and not s.rst:
            do = 1
        elif s.rst or (last_cycle and wraps):
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
        ext_in = ((ext_in << 1) & 7) | np.int64(line)
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
