"""`Writer`: writes the samples of a recording to its file, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from typing import Any

from .gaps import Gap
from .recording_file import NoRecording, RecordingFile

log = logging.getLogger(__name__)

WRITE_SECONDS = 4.0
"""How often samples are written: a daemon that is killed loses those of this time, and of one write."""

MAX_WAITING = 20_000
"""How many samples may wait while the file cannot be written."""


class Writer:
    """Writes to one file until `finish`. The other functions are for one thread.

    Attribute: `problem` (why the file cannot be written now, "" if it can).
    """

    def __init__(self, file: RecordingFile) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._samples: list[tuple[Any, ...]] = []
        self._gaps: list[Gap] = []
        self._ending = threading.Event()
        self.problem = ""
        self._thread = threading.Thread(target=self._run, name=f"writes {file.path.name}", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many samples are not written yet."""
        return len(self._samples)

    @property
    def full(self) -> bool:
        """Whether it takes no more samples: the file could not be written for too long."""
        return self.waiting >= MAX_WAITING

    def put(self, sample: tuple[Any, ...]) -> None:
        """Write a sample soon."""
        with self._lock:
            self._samples.append(sample)

    def put_gap(self, gap: Gap) -> None:
        """Write a gap soon."""
        with self._lock:
            self._gaps.append(gap)

    def finish(self) -> None:
        """Write the rest. Raises OSError if that is impossible."""
        self._ending.set()
        self._thread.join()
        if self.problem:
            raise OSError(f"{self.waiting} samples could not be written: {self.problem}")

    def _run(self) -> None:
        while not self._ending.wait(WRITE_SECONDS):
            self._write()
        self._write()

    def _write(self) -> None:
        with self._lock:
            samples, gaps = len(self._samples), len(self._gaps)
            batch, named = self._samples[:samples], self._gaps[:gaps]
        if not (batch or named):
            return
        try:
            self._file.append(batch, named)
        except (OSError, NoRecording, KeyError, RuntimeError) as error:  # h5py raises the latter two
            if not self.problem:
                log.error("the recording %s cannot be written, and waits: %s", self._file.path, error)
            self.problem = str(getattr(error, "strerror", None) or error)
            return
        if self.problem:
            log.warning("the recording %s is written again", self._file.path)
        self.problem = ""
        with self._lock:
            del self._samples[:samples], self._gaps[:gaps]
