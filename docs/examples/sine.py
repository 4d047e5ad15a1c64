"""A sine from a generator, seen by the scope: sine.py [BOARD]."""

import sys

from pyrpl_remote import connect

with connect(*sys.argv[1:] or ["virtual"]) as p:
    p.rp.asg0.setup(
        waveform="sin", frequency=1e3, amplitude=0.8, output_direct="out1", trigger_source="immediately"
    )
    p.rp.scope.setup(input1="in1", input2="out1", duration=1e-2, trigger_source="asg0")
    ch1, ch2 = p.rp.scope.single(timeout=5)
    print(f"in1 from {ch1.min():.2f} V to {ch1.max():.2f} V")
    # outputs stay on when a program ends
    p.rp.asg0.output_direct = "off"
