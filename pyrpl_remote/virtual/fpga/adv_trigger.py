"""The generators' advanced trigger (red_pitaya_adv_trigger.v).

It holds the external trigger line for a set time, then re-arms itself or waits to be armed.
"""

from __future__ import annotations

from .compiled import inner, span


@inner
def level(s, external):
    """The trigger line of the generator if it is constant in the present settings, else -1."""
    if s.at_reset:
        return external
    if external == 0 and s.at_triggered == 0:
        return s.at_invert
    return -1


@inner
def run(s, external, target, p, n):
    """Compute n cycles of the advanced trigger with the settings `s` of one channel (an asg record).

    Returns the generator's trigger line if it is constant; else -1, and target[p:p+n] holds the line.
    """
    p, n = span(p, n)
    steady = level(s, external)
    if s.at_reset:
        s.at_triggered = 0
        s.at_armed = 1
    if steady >= 0:
        if s.at_armed:
            s.at_counter = s.at_counts
        return steady
    triggered = s.at_triggered
    armed = s.at_armed
    counter = s.at_counter
    for i in range(p, p + n):
        target[i] = s.at_invert ^ triggered
        if armed and not triggered:
            triggered = external
            counter = s.at_counts
        elif triggered:
            if counter != 0:
                counter -= 1
            elif s.at_autorearm:
                triggered = external
                armed = 1
                counter = s.at_counts
            else:
                triggered = 0
                armed = 0
    s.at_triggered = triggered
    s.at_armed = armed
    s.at_counter = counter
    return -1
