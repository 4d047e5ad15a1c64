"""The iq's phase-frequency detector: counts rising signs of the input up, of the sine down (red_pitaya_pfd_block.v)."""
from .compiled import inner


@inner
def run(s, source, sine, target, p, n):
    """n cycles; source: the iq's filtered input, sine: its first sine word; target[p+1:p+n+1] gets the count."""
    integral = s.pfd_integral
    sign1 = s.pfd_sign1
    sign2 = s.pfd_sign2
    for i in range(p, p + n):
        if s.pfd_on:
            now1 = 1 if source[i] < 0 else 0
            now2 = 1 if sine[i] < 0 else 0
            if integral == 8191:
                integral -= 1
            elif integral == -8192:
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
