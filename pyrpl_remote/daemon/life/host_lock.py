"""A lock that the processes of all users of this machine respect, and that says who holds it.

The file of the lock is in a folder where everybody may make files. Therefore a link in its place is not
followed, its content is only shown in errors, and a content that does not fit a living process is ignored.
The system frees the lock when its holder ends, however that happens. (The library filelock empties the file
at each attempt, and follows links.)
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import sys
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import psutil

from ... import settings
from ...machine.running import runs

MOST_BYTES = 4096
"""How much of a file is read."""

MOST_TEXT = 300
"""The longest text in it, in characters."""

KERNEL_LOCKS = Path("/proc/locks")
"""Linux's list of all locks of files, with their holders' pids."""

SAME_SECONDS = 2.0
"""How much two readings of when a process was started may differ."""


@dataclass(frozen=True)
class Holder:
    """Who holds a lock: a daemon.

    `pid` and `started` (in s since the epoch) identify its process; `user` is whose it is. `name`: the
    board's; `name_server`: where the board is registered, as host:port. `serves`: whether it is ready, and
    not ending.
    """

    pid: int
    started: float
    user: str
    name: str
    name_server: str
    serves: bool = False

    def __str__(self) -> str:
        return f"pid {self.pid} of user {self.user}"


class HostLock:
    """One lock. It is free until `take` returns True, and again after `release`."""

    def __init__(self, path: Path):
        self.path = path
        self._file: int | None = None

    def take(self) -> bool:
        """Take the lock, if nobody has it; returns whether it was taken. Raises StateFolderError."""
        try:
            file = _open_shared(self.path)
        except OSError as error:
            raise settings.host_locks_error(self.path, error) from error
        if not _lock(file):
            os.close(file)
            return False
        self._file = file
        return True

    def describe(self, holder: Holder) -> None:
        """Write who holds the lock, which this process does."""
        assert self._file is not None
        content = json.dumps(asdict(holder)).encode()[:MOST_BYTES]
        # it stays empty where another user's file may not be written to
        with contextlib.suppress(OSError):
            os.ftruncate(self._file, 0)
            os.lseek(self._file, 0, os.SEEK_SET)
            os.write(self._file, content)

    def holder(self) -> Holder | None:
        """Who says to hold the lock; None if nobody does, or the process that does has ended."""
        try:
            file = os.open(self.path, os.O_RDONLY | _SAFELY)
        except OSError:
            return None
        try:
            return _living(os.read(file, MOST_BYTES))
        except OSError:
            return None
        finally:
            os.close(file)

    def pid(self) -> int | None:
        """The process that has locked the file, as Linux's kernel says; None where it does not."""
        try:
            inode = os.stat(self.path, follow_symlinks=False).st_ino
            lines = KERNEL_LOCKS.read_text(encoding="ascii").splitlines()
        except (OSError, ValueError):
            return None
        for line in lines:
            # 1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF
            words = line.split()
            if len(words) > 5 and words[1] == "FLOCK" and words[5].endswith(f":{inode}"):
                return int(words[4]) if words[4].isdigit() and int(words[4]) else None
        return None

    def refresh(self) -> None:
        """Keep the file young: systems remove old files from /tmp, and then two processes lock two files."""
        if self._file is not None and os.utime in os.supports_fd:
            with contextlib.suppress(OSError):
                os.utime(self._file)

    def release(self) -> None:
        """Free the lock. The file remains: removing it would let two processes lock two files."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = None


_SAFELY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
"""Flags for opening what another user may have put there: no link is followed, no pipe is waited for."""


def _open_shared(path: Path) -> int:
    """Open a file that every user may write to, which is made if absent; returns its descriptor."""
    while True:
        try:
            # never with O_CREAT if it exists: Linux refuses that for files of others (fs.protected_regular)
            file = os.open(path, os.O_RDWR | _SAFELY)
        except FileNotFoundError:
            with contextlib.suppress(FileExistsError):
                made = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _SAFELY, 0o666)
                if hasattr(os, "fchmod"):
                    os.fchmod(made, 0o666)  # whatever the umask
                os.close(made)
            continue
        except PermissionError:
            # on Windows the files of others may be read only, which is enough for a lock
            file = os.open(path, os.O_RDONLY | _SAFELY)
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            raise OSError(errno.EINVAL, "it is no ordinary file", str(path))
        return file


if sys.platform == "win32":
    import msvcrt

    _LOCKED_AT = 2**30
    """The byte that is locked: far behind the content, which others may read then."""

    def _lock(file: int) -> bool:
        """Lock a file until it is closed; returns whether that succeeded."""
        os.lseek(file, _LOCKED_AT, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _lock(file: int) -> bool:
        """Lock a file until it is closed; returns whether that succeeded."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _living(content: bytes) -> Holder | None:
    """The holder that `content` describes, if it is a process that runs."""
    try:
        data = json.loads(content)
        holder = Holder(**{field.name: data[field.name] for field in fields(Holder)})
        texts = [holder.user, holder.name, holder.name_server]
        if not all(type(text) is str and text.isprintable() and len(text) < MOST_TEXT for text in texts):
            return None
        running = abs(psutil.Process(holder.pid).create_time() - holder.started) < SAME_SECONDS
    except (ValueError, TypeError, KeyError, psutil.Error, OverflowError, RecursionError):
        return None
    return holder if running and runs(holder.pid) and holder.serves in (True, False) else None
