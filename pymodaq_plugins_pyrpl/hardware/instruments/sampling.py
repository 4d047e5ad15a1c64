"""Mean, standard deviation, minimum and maximum of signals over a time, from single samples.

PyRPL's sampler has the momentary value of each signal. A sample takes about 0.3 ms: it is no oscilloscope,
and sees nothing of the shape of a fast signal.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

AT_ONCE = 4
"""How many signals are read in one request; other clients' requests have their turn in between."""


QUANTITIES = {"mean": "Mean", "std": "Standard deviation", "min": "Minimum", "max": "Maximum"}
"""The names of the fields of Statistics for people."""


@dataclass(frozen=True)
class Statistics:
    """Of the samples of one signal."""

    mean: float
    std: float
    min: float
    max: float


def sampled(
    read: Callable[..., Mapping[str, float]],
    names: Sequence[str],
    seconds: float,
    stopped: Callable[[], bool] = lambda: False,
) -> dict[str, Statistics]:
    """The statistics of the signals `names` over `seconds` s, or until `stopped()`: of one sample at least.

    `read(*names)` returns the momentary values by name. All signals are sampled during the same time.
    """
    pieces = [names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE)]
    samples: dict[str, list[float]] = {name: [] for name in names}
    end = time.monotonic() + seconds
    while True:
        for piece in pieces:
            for name, value in read(*piece).items():
                samples[name].append(value)
        if time.monotonic() >= end or stopped():
            return {name: statistics(values) for name, values in samples.items()}


def statistics(samples: Sequence[float]) -> Statistics:
    """Of at least one sample; `std` is that of the population, as PyRPL's."""
    values = np.asarray(samples)
    return Statistics(float(values.mean()), float(values.std()), float(values.min()), float(values.max()))
