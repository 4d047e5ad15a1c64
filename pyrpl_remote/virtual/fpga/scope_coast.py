"""The oscilloscope while only its signals' levels can trigger it: from sample to sample, not cycle by cycle.

This is called coasting. Between two samples only the sums of the decimation change. Any other event ends the
coasting, and scope_step.py continues: an edge of a generator's line, the selected signal reaching its
threshold, the end of the acquisition.
"""

from __future__ import annotations

import numpy as np

from .compiled import inner, span
from .saturate import wrap


@inner
def _quiet(line, edges, dead, row, active, i, end):
    """For how many cycles a generator's line causes no edge, so that its debouncer only counts down.

    line, edges, dead: the debouncer's registers; active: whether the line is high in any cycle of row[i:end].
    """
    if line == 0 and edges == 0 and (dead == 0 or not active):
        if active:
            for j in range(i, end):
                if row[j]:
                    return j - i
        return end - i
    if dead > 1 and (edges == 0 or edges == 3):
        return min(dead - 1, end - i)
    return 0


@inner
def follow(line, row, i, end):
    """The debouncer's three samples of its line after the cycles i ... end of `row`."""
    for j in range(max(i, end - 3), end):
        line = ((line << 1) & 7) | np.int64(row[j])
    return line


@inner
def cycles(s, external, done0, done1, any_done0, any_done1, pulse, i, end):
    """For how many cycles only a signal's level can trigger, and only samples and counters change."""
    if (
        s.arm_do
        or s.rst_do
        or s.trig_sw
        or s.trig
        or s.ext_in != 7 * external
        or s.ext_dp != 3 * external
        or s.ext_dn != 3 * external
        or (s.dly_do and s.dly_cnt == 0)
        or s.thresh_high != wrap(s.thresh + s.hyst, 14)
        or s.thresh_low != wrap(s.thresh - s.hyst, 14)
        or s.pretrig_min != (16384 - s.dly) & 0x3FFF
    ):
        return 0
    for pair, edge in (
        (s.scht_ap, s.trig_ap),
        (s.scht_an, s.trig_an),
        (s.scht_bp, s.trig_bp),
        (s.scht_bn, s.trig_bn),
    ):
        if pair == 1 or pair == 2 or edge:
            return 0
    n = min(
        _quiet(s.asg_in1, s.asg_dp, s.asg_debp, done0, any_done0, i, end),
        _quiet(s.asg_in2, s.asg_dn, s.asg_debn, done1, any_done1, i, end),
    )
    if s.source == 10:
        for j in range(i, i + n):
            if pulse[j]:
                return j - i
    return n


@inner
def _rises(s, a, b):
    """Whether the selected Schmitt trigger switches on with these samples."""
    if s.source == 2:
        return s.scht_ap == 0 and a >= s.thresh
    if s.source == 3:
        return s.scht_an == 0 and a <= s.thresh
    if s.source == 4:
        return s.scht_bp == 0 and b >= s.thresh
    if s.source == 5:
        return s.scht_bn == 0 and b <= s.thresh
    return False


@inner
def coast(s, buffers, shift, source_a, source_b, i, end):
    """Take samples until column `end`, the end of the acquisition, or an edge of the selected signal.

    Returns the first column that is not computed.
    """
    thresh = s.thresh
    thresh_high = wrap(thresh + s.hyst, 14)
    thresh_low = wrap(thresh - s.hyst, 14)
    dv = s.dv
    dat_a = s.dat_a
    dat_b = s.dat_b
    dec_cnt = s.dec_cnt
    sum_a = s.sum_a
    sum_b = s.sum_b
    writes = 0
    last_write = -1
    while i < end:
        stop = end
        if dv:
            if _rises(s, dat_a, dat_b):
                break
            if s.we:
                buffers[0, s.wp] = dat_a
                buffers[1, s.wp] = dat_b
                s.wp_cur = s.wp
                s.wp = (s.wp + 1) & 0x3FFF
                last_write = i
                if s.dly_do:
                    s.dly_cnt -= 1
                    if s.dly_cnt == 0:
                        stop = i + 1
                else:
                    writes += 1
            if dat_a >= thresh:
                s.scht_ap = 3
            elif dat_a < thresh_low:
                s.scht_ap = 0
            if dat_a <= thresh:
                s.scht_an = 3
            elif dat_a > thresh_high:
                s.scht_an = 0
            if dat_b >= thresh:
                s.scht_bp = 3
            elif dat_b < thresh_low:
                s.scht_bp = 0
            if dat_b <= thresh:
                s.scht_bn = 3
            elif dat_b > thresh_high:
                s.scht_bn = 0
        if dec_cnt >= s.dec:
            dv = 1
            dat_a = np.int64(source_a[i]) if shift < 0 else wrap(sum_a >> shift, 14)
            dat_b = np.int64(source_b[i]) if shift < 0 else wrap(sum_b >> shift, 14)
            dec_cnt = 1
            sum_a = np.int64(source_a[i])
            sum_b = np.int64(source_b[i])
            i += 1
        else:
            dv = 0
            i, n = span(i, min(s.dec - dec_cnt, stop - i))
            for j in range(i, i + n):
                sum_a += source_a[j]
                sum_b += source_b[j]
            sum_a = wrap(sum_a, 32)
            sum_b = wrap(sum_b, 32)
            dec_cnt += n
            i += n
        if i >= stop:
            break
    s.dv = dv
    s.dat_a = dat_a
    s.dat_b = dat_b
    s.dec_cnt = dec_cnt
    s.sum_a = sum_a
    s.sum_b = sum_b
    # the comparison is one cycle later than the count
    before = min(s.we_cnt + (writes - 1 if last_write == i - 1 and writes > 0 else writes), 0xFFFFFFFF)
    s.we_cnt = min(s.we_cnt + writes, 0xFFFFFFFF)
    s.pretrig_ok = 1 if before > s.pretrig_min or s.dly >> 14 != 0 else 0
    if not s.dly_do:
        s.dly_cnt = s.dly
    return i
