"""The oscilloscope: decimation, trigger, two buffers of 16384 samples (red_pitaya_scope.v)."""
import numpy as np

from .compiled import inner, span
from .registers import Packed, ReadOnly, Register, Strobe
from .saturate import wrap

BUFFERS = (0x10000, 0x20000)
BUFFER_SIZE = 1 << 14

STATE = np.dtype([(name, np.int64) for name in (
    "keep", "thresh", "dly", "dec", "hyst", "avg", "deb_len", "source", "arm_do", "rst_do", "trig_sw",
    "sum_a", "sum_b", "dec_cnt", "dv", "dat_a", "dat_b",
    "wp", "we", "wp_trig", "wp_cur", "we_cnt", "dly_cnt", "dly_do", "triggered", "timestamp", "pretrig_min", "pretrig_ok",
    "trig", "thresh_high", "thresh_low",
    "scht_ap", "scht_an", "scht_bp", "scht_bn", "trig_ap", "trig_an", "trig_bp", "trig_bn",
    "ext_in", "ext_dp", "ext_dn", "ext_debp", "ext_debn",
    "asg_in1", "asg_in2", "asg_dp", "asg_dn", "asg_debp", "asg_debn", "dozed",
)])

RESET = {"dly": 1 << 13, "dec": 0x2000, "hyst": 20, "deb_len": 62500, "pretrig_min": 1 << 13}


class _Status:
    """Offset 0: a write arms (bit 0), resets (bit 1) and sets the keep flag (bit 3)."""

    _fields = Packed(Register("we", 1), Register("dly_do", 1, shift=2), Register("keep", 1, shift=3))

    def get(self, record) -> int:
        return self._fields.get(record)

    def set(self, record, word: int) -> None:
        record["arm_do"] = word & 1
        record["rst_do"] = (word >> 1) & 1
        record["keep"] = (word >> 3) & 1


class _Source(Strobe):
    """Offset 4: the trigger source, which clears itself after the acquisition; source 1 triggers at once."""

    def get(self, record) -> int:
        return int(record["source"])

    def set(self, record, word: int) -> None:
        record["trig_sw"] = 1 if word & 0xF == 1 else 0
        record["source"] = word & 0xF


REGISTERS = {
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
def average_shift(dec, avg):
    """The bits that the sum over a decimation period is shifted by; -1: the last sample is taken, not the sum."""
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
def _step(s, buffers, cycle, source_a, source_b, external, done0, done1, pulse, pointer0, pointer1, asg0, asg1, p, n):
    """Any state, cycle by cycle; cycle is that of column p."""
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


@inner
def _quiet(line, edges, dead, row, active, i, end):
    """For how many cycles a generator's line causes no edge: as long, its debouncer only counts down.

    line, edges, dead: the debouncer's registers; active: whether the line is up at all in row[i:end].
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
def _follow(line, row, i, end):
    """The debouncer's three samples of its line after the cycles i ... end of `row`."""
    for j in range(max(i, end - 3), end):
        line = ((line << 1) & 7) | np.int64(row[j])
    return line


@inner
def _coasting_cycles(s, external, done0, done1, any_done0, any_done1, pulse, i, end):
    """For how many cycles no line but a signal's level can trigger, and everything but samples and counters stands."""
    if (s.arm_do or s.rst_do or s.trig_sw or s.trig or s.ext_in != 7 * external or s.ext_dp != 3 * external
            or s.ext_dn != 3 * external or (s.dly_do and s.dly_cnt == 0)
            or s.thresh_high != wrap(s.thresh + s.hyst, 14) or s.thresh_low != wrap(s.thresh - s.hyst, 14)
            or s.pretrig_min != (16384 - s.dly) & 0x3FFF):
        return 0
    for pair, edge in ((s.scht_ap, s.trig_ap), (s.scht_an, s.trig_an), (s.scht_bp, s.trig_bp), (s.scht_bn, s.trig_bn)):
        if pair == 1 or pair == 2 or edge:
            return 0
    n = min(_quiet(s.asg_in1, s.asg_dp, s.asg_debp, done0, any_done0, i, end),
            _quiet(s.asg_in2, s.asg_dn, s.asg_debn, done1, any_done1, i, end))
    if s.source == 10:
        for j in range(i, i + n):
            if pulse[j]:
                return j - i
    return n


@inner
def _rises(s, a, b):
    """Whether the selected Schmitt trigger goes up with these samples."""
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
def _coast(s, buffers, shift, source_a, source_b, i, end):
    """Take samples, from event to event, until cycle `end`, the end of the acquisition or an edge of the selected signal.

    Returns the first cycle that is not done.
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
    # the comparison is one cycle behind the count
    before = min(s.we_cnt + (writes - 1 if last_write == i - 1 and writes > 0 else writes), 0xFFFFFFFF)
    s.we_cnt = min(s.we_cnt + writes, 0xFFFFFFFF)
    s.pretrig_ok = 1 if before > s.pretrig_min or s.dly >> 14 != 0 else 0
    if not s.dly_do:
        s.dly_cnt = s.dly
    return i


@inner
def is_dormant(s):
    """Whether no acquisition runs and no trigger is waited for."""
    return (s.we == 0 and s.source == 0 and s.trig == 0 and s.dly_do == 0 and s.triggered == 0
            and s.arm_do == 0 and s.rst_do == 0)


@inner
def doze(s, n):
    """n cycles of a dormant scope: the dead times after triggers and the decimation's phase go on, `wake` does the rest."""
    s.ext_debp = max(s.ext_debp - n, 0)
    s.ext_debn = max(s.ext_debn - n, 0)
    s.asg_debp = max(s.asg_debp - n, 0)
    s.asg_debn = max(s.asg_debn - n, 0)
    if s.dec_cnt > 0 and s.dec > 0:
        s.dec_cnt = (s.dec_cnt - 1 + n) % s.dec + 1
    s.dozed = 1


@inner
def wake(s, a, b):
    """After dozing: Schmitt triggers and sums as if both signals had been where they are now."""
    s.dozed = 0
    s.sum_a = wrap(a * s.dec_cnt, 32)
    s.sum_b = wrap(b * s.dec_cnt, 32)
    s.dv = 0
    s.scht_ap = 3 if a >= s.thresh else 0 if a < s.thresh_low else s.scht_ap
    s.scht_an = 3 if a <= s.thresh else 0 if a > s.thresh_high else s.scht_an
    s.scht_bp = 3 if b >= s.thresh else 0 if b < s.thresh_low else s.scht_bp
    s.scht_bn = 3 if b <= s.thresh else 0 if b > s.thresh_high else s.scht_bn


#: cycles that are stepped one by one after a line's edge, and at the end: the longest pipeline from a level to the trigger
SETTLING = 4


@inner
def run(s, buffers, cycle, source_a, source_b, external, done0, done1, any_done0, any_done1, pulse, pointer0, pointer1,
        asg0, asg1, p, n, tail):
    """n cycles of both channels; buffers: int16 (2, 16384); any_done: whether a generator's line is up at all.

    While the trigger line is up, the generators' table pointers are copied to their trigbuf. The last `tail` cycles are
    stepped one by one: a register may be written after them.
    """
    if s.dozed:
        wake(s, np.int64(source_a[p]), np.int64(source_b[p]))
    shift = average_shift(s.dec, s.avg)
    i = p
    end = p + n
    while i < end:
        coasting = _coasting_cycles(s, external, done0, done1, any_done0, any_done1, pulse, i, end - tail)
        if coasting > 2:
            stop = _coast(s, buffers, shift, source_a, source_b, i, i + coasting)
            if stop > i:
                coasted = stop - i
                s.ext_debp = max(s.ext_debp - coasted, 0)
                s.ext_debn = max(s.ext_debn - coasted, 0)
                s.asg_debp = max(s.asg_debp - coasted, 0)
                s.asg_debn = max(s.asg_debn - coasted, 0)
                s.asg_in1 = _follow(s.asg_in1, done0, i, stop)
                s.asg_in2 = _follow(s.asg_in2, done1, i, stop)
                if s.triggered:
                    asg0.trigbuf = pointer0[stop - 1]
                    asg1.trigbuf = pointer1[stop - 1]
                i = stop
        stepped = min(2 * SETTLING, end - i)
        if stepped > 0:
            _step(s, buffers, cycle + i - p, source_a, source_b, external, done0, done1, pulse, pointer0, pointer1,
                  asg0, asg1, i, stepped)
            i += stepped
