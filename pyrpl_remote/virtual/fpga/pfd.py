"""The iq's phase-frequency detector (red_pitaya_pfd_block.v).

Its count goes up with each rising sign bit of the input, and down with each of the sine.
"""

from __future__ import annotations

import numpy as np

from .compiled import at, hot, inner, span

_HIGH = 8191


@hot
def _rises(row, before, p, n):
    """How often the sign bit of row[p:p+n] rises; before: the sign bit one cycle earlier."""
    p, n = span(p, n)
    rises = np.int32(row[p] < 0 and not before)
    for i in range(p + 1, p + n):
        rises += np.int32((row[at(i)] < 0) & (row[at(i - 1)] >= 0))
    return rises


@inner
def _step(s, source, sine, target, p, n):
    """Compute n cycles one by one; works in any state."""
    p, n = span(p, n)
    integral = s.pfd_integral
    sign1 = s.pfd_sign1
    sign2 = s.pfd_sign2
    for i in range(p, p + n):
        if s.pfd_on:
            now1 = 1 if source[i] < 0 else 0
            now2 = 1 if sine[i] < 0 else 0
            if integral == _HIGH:
                integral -= 1
            elif integral == -_HIGH - 1:
                integral += 1
            else:
                integral += (now1 & ~sign1) - (now2 & ~sign2)
            sign1 = now1
            sign2 = now2
        else:
            integral = 0
            sign1 = 0
            sign2 = 0
        target[i + 1] = integral
    s.pfd_integral = integral
    s.pfd_sign1 = sign1
    s.pfd_sign2 = sign2


@hot
def run(s, source, sine, target, watched, p, n):
    """Compute n cycles; source: the iq's filtered input, sine: its first sine word.

    If the count is `watched` it fills target[p+1:p+n+1]; else, unless it can saturate, only the sum of all
    edges is computed.
    """
    p, n = span(p, n)
    if not watched and not s.pfd_on:
        s.pfd_integral = 0
        s.pfd_sign1 = 0
        s.pfd_sign2 = 0
    elif not watched and abs(s.pfd_integral) + n < _HIGH:
        s.pfd_integral += _rises(source, s.pfd_sign1, p, n) - _rises(sine, s.pfd_sign2, p, n)
        s.pfd_sign1 = np.int64(source[p + n - 1] < 0)
        s.pfd_sign2 = np.int64(sine[p + n - 1] < 0)
    else:
        _step(s, source, sine, target, p, n)
