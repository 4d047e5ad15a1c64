"""`RecordingFile`: the file of a recording, and what all formats have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .columns import Column, dtype_of
from .gaps import Gap

FORMAT = "pyrpl_remote recording 1"
"""What says in a file that it is a recording, and of which format."""


@dataclass(frozen=True)
class About:
    """What a file says of its recording. `every` is in s, `started` in s since the epoch."""

    board: str
    hostname: str
    every: float
    started: float
    by: str


class NoRecording(ValueError):
    """A file is no recording, or is damaged; the text says why."""


class RecordingFile(ABC):
    """A file to which samples are appended. Each `append` leaves a complete file, even if it is killed.

    Attributes: `path`, `columns`, `count` (of the samples in the file), `last` (the time up to which the file
    says what happened, in s since the epoch, None if it is empty).
    """

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self.path = path
        self.columns = list(columns)
        self.count = 0
        self.last: float | None = None

    @classmethod
    @abstractmethod
    def create(cls, path: Path, columns: Sequence[Column], about: About) -> RecordingFile:
        """Make a new file, in place of one that exists. Raises OSError."""

    @classmethod
    @abstractmethod
    def open(cls, path: Path) -> RecordingFile:
        """Go on with a recording that exists. Raises NoRecording, OSError."""

    def append(self, samples: Sequence[tuple[Any, ...]], gaps: Sequence[Gap]) -> None:
        """Append samples, each with its time first, and gaps. Raises OSError; then nothing was appended."""
        array = np.array(samples, dtype=dtype_of(self.columns))
        self._append(array, gaps)
        self.count += len(array)
        times = [*array["time"][-1:].tolist(), *(gap.until for gap in gaps)]
        self.last = max([*times, *(() if self.last is None else (self.last,))], default=None)

    @abstractmethod
    def _append(self, samples: np.ndarray[Any, Any], gaps: Sequence[Gap]) -> None: ...
