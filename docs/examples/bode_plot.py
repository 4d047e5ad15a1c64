"""The transfer function from out1 to in1, as bode.csv and bode.png: bode_plot.py [BOARD]."""

import sys

import matplotlib.pyplot as plt
import numpy as np

from pyrpl_remote import connect

with connect(*sys.argv[1:] or ["virtual"]) as p:
    analyser = p.networkanalyzer
    analyser.setup(
        input="in1",
        output_direct="out1",
        start_freq=1e3,
        stop_freq=1e6,
        points=51,
        rbw=1000,
        amplitude=0.1,
        logscale=True,
        trace_average=1,
    )
    response = analyser.single(timeout=120)
    frequencies = analyser.frequencies
    analyser.output_direct = "off"

magnitude, phase = 20 * np.log10(np.abs(response)), np.degrees(np.unwrap(np.angle(response)))
np.savetxt(
    "bode.csv",
    np.column_stack([frequencies, magnitude, phase]),
    delimiter=",",
    header="frequency (Hz),magnitude (dB),phase (degrees)",
)
figure, (upper, lower) = plt.subplots(2, sharex=True)
upper.semilogx(frequencies, magnitude)
upper.set_ylabel("magnitude (dB)")
lower.semilogx(frequencies, phase)
lower.set(xlabel="frequency (Hz)", ylabel="phase (degrees)")
figure.savefig("bode.png")
print(f"magnitude at 1 kHz {magnitude[0]:.1f} dB; see bode.csv and bode.png")
