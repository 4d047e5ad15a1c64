"""Recordings in HDF5 files.

The dataset `samples` has a row for each sample, with a field for each column, `time` first; its attribute
`units` has their units. The dataset `gaps` has a row for each gap. The file is opened for each batch of
samples, and closed again: between them every program can open it.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .columns import NUMBER, TEXT, TIME, Column, dtype_of
from .gaps import Gap
from .ordered_writes import OrderedWrites
from .recording_file import FORMAT, About, NoRecording, RecordingFile

GAP = np.dtype([("since", "<f8"), ("until", "<f8"), ("missed", "<i8"), ("reason", "S300")])
"""The type of a gap."""

CHUNK_BYTES = 32768
"""Roughly how much a dataset grows by."""

OLDEST = "earliest"
"""The format of the file, which OrderedWrites understands."""


class Hdf5File(RecordingFile):
    """A recording in an HDF5 file; see RecordingFile."""

    @classmethod
    def create(cls, path: Path, columns: Sequence[Column], about: About) -> RecordingFile:
        """See RecordingFile."""
        import h5py

        beside = path.with_name(f".{path.name}.{os.getpid()}")
        dtype = dtype_of(columns)
        try:
            with h5py.File(beside, "w", libver=OLDEST) as file:
                file.attrs.update({"format": FORMAT, **dataclasses.asdict(about)})
                chunk = max(CHUNK_BYTES // dtype.itemsize, 16)
                samples = file.create_dataset("samples", (0,), dtype, maxshape=(None,), chunks=(chunk,))
                samples.attrs["units"] = [column.unit for column in (TIME, *columns)]
                file.create_dataset("gaps", (0,), GAP, maxshape=(None,), chunks=(64,))
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)
        return cls(path, columns)

    @classmethod
    def open(cls, path: Path) -> RecordingFile:
        """See RecordingFile."""
        import h5py

        if not h5py.is_hdf5(path):
            raise NoRecording("it is no HDF5 file")
        with h5py.File(path, "r") as file:
            if file.attrs.get("format") != FORMAT or not {"samples", "gaps"} <= file.keys():
                raise NoRecording("it is no recording")
            samples, gaps = file["samples"], file["gaps"]
            units = list(map(str, samples.attrs["units"]))
            columns = [
                Column(name, unit, TEXT if samples.dtype[name].kind == "S" else NUMBER)
                for name, unit in zip(samples.dtype.names, units)
            ]
            found = cls(path, columns[1:])
            found.count = len(samples)
            times = [*samples[-1:]["time"].tolist(), *gaps[-1:]["until"].tolist()]
            found.last = max(times, default=None)
        return found

    def _append(self, samples: np.ndarray[Any, Any], gaps: Sequence[Gap]) -> None:
        import h5py

        rows = [
            (gap.since, gap.until, gap.missed, gap.reason.encode()[: GAP["reason"].itemsize]) for gap in gaps
        ]
        with open(self.path, "r+b", buffering=0) as opened:
            writes = OrderedWrites(opened)
            with h5py.File(writes, "r+", libver=OLDEST) as file:
                _extend(file["samples"], samples)
                _extend(file["gaps"], np.array(rows, dtype=GAP))
            writes.commit()


def _extend(dataset: Any, rows: np.ndarray[Any, Any]) -> None:
    if len(rows):
        before = len(dataset)
        dataset.resize((before + len(rows),))
        dataset[before:] = rows
