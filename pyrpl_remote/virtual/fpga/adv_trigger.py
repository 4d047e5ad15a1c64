"""The generators' advanced trigger: holds the external line for a time, then re-arms or waits (red_pitaya_adv_trigger.v)."""
from .compiled import inner


@inner
def run(s, external, target, p, n):
    """n cycles of one channel's settings (an asg record); target[p:p+n] gets the line that its generator sees."""
    triggered = s.at_triggered
    armed = s.at_armed
    counter = s.at_counter
    for i in range(p, p + n):
        if s.at_reset:
            target[i] = external
            triggered = 0
            armed = 1
            counter = s.at_counts
        else:
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
