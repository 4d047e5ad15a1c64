"""Which files a client may let the daemon write.

Programs of the board's own user choose any file, as they can write it themselves. Everybody else, such as the
operators of paired hosts, names a file in one folder of the daemon's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import filelock

from .... import settings
from ....errors import AccessDenied, JobError
from ....machine import extras
from ....protocol import Role
from .csv_file import CsvFile
from .hdf5_file import Hdf5File
from .recording_file import RecordingFile

FORMATS: dict[str, type[RecordingFile]] = {".h5": Hdf5File, ".hdf5": Hdf5File, ".csv": CsvFile}
"""The format of a file by how its name ends."""

MAX_NAME = 1000
"""The longest name of a file with its folders, in characters."""


def path_for(file: Any, role: Role) -> Path:
    """The file that a client of this role means. Raises TypeError, ValueError, AccessDenied, OSError."""
    if not isinstance(file, str):
        raise TypeError(f"the file of a recording is a text, not {file!r:.80}")
    if not 0 < len(file) <= MAX_NAME or not file.isprintable():
        raise ValueError(f"{file!r:.80} is no name of a file")
    path = Path(file)
    if path.suffix.lower() not in FORMATS:
        raise ValueError(f"{path.name!r} is no recording's name: it ends with {', '.join(FORMATS)}")
    if not path.is_absolute():
        if path.name != file or "\\" in file or ":" in file or file.startswith("."):
            raise ValueError(
                f"{file!r} is no plain name: a relative one is that of a file in {settings.recordings_dir()} "
                "on the daemon's machine"
            )
        return settings.recordings_dir() / file
    if role < Role.OWNER:
        raise AccessDenied(
            f"{file!r}: only programs of the user who serves the board choose the folder of a recording",
            f"give a plain name, such as {path.name!r}: the file is then in a folder of the daemon's machine",
        )
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {str(path.parent)!r} for the recording")
    return path


def format_of(path: Path) -> type[RecordingFile]:
    """The format of a file. Raises JobError if its library is missing."""
    chosen = FORMATS[path.suffix.lower()]
    if chosen is Hdf5File and (lacking := extras.missing_module("h5py", "daemon")):
        message, remedy = extras.needs("a recording in an HDF5 file", lacking)
        raise JobError(message, f"{remedy}; or choose a name that ends with .csv")
    return chosen


def locked(path: Path, wait: float) -> Callable[[], None]:
    """Let no other recording of this user write the file; returns the function that ends this.

    Waits up to `wait` s. Raises JobError if another one writes it.
    """
    name = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]
    # acquired and released by different threads
    lock = filelock.FileLock(settings.lock_path(f"recording-{name}"), thread_local=False)
    try:
        lock.acquire(timeout=wait)
    except filelock.Timeout as error:
        raise JobError(
            f"another recording writes {str(path)!r}", "name another file, or stop that recording"
        ) from error
    return lock.release
