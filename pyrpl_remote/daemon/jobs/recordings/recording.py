"""`Recording`: a job that reads attributes at regular times, and appends them to a file."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from .... import settings
from ....errors import BoardLinkLost, PyrplRemoteError
from ..job import Job, JobBoard, JobEnded
from .columns import Column, columns_of, require_values, sources_of
from .gaps import NO_DAEMON, NO_RECORDING, Gap, Gaps
from .places import format_of, locked, path_for
from .recording_file import About, NoRecording, RecordingFile
from .writer import Writer

log = logging.getLogger(__name__)

KNOWN = {"file", "values", "every", "until", "duration", "overwrite"}
"""The names of the parameters."""

FORMER_SECONDS = 10.0
"""How long a recording that goes on waits for the end of the daemon that had it."""

SHOWN_GAPS = 20
"""How many of the last gaps `data` has."""


class Recording(Job):
    """A recording. Parameters: `file`, `values` (names), `every` (s), `duration` (s or None), `overwrite`."""

    kind: ClassVar[str] = "recording"

    def __init__(self, parameters: Mapping[str, Any], board: JobBoard) -> None:
        super().__init__(parameters, board)
        if unknown := parameters.keys() - KNOWN:
            raise TypeError(f"a recording has no parameter {', '.join(sorted(unknown))}")
        self._values = require_values(parameters.get("values"))
        self._every = _seconds("every", parameters.get("every", 1.0), *settings.RECORDED_EVERY)
        self._until = _until(parameters)
        self._path = (
            Path(parameters["file"]) if board.resumed else path_for(parameters.get("file"), board.role)
        )
        self.parameters = {"file": str(self._path), "values": self._values, "every": self._every}
        self.parameters["until"] = self._until
        self._sources = sources_of(self._values, board)
        self._shown_gaps: list[Gap] = []
        self._samples = 0
        self._late = 0
        self._last: tuple[Any, ...] = ()
        self._state = ""
        self._writer: Writer | None = None
        self._gaps = Gaps(self._every, self._found)
        self._unlock = locked(self._path, FORMER_SECONDS if board.resumed else 0.0)
        try:
            self._file = self._open_file(bool(parameters.get("overwrite", False)))
        except BaseException:
            self._unlock()
            raise

    def run(self, ending: threading.Event) -> None:
        """Record until `ending` is set, or the time is over."""
        try:
            self._writer = Writer(self._file)
            if self.board.resumed:
                self._gaps.begin(self._file.last or self.board.since, NO_DAEMON)
            else:
                self._gaps.begin(self._file.last, NO_RECORDING)
            try:
                self._record(ending, self._writer)
            finally:
                self._gaps.close(time.time())
                self._writer.finish()
        finally:
            self._unlock()

    def text(self) -> str:
        """How many samples there are, and what is wrong."""
        parts = [f"{self._path.name}: {self._samples} samples each {self._every:g} s"]
        if self._gaps.missed:
            parts.append(f"{self._gaps.missed} missed")
        if self._writer is not None and self._writer.problem:
            parts.append(f"cannot be written, waits: {self._writer.problem}")
        if self._state:
            parts.append(f"waits: {self._state}")
        return "; ".join(parts)

    def data(self) -> dict[str, Any]:
        """Counts since this daemon began, the last values, the last gaps, and what is in the file."""
        columns = [column.name for column in self._file.columns]
        values = [value.decode() if isinstance(value, bytes) else value for value in self._last]
        return {
            "file": str(self._path),
            "in_file": self._file.count,
            "samples": self._samples,
            "missed": self._gaps.missed,
            "late": self._late,
            "unwritten": 0 if self._writer is None else self._writer.waiting,
            "last": dict(zip(["time", *columns], values)),
            "gaps": [dict(vars(gap)) for gap in self._shown_gaps],
        }

    def _record(self, ending: threading.Event, writer: Writer) -> None:
        due = time.monotonic()
        while not ending.wait(max(due - time.monotonic(), 0.0)):
            if self._until is not None and time.time() >= self._until:
                return
            behind, begun = time.monotonic() - due, time.time()
            sample = self._sample(writer)
            if sample is not None:
                # when it was read: the Qt thread may have been busy
                behind += max(sample[0] - begun, 0.0)
            skipped = int(behind // self._every)
            due += (skipped + 1) * self._every
            if sample is None:
                self.board.wait_for_link(ending)
                continue
            self._samples += 1
            self._late += not skipped and behind > self._every / 2
            self._gaps.sample(sample[0], skipped)
            writer.put(sample)
            self._last = sample

    def _sample(self, writer: Writer) -> tuple[Any, ...] | None:
        """Read all values; None if that is impossible now: the gap is noted."""
        read: list[Any] = []
        first = 0.0
        try:
            for source in self._sources:
                now, values = self.board.sample(source.path, source.names)
                first = first or now
                read += values
        except JobEnded:
            raise
        except BoardLinkLost as error:
            self._wait(f"the board was lost ({error.message})")
            return None
        except Exception as error:  # noqa: BLE001 - boundary: PyRPL's own; it may be able to read it later
            message = error.message if isinstance(error, PyrplRemoteError) else repr(error)
            self._wait(f"it cannot be read ({message})")
            return None
        if writer.full:
            self._wait(f"the file could not be written ({writer.problem})")
            return None
        self._state = ""
        return (first, *(column.value(value) for column, value in zip(self._file.columns, read)))

    def _wait(self, reason: str) -> None:
        if self._state != reason:
            log.warning("%s: no samples, because %s", self._path, reason)
        self._state = reason
        self._gaps.open(reason)

    def _found(self, gap: Gap) -> None:
        self._shown_gaps = [*self._shown_gaps, gap][-SHOWN_GAPS:]
        if self._writer is not None:
            self._writer.put_gap(gap)

    def _open_file(self, overwrite: bool) -> RecordingFile:
        """The file to append to: a new one, or that of an earlier recording of the same values."""
        chosen = format_of(self._path)
        if self._path.exists() and (self.board.resumed or not overwrite):
            return self._existing(chosen.open)
        columns = columns_of(self._values, self._sources, self.board)
        about = About(self.board.name, self.board.hostname, self._every, time.time(), self.board.by)
        return chosen.create(self._path, columns, about)

    def _existing(self, open_file: Callable[[Path], RecordingFile]) -> RecordingFile:
        try:
            file = open_file(self._path)
        except (NoRecording, OSError, RuntimeError, KeyError) as error:  # h5py raises the latter two
            raise FileExistsError(
                f"{str(self._path)!r} exists, and is not appended to: {error}; name another file, or let it "
                "be replaced: overwrite=True"
            ) from error
        if self.board.resumed:
            names = [column.name for column in file.columns]
            if names == self._values:
                return file
            raise FileExistsError(f"{str(self._path)!r} has the columns {', '.join(names)} now")
        columns = columns_of(self._values, self._sources, self.board)
        if file.columns != columns:
            raise FileExistsError(
                f"{str(self._path)!r} is a recording of {_listed(file.columns)}, not of {_listed(columns)}; "
                "name another file, or let it be replaced: overwrite=True"
            )
        return file


def _listed(columns: list[Column]) -> str:
    return ", ".join(f"{one.name} ({one.unit})" if one.unit else one.name for one in columns)


def _seconds(name: str, value: Any, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} of a recording is a number of seconds, not {value!r:.80}")
    if not least <= value <= most:
        raise ValueError(f"{name} of a recording is {least:g} to {most:g} s, not {value:g}")
    return float(value)


def _until(parameters: Mapping[str, Any]) -> float | None:
    """When the recording is done, in s since the epoch; None if only when it is stopped."""
    if "until" in parameters:
        return None if parameters["until"] is None else float(parameters["until"])
    duration = parameters.get("duration")
    return None if duration is None else time.time() + _seconds("duration", duration, 0.0, math.inf)
