"""Sweeps of the network analyser: how long they take, their data while they run, their end by Stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from pyrpl_remote.errors import AcquisitionCancelled, RemoteError

from ..stream import CONTINUOUS

LOOK_SECONDS = 0.05
"""How soon Stop ends a sweep."""

PREVIEW_SECONDS = 0.2
"""How often the points that are measured so far are shown."""

LEAST_POINTS = 2
"""The shortest curve that PyMoDAQ's axes can have."""

POINT_SECONDS = 0.005
"""What a point takes at least, with PyRPL's accesses to the board."""

TIMING = (
    "points",
    "trace_average",
    "average_per_point",
    "sleeptimes",
    "rbw",
    "auto_bandwidth",
    "q_factor_min",
    "start_freq",
    "stop_freq",
    "logscale",
)
"""The attributes of the network analyser on which the duration of a sweep depends."""

Curve = tuple[np.ndarray, np.ndarray]


def expected_seconds(analyser: Mapping[str, Any]) -> float:
    """How long a sweep takes, from the values of TIMING; without the ramps of an automatic amplitude."""
    points = int(analyser["points"])
    rbw = np.full(points, float(np.ravel(analyser["rbw"])[0]))
    if analyser["auto_bandwidth"]:
        spaced = np.geomspace if analyser["logscale"] else np.linspace
        frequencies = spaced(analyser["start_freq"], analyser["stop_freq"], points)
        rbw = np.minimum(rbw, np.maximum(frequencies / analyser["q_factor_min"], 1.186))
    each = np.maximum((analyser["sleeptimes"] + analyser["average_per_point"]) / rbw, POINT_SECONDS)
    # PyRPL waits three times as long for the first point
    return float(analyser["trace_average"] * (each.sum() + 2 * each[0]))


def run_sweep(
    analyser: Any,
    stopped: Callable[[], bool],
    preview: Callable[[np.ndarray, np.ndarray], object] = lambda x, y: None,
) -> Curve:
    """One sweep of `analyser`, the proxy of the network analyser; or, until Stop, its first points.

    Returns frequencies in Hz, or times in s where the span is zero, and complex responses. `preview(x, y)` is
    called with the points so far. Raises AcquisitionCancelled if somebody else ended the sweep.
    """
    run = analyser.single_async()
    shown = 0.0
    try:
        for waited in until_done(run):
            if stopped():
                points = points_so_far(analyser)
                if len(points[0]) < LEAST_POINTS:
                    raise AcquisitionCancelled("the sweep was stopped at its first point")
                return points
            if waited - shown >= PREVIEW_SECONDS:
                shown, points = waited, points_so_far(analyser)
                if len(points[0]) >= LEAST_POINTS:
                    preview(*points)
    finally:
        # also where the plugin is closed meanwhile; it does nothing to a sweep that is done
        run.cancel()
    response = run.result()
    x = analyser.data_x
    if len(x) != len(response):
        raise AcquisitionCancelled("the settings of the network analyser were changed after the sweep")
    return x, response


def shared_sweep(analyser: Any, stopped: Callable[[], bool]) -> Curve | None:
    """What a continuous acquisition, which somebody else has started, has measured by now.

    Returns None if none runs. Raises AcquisitionCancelled if `stopped()` before there is a point.
    """
    while analyser.running_state == CONTINUOUS:
        time.sleep(PREVIEW_SECONDS)
        points = points_so_far(analyser)
        if len(points[0]) >= LEAST_POINTS:
            return points
        if stopped():
            raise AcquisitionCancelled("the grab was stopped")
    return None


def points_so_far(analyser: Any) -> Curve:
    """The measured points of the present or the last sweep; none if there was no sweep yet."""
    try:
        now = analyser.snapshot("data_x", "data_avg", "current_point", "current_avg")
    except RemoteError as error:
        if isinstance(error, AttributeError):  # PyRPL has them from the first sweep on
            return np.zeros(0), np.zeros(0, complex)
        raise
    # current_point is 0 again after each trace
    count = now["current_point"] if now["current_avg"] == 0 else None
    return now["data_x"][:count], now["data_avg"][:count]


def until_done(run: Any) -> Iterator[float]:
    """Yield the seconds waited so far, again and again, until the future `run` is done."""
    done = threading.Event()
    run.add_done_callback(lambda _: done.set())
    begin = time.monotonic()
    while not done.wait(LOOK_SECONDS):
        yield time.monotonic() - begin
