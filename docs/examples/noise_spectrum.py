"""The noise of in2 in V per square root of Hz, from a trace of the scope: noise_spectrum.py [BOARD]."""

import sys

import numpy as np

from pyrpl_remote import connect

TRACES = 20

with connect(*sys.argv[1:] or ["virtual"]) as p:
    scope = p.rp.scope
    scope.setup(input1="in2", duration=1e-3, trigger_source="immediately", average=False, rolling_mode=False)
    powers = []
    for _ in range(TRACES):
        noise, _ = scope.single(timeout=5)
        window = np.hanning(len(noise))
        spectrum = np.fft.rfft((noise - noise.mean()) * window)
        # two for the negative frequencies; the sum normalises the window
        powers.append(2 * np.abs(spectrum) ** 2 * scope.sampling_time / np.sum(window**2))
density = np.sqrt(np.mean(powers, axis=0))
print(f"median noise of in2: {np.median(density) * 1e9:.0f} nV/sqrt(Hz)")
