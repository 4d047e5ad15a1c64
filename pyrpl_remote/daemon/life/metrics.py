"""Counts requests by verb, how long they took, and errors by kind: for the status, and for Prometheus.

A request takes from when the daemon begins it until its reply is ready. Counting must cost next to nothing,
and the memory is bounded: a histogram of fixed buckets for each verb, and copies of them for the last minute.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from ...board_status import RequestsStatus, VerbStatus
from ...protocol import VERBS

BOUNDS = [float(f"{digits}e{power}") for power in range(-6, 2) for digits in ("1", "1.5", "2", "3", "5", "7")]
"""The upper bounds of the buckets, in s: from 1 us to 70 s. One more bucket is for all that is longer."""

SAMPLE_SECONDS = 5.0
"""How often the counts are copied. Rates are those since a copy that is at least so old."""

SAMPLES = 12
"""How many copies are kept: percentiles are those of the last minute."""

BACKGROUND = frozenset({"stream", "heartbeat", "status"})
"""The verbs that a session sends by itself, or that only look: they do not count as requests of users."""

LONG = frozenset({"call", "describe"})
"""The verbs that take long by nature: a call may wait for an acquisition, and a session describes once."""

KINDS = 50
"""How many kinds of errors are counted apart; further ones count as OTHER."""

OTHER = "other"
"""The kind of the errors for which there is no room."""


class Histogram:
    """The times of one verb's requests.

    Attributes: `buckets` (how many requests took up to each of BOUNDS, but longer than the bound before),
    `seconds` (their sum) and `slowest`, in s.
    """

    __slots__ = ("buckets", "seconds", "slowest")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BOUNDS) + 1)
        self.seconds = self.slowest = 0.0


class Tally:
    """A histogram for each verb. To be filled by one thread at a time."""

    def __init__(self) -> None:
        self.histograms = {verb: Histogram() for verb in VERBS}

    def note(self, verb: str, seconds: float) -> None:
        """Count a request that took so long."""
        histogram = self.histograms[verb]
        histogram.buckets[bisect_left(BOUNDS, seconds)] += 1
        histogram.seconds += seconds
        if seconds > histogram.slowest:
            histogram.slowest = seconds


@dataclass(frozen=True)
class Totals:
    """What one verb's requests add up to; the fields are those of Histogram."""

    buckets: list[int]
    seconds: float
    slowest: float

    @property
    def count(self) -> int:
        """How many requests there were."""
        return sum(self.buckets)


@dataclass(frozen=True)
class _Sample:
    """The counts at one time: `time` by time.monotonic, `cpu` the process's seconds of computing."""

    time: float
    cpu: float
    buckets: Mapping[str, list[int]]


class Metrics:
    """The counts of one daemon.

    Attribute: `in_qt_thread` (the tally of requests that were carried out in the Qt thread, which alone fills
    it, so that it needs no lock).
    """

    def __init__(self) -> None:
        self.in_qt_thread = Tally()
        self._elsewhere = Tally()
        self._lock = threading.Lock()
        self._errors: dict[str, int] = {}
        self._samples = deque([self._sample()], maxlen=SAMPLES)

    def note_elsewhere(self, verb: str, seconds: float) -> None:
        """Count a request that another thread than the Qt thread has carried out; from any thread."""
        with self._lock:
            self._elsewhere.note(verb, seconds)

    def failed(self, error: BaseException) -> None:
        """Count an error; from any thread."""
        kind = type(error).__name__
        with self._lock:
            if kind not in self._errors and len(self._errors) >= KINDS:
                kind = OTHER
            self._errors[kind] = self._errors.get(kind, 0) + 1

    def errors(self) -> dict[str, int]:
        """How many errors of each kind there were, the most frequent first."""
        with self._lock:
            return dict(sorted(self._errors.items(), key=lambda item: -item[1]))

    def totals(self) -> dict[str, Totals]:
        """The totals of each verb that was used, since the start of the daemon."""
        found = {}
        for verb in VERBS:
            qt, elsewhere = self.in_qt_thread.histograms[verb], self._elsewhere.histograms[verb]
            buckets = [one + other for one, other in zip(qt.buckets, elsewhere.buckets)]
            if any(buckets):
                seconds = qt.seconds + elsewhere.seconds
                found[verb] = Totals(buckets, seconds, max(qt.slowest, elsewhere.slowest))
        return found

    def run(self, ending: threading.Event) -> None:
        """Copy the counts from time to time, until `ending` is set: the thread's function."""
        while not ending.wait(SAMPLE_SECONDS):
            self._samples.append(self._sample())

    def cpu(self) -> float:
        """How much the process computed in the last seconds, in percent of one core."""
        recent = self._recent()
        return 100 * (time.process_time() - recent.cpu) / _since(recent)

    def status(self) -> RequestsStatus:
        """The requests: counts since the start, rates of the last seconds, percentiles of the last minute."""
        totals, recent, oldest = self.totals(), self._recent(), self._samples[0]
        elapsed = _since(recent)

        def rate(verb: str) -> float:
            return (totals[verb].count - sum(recent.buckets.get(verb, ()))) / elapsed

        def last_minute(verb: str) -> list[int]:
            before = oldest.buckets.get(verb)
            now = totals[verb].buckets
            return now if before is None else [after - early for after, early in zip(now, before)]

        verbs = {
            verb: VerbStatus(
                count=one.count,
                per_second=rate(verb),
                mean=one.seconds / one.count,
                slowest=one.slowest,
                **_percentiles(last_minute(verb), one.slowest),
            )
            for verb, one in totals.items()
        }
        own = [verb for verb in totals if verb not in BACKGROUND]
        timed = [verb for verb in own if verb not in LONG]
        together = [sum(counts) for counts in zip(*map(last_minute, timed))]
        slowest = max((totals[verb].slowest for verb in timed), default=0.0)
        return RequestsStatus(
            count=sum(totals[verb].count for verb in own),
            per_second=sum(map(rate, own)),
            verbs=verbs,
            errors=self.errors(),
            **_percentiles(together, slowest),
        )

    def _sample(self) -> _Sample:
        buckets = {verb: totals.buckets for verb, totals in self.totals().items()}
        return _Sample(time.monotonic(), time.process_time(), buckets)

    def _recent(self) -> _Sample:
        """The newest sample that is at least SAMPLE_SECONDS old, else the oldest."""
        samples = list(self._samples)
        limit = time.monotonic() - SAMPLE_SECONDS
        return next((sample for sample in reversed(samples) if sample.time <= limit), samples[0])


def percentile(buckets: list[int], share: float) -> float | None:
    """The time, in s, within which this `share` of the requests was answered; None if there was none.

    It is exact to within a bucket, whose bounds differ by a factor of 1.67 at most.
    """
    rank = share * sum(buckets)
    if rank <= 0:
        return None
    before = 0
    for number, count in enumerate(buckets):
        if count and before + count >= rank:
            if number == len(BOUNDS):
                break
            low, high = BOUNDS[number - 1] if number else BOUNDS[0] / 2, BOUNDS[number]
            return float(low * (high / low) ** ((rank - before) / count))
        before += count
    return BOUNDS[-1]


def _percentiles(buckets: list[int], slowest: float) -> dict[str, float | None]:
    found = {name: percentile(buckets, share) for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99))}
    return {name: None if value is None else min(value, slowest) for name, value in found.items()}


def _since(sample: _Sample) -> float:
    return max(time.monotonic() - sample.time, 1e-3)
