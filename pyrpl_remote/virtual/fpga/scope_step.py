"""The oscilloscope cycle by cycle (red_pitaya_scope.v): decimation, triggers, acquisition, debouncers."""

from __future__ import annotations

import numpy as np

from .compiled import inner, span
from .saturate import wrap


@inner
def average_shift(dec, avg):
    """By how many bits the sum over a decimation period is shifted; -1: the last sample is taken instead."""
    setting = dec if avg else 0
    if setting == 0:
        return -1
    if setting & (setting - 1):
        return 0  # not a power of two: the low bits of the plain sum
    shift = 0
    while setting >> shift != 1:
        shift += 1
    return shift


@inner
def step(
    s, buffers, cycle, source_a, source_b, external, done0, done1, pulse, pointer0, pointer1, asg0, asg1, p, n
):
    """Compute n cycles of both channels one by one; column p is that of `cycle`.

    buffers: int16 (2, 16384); done0, done1, pulse: the trigger lines of the generators and of the trig
    module. While the scope's own line is high, the generators' table pointers are copied to their trigbuf.
    """
    p, n = span(p, n)
    arm_do = s.arm_do
    rst_do = s.rst_do
    trig_sw = s.trig_sw
    s.arm_do = 0
    s.rst_do = 0
    s.trig_sw = 0
    shift = average_shift(s.dec, s.avg)
    sum_a = s.sum_a
    sum_b = s.sum_b
    dec_cnt = s.dec_cnt
    dv = s.dv
    dat_a = s.dat_a
    dat_b = s.dat_b
    wp = s.wp
    we = s.we
    we_cnt = s.we_cnt
    wp_cur = s.wp_cur
    dly_cnt = s.dly_cnt
    dly_do = s.dly_do
    triggered = s.triggered
    pretrig_min = s.pretrig_min
    pretrig_ok = s.pretrig_ok
    trig = s.trig
    thresh = s.thresh
    thresh_high = s.thresh_high
    thresh_low = s.thresh_low
    scht_ap = s.scht_ap
    scht_an = s.scht_an
    scht_bp = s.scht_bp
    scht_bn = s.scht_bn
    trig_ap = s.trig_ap
    trig_an = s.trig_an
    trig_bp = s.trig_bp
    trig_bn = s.trig_bn
    ext_in = s.ext_in
    ext_dp = s.ext_dp
    ext_dn = s.ext_dn
    ext_debp = s.ext_debp
    ext_debn = s.ext_debn
    asg_in1 = s.asg_in1
    asg_in2 = s.asg_in2
    asg_dp = s.asg_dp
    asg_dn = s.asg_dn
    asg_debp = s.asg_debp
    asg_debn = s.asg_debn
    for i in range(p, p + n):
        a = np.int64(source_a[i])
        b = np.int64(source_b[i])
        ends = (dly_do or trig) and dly_cnt == 0
        writes = we and dv
        if triggered:
            asg0.trigbuf = pointer0[i]
            asg1.trigbuf = pointer1[i]

        # trigger line, from this cycle's lines; the source that is used clears itself at the end
        if s.source == 1:
            trig_next = trig_sw
        elif s.source == 2:
            trig_next = trig_ap
        elif s.source == 3:
            trig_next = trig_an
        elif s.source == 4:
            trig_next = trig_bp
        elif s.source == 5:
            trig_next = trig_bn
        elif s.source == 6:
            trig_next = 1 if ext_dp == 1 else 0
        elif s.source == 7:
            trig_next = 1 if ext_dn == 2 else 0
        elif s.source == 8:
            trig_next = 1 if asg_dp == 1 else 0
        elif s.source == 9:
            trig_next = 1 if asg_dn == 1 else 0
        elif s.source == 10:
            trig_next = np.int64(pulse[i])
        else:
            trig_next = 0
        trig_sw = 0
        if ends or rst_do:
            s.source = 0

        # Schmitt triggers
        trig_ap = scht_ap & 1 & (~scht_ap >> 1)
        trig_an = scht_an & 1 & (~scht_an >> 1)
        trig_bp = scht_bp & 1 & (~scht_bp >> 1)
        trig_bn = scht_bn & 1 & (~scht_bn >> 1)
        scht_ap = (scht_ap & 1) * 3
        scht_an = (scht_an & 1) * 3
        scht_bp = (scht_bp & 1) * 3
        scht_bn = (scht_bn & 1) * 3
        if dv:
            if dat_a >= thresh:
                scht_ap |= 1
            elif dat_a < thresh_low:
                scht_ap &= 2
            if dat_a <= thresh:
                scht_an |= 1
            elif dat_a > thresh_high:
                scht_an &= 2
            if dat_b >= thresh:
                scht_bp |= 1
            elif dat_b < thresh_low:
                scht_bp &= 2
            if dat_b <= thresh:
                scht_bn |= 1
            elif dat_b > thresh_high:
                scht_bn &= 2
        thresh_high = wrap(thresh + s.hyst, 14)
        thresh_low = wrap(thresh - s.hyst, 14)

        # buffers, pointers and the state of the acquisition
        if writes:
            buffers[0, wp] = dat_a
            buffers[1, wp] = dat_b
        if rst_do:
            s.wp_trig = 0
            s.timestamp = cycle + i - p
        elif trig and not dly_do and pretrig_ok:
            s.wp_trig = wp_cur
            s.timestamp = cycle + i - p
        if writes and not dly_do and we_cnt != 0xFFFFFFFF:
            we_cnt_next = we_cnt + 1
        elif rst_do or arm_do:
            we_cnt_next = 0
        else:
            we_cnt_next = we_cnt
        if rst_do:
            wp_cur = 0
            wp = 0
        elif writes:
            wp_cur = wp
            wp = (wp + 1) & 0x3FFF
        if trig and we:
            triggered = 1
        elif (dly_do and dly_cnt == 0) or rst_do or arm_do:
            triggered = 0
        dly_do_next = dly_do
        if trig and pretrig_ok:
            dly_do_next = 1
        elif (dly_do and dly_cnt == 0) or rst_do or arm_do:
            dly_do_next = 0
        if dly_do and writes:
            dly_cnt = (dly_cnt - 1) & 0xFFFFFFFF
        elif not dly_do:
            dly_cnt = s.dly
        dly_do = dly_do_next
        if arm_do:
            we = 1
        elif (ends and not s.keep) or rst_do:
            we = 0
        pretrig_ok = 1 if we_cnt > pretrig_min or s.dly >> 14 != 0 else 0
        pretrig_min = (16384 - s.dly) & 0x3FFF
        we_cnt = we_cnt_next
        trig = trig_next

        # decimation
        if shift < 0:
            dat_a = a
            dat_b = b
        else:
            dat_a = wrap(sum_a >> shift, 14)
            dat_b = wrap(sum_b >> shift, 14)
        dv = 1 if dec_cnt >= s.dec else 0
        if dv or arm_do:
            dec_cnt = 1
            sum_a = a
            sum_b = b
        else:
            dec_cnt = (dec_cnt + 1) & 0x1FFFF
            sum_a = wrap(sum_a + a, 32)
            sum_b = wrap(sum_b + b, 32)
        arm_do = 0
        rst_do = 0

        # debounced edges: external line, then the starts and wraps of the two generators
        now = (ext_in >> 1) & 1
        before = (ext_in >> 2) & 1
        ext_dp = ((ext_dp << 1) & 2) | (now if ext_debp == 0 else ext_dp & 1)
        ext_dn = ((ext_dn << 1) & 2) | (now if ext_debn == 0 else ext_dn & 1)
        if ext_debp != 0:
            ext_debp -= 1
        elif now and not before:
            ext_debp = s.deb_len
        if ext_debn != 0:
            ext_debn -= 1
        elif before and not now:
            ext_debn = s.deb_len
        ext_in = ((ext_in << 1) & 7) | external
        now = (asg_in1 >> 1) & 1
        asg_dp = ((asg_dp << 1) & 2) | (now if asg_debp == 0 else asg_dp & 1)
        if asg_debp != 0:
            asg_debp -= 1
        elif asg_in1 & 6 == 2:
            asg_debp = s.deb_len
        asg_in1 = ((asg_in1 << 1) & 7) | np.int64(done0[i])
        now = (asg_in2 >> 1) & 1
        asg_dn = ((asg_dn << 1) & 2) | (now if asg_debn == 0 else asg_dn & 1)
        if asg_debn != 0:
            asg_debn -= 1
        elif asg_in2 & 6 == 2:
            asg_debn = s.deb_len
        asg_in2 = ((asg_in2 << 1) & 7) | np.int64(done1[i])
    s.sum_a = sum_a
    s.sum_b = sum_b
    s.dec_cnt = dec_cnt
    s.dv = dv
    s.dat_a = dat_a
    s.dat_b = dat_b
    s.wp = wp
    s.we = we
    s.we_cnt = we_cnt
    s.wp_cur = wp_cur
    s.dly_cnt = dly_cnt
    s.dly_do = dly_do
    s.triggered = triggered
    s.pretrig_min = pretrig_min
    s.pretrig_ok = pretrig_ok
    s.trig = trig
    s.thresh_high = thresh_high
    s.thresh_low = thresh_low
    s.scht_ap = scht_ap
    s.scht_an = scht_an
    s.scht_bp = scht_bp
    s.scht_bn = scht_bn
    s.trig_ap = trig_ap
    s.trig_an = trig_an
    s.trig_bp = trig_bp
    s.trig_bn = trig_bn
    s.ext_in = ext_in
    s.ext_dp = ext_dp
    s.ext_dn = ext_dn
    s.ext_debp = ext_debp
    s.ext_debn = ext_debn
    s.asg_in1 = asg_in1
    s.asg_in2 = asg_in2
    s.asg_dp = asg_dp
    s.asg_dn = asg_dn
    s.asg_debp = asg_debp
    s.asg_debn = asg_debn
