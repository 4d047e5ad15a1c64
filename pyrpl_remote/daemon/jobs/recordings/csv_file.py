"""Recordings in CSV files: lines that begin with # say what they are, and when there are gaps."""

from __future__ import annotations

import csv
import io
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .columns import NUMBER, TEXT, TIME, Column
from .gaps import Gap
from .recording_file import FORMAT, About, NoRecording, RecordingFile

GAP_LINE = "# gap: "
"""How the line of a gap begins: since, until, how many samples are missing, why."""

MAX_HEADER = 100
"""In how many lines the names of the columns must come."""


class CsvFile(RecordingFile):
    """A recording in a CSV file; see RecordingFile."""

    @classmethod
    def create(cls, path: Path, columns: Sequence[Column], about: About) -> RecordingFile:
        """See RecordingFile."""
        every = (TIME, *columns)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        text.write(f"# {FORMAT}\n# board: {about.board} ({about.hostname})\n")
        started = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(about.started))
        text.write(f"# a sample each {about.every:g} s, started {started} by {about.by}\n# units: ")
        writer.writerow([column.unit for column in every])
        text.write("# kinds: ")
        writer.writerow([column.kind for column in every])
        writer.writerow([column.name for column in every])
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            beside.write_text(text.getvalue(), encoding="utf-8", newline="\n")
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)
        return cls(path, columns)

    @classmethod
    def open(cls, path: Path) -> RecordingFile:
        """See RecordingFile. A last line that is not complete is removed."""
        with open(path, "rb") as file:
            if file.readline() != f"# {FORMAT}\n".encode():
                raise NoRecording("it is no recording")
            found = cls(path, cls._columns(file))
            complete = file.tell()
            for line in file:
                if not line.endswith(b"\n"):
                    break
                complete += len(line)
                found._count_line(line)
        if complete != path.stat().st_size:
            os.truncate(path, complete)
        return found

    @staticmethod
    def _columns(file: io.BufferedReader) -> list[Column]:
        about: dict[str, list[str]] = {}
        for _ in range(MAX_HEADER):
            line = file.readline().decode(errors="replace")
            key, _, rest = line.removeprefix("# ").partition(": ")
            if not line.startswith("#"):
                about["names"] = _cells(line)
                break
            about[key] = _cells(rest)
        try:
            rows = list(zip(about["names"], about["units"], about["kinds"], strict=True))
        except (KeyError, ValueError) as error:
            raise NoRecording("its header is damaged") from error
        if not rows or rows[0][0] != TIME.name or not {kind for *_, kind in rows} <= {NUMBER, TEXT}:
            raise NoRecording("its header is damaged")
        return [Column(*row) for row in rows[1:]]

    def _count_line(self, line: bytes) -> None:
        """Note the time of a line of the file, which is a sample or a gap."""
        is_gap = line.startswith(GAP_LINE.encode())
        self.count += not is_gap
        try:
            cell = line.removeprefix(GAP_LINE.encode()).split(b",", 2)[int(is_gap)]
            self.last = max(float(cell), self.last or 0.0)
        except (ValueError, IndexError) as error:
            raise NoRecording(f"it has the line {line[:80]!r}") from error

    def _append(self, samples: np.ndarray[Any, Any], gaps: Sequence[Gap]) -> None:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        for row in samples.tolist():
            writer.writerow([repr(cell) if isinstance(cell, float) else _line(cell.decode()) for cell in row])
        for gap in gaps:
            text.write(GAP_LINE)
            writer.writerow([repr(gap.since), repr(gap.until), gap.missed, _line(gap.reason)])
        with open(self.path, "r+b", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            rest = memoryview(text.getvalue().encode())
            try:
                while rest:
                    rest = rest[file.write(rest) :]
                os.fsync(file.fileno())
            except OSError:
                file.truncate(size)
                raise


def _line(text: str) -> str:
    """A text in one line."""
    return " ".join(text.split())


def _cells(line: str) -> list[str]:
    return next(csv.reader([line.rstrip("\r\n")]), [])
