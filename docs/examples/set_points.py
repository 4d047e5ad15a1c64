"""Steps of a PID's set point, and what its input does: set_points.py [BOARD]. It drives out2."""

import sys
import time

from pyrpl_remote import connect

with connect(*sys.argv[1:] or ["virtual"]) as p:
    pid = p.rp.pid0
    # PyRPL's error is input minus set point, so that a negative gain regulates
    pid.setup(input="in2", output_direct="out2", setpoint=0, p=0, i=-1000)
    for volts in (-0.2, 0.0, 0.2):
        pid.setpoint = volts
        time.sleep(0.2)
        mean, deviation, _, _ = p.rp.sampler.stats("in2", t=0.05)
        print(f"set point {volts:+.2f} V: in2 {mean:+.3f} V +- {deviation:.4f} V")
    # outputs stay on when a program ends
    pid.setup(output_direct="off", i=0, ival=0)
