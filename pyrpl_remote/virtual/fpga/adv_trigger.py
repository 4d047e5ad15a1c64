"""The generators' advanced trigger: holds the external line for a time, then re-arms or waits (red_pitaya_adv_trigger.v)."""
from .compiled import inner


@inner
def run(s, external, target, p, n):
    """n cycles of one channel's settings (an asg record).

    Returns the line that its generator sees if it is constant; else -1, and target[p:p+n] holds the line.
    """
    if s.at_reset:
        s.at_triggered = 0
        s.at_armed = 1
        s.at_counter = s.at_counts
        return external
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
