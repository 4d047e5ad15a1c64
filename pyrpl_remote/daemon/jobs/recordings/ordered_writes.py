"""`OrderedWrites`: lets the HDF5 library change a file so that it can be opened at every moment.

The library overwrites parts of the file that refer to each other. A process that is killed in between leaves
a file that cannot be opened, or lacks earlier data. Here all that the library writes is kept in memory until
it has closed the file, and is then written in an order in which each step leaves a valid file:

1. what is behind the former end of the file, to which nothing refers yet;
2. the superblock, with the new end;
3. changed raw data: new rows in chunks that exist, behind those that count;
4. the nodes of the index of chunks, those nearest to the root first, so that each chunk is always found;
5. the headers of the datasets, with their new lengths, from which on the new rows count.

This is for files with a superblock of version 0 (libver="earliest"), opened with h5py's driver for file
objects.
"""

from __future__ import annotations

import os
import struct
from io import FileIO
from typing import Any

SUPERBLOCK_BYTES = 96
END_AT = 40
"""Where the superblock has the end of the file, 8 bytes (HDF5 File Format Specification, II.A, version 0)."""

NODE = b"TREE"
"""How a node of an index of chunks begins; the byte at LEVEL_AT is 0 for its leaves (ibid., III.A.1)."""
LEVEL_AT = 5

HEADER = b"\x01\x00"
"""How an object header of version 1 begins (ibid., IV.A.1.a)."""


class OrderedWrites:
    """A file object for `h5py.File(OrderedWrites(file), "r+", libver="earliest")`.

    After the library has closed it, `commit` writes to the file.
    """

    def __init__(self, file: FileIO) -> None:
        """`file` is open for reading and writing, unbuffered.

        Raises OSError unless it is such an HDF5 file.
        """
        self._file = file
        self._writes: list[tuple[int, bytes]] = []
        self._position = 0
        start = self._read_at(0, SUPERBLOCK_BYTES)
        if len(start) < SUPERBLOCK_BYTES or start[:9] != b"\x89HDF\r\n\x1a\n\x00":
            raise OSError("it is no HDF5 file with a superblock of version 0")
        (self._end,) = struct.unpack_from("<Q", start, END_AT)
        if self._end > os.fstat(file.fileno()).st_size:
            raise OSError("the HDF5 file is shorter than it should be")
        self._size = self._end

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As of any file."""
        self._position = (
            offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        )
        return self._position

    def tell(self) -> int:
        """As of any file."""
        return self._position

    def read(self, size: int = -1) -> bytes:
        """As of any file: h5py takes an object with `read` for a file, but calls `readinto`."""
        into = bytearray(self._size - self._position if size < 0 else size)
        return bytes(into[: self.readinto(into)])

    def readinto(self, into: Any) -> int:
        """As of any file: what was written to this object counts."""
        view = memoryview(into).cast("B")
        start = self._position
        count = max(min(len(view), self._size - start), 0)
        found = self._read_at(start, max(min(count, self._end - start), 0))
        view[:count] = found + bytes(count - len(found))
        for offset, data in self._writes:
            first, last = max(offset, start), min(offset + len(data), start + count)
            if first < last:
                view[first - start : last - start] = data[first - offset : last - offset]
        self._position += count
        return count

    def write(self, data: Any) -> int:
        """Keep what the library writes."""
        kept = bytes(data)
        self._writes.append((self._position, kept))
        self._position += len(kept)
        self._size = max(self._size, self._position)
        return len(kept)

    def truncate(self, size: int | None = None) -> int:
        """As of any file; it is never made shorter than it was."""
        self._size = max(self._position if size is None else size, self._end)
        return self._size

    def flush(self) -> None:
        """Nothing: see `commit`."""

    def steps(self) -> list[tuple[int, bytes]]:
        """What to write, as (offset, bytes), in the order that leaves a valid file after each step."""
        ordered = sorted(enumerate(self._writes), key=lambda one: (*self._rank(*one[1]), one[0]))
        return [write for _, write in ordered]

    def commit(self) -> None:
        """Write to the file what the library has written to this object. Raises OSError.

        A full disk refuses the first step, where the file grows: then the earlier rows are there, and the
        library may be asked once more.
        """
        # what an earlier process may have left behind the end
        self._file.truncate(self._end)
        self._file.truncate(self._size)
        for offset, data in self.steps():
            self._file.seek(offset)
            rest = memoryview(data)
            while rest:
                rest = rest[self._file.write(rest) :]
        os.fsync(self._file.fileno())

    def _read_at(self, offset: int, size: int) -> bytes:
        self._file.seek(offset)
        found = b""
        while len(found) < size and (piece := self._file.read(size - len(found))):
            found += piece
        return found

    def _rank(self, offset: int, data: bytes) -> tuple[int, int]:
        """The place of a write in the order; the second number orders nodes by their distance to the root."""
        if offset >= self._end:
            return 1, 0
        if offset < SUPERBLOCK_BYTES:
            return 2, 0
        if data.startswith(NODE):
            return 4, -data[LEVEL_AT]
        return (5, 0) if data.startswith(HEADER) else (3, 0)
