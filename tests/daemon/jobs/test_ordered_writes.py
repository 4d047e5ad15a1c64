"""A recording in an HDF5 file is complete after each single write: a process may be killed anywhere."""

import io
import os

import h5py
import numpy as np
import pytest

from pyrpl_remote.daemon.jobs.recordings.columns import Column
from pyrpl_remote.daemon.jobs.recordings.gaps import Gap
from pyrpl_remote.daemon.jobs.recordings.hdf5_file import OLDEST, Hdf5File
from pyrpl_remote.daemon.jobs.recordings.ordered_writes import OrderedWrites
from pyrpl_remote.daemon.jobs.recordings.recording_file import About

ABOUT = About("lab", "rp-f08d6c.local", 0.1, 1e9, "notebook")
COLUMNS = [Column("pid0.ival", "V"), Column("lockbox.current_state", "", "text")]


@pytest.fixture
def path(tmp_path, monkeypatch):
    # small chunks, so that their index grows soon
    monkeypatch.setattr("pyrpl_remote.daemon.jobs.recordings.hdf5_file.CHUNK_BYTES", 16)
    return tmp_path / "out.h5"


def samples(first: int, count: int) -> list[tuple]:
    return [(float(n), n / 8, b"lock") for n in range(first, first + count)]


def check(content: bytes, count: int, gaps: int) -> None:
    """The file with this content can be opened, and has at least so many samples and gaps, all as written."""
    with h5py.File(io.BytesIO(content), "r") as file:
        rows, since = file["samples"][:], file["gaps"]["since"]
        assert len(rows) >= count
        assert np.array_equal(rows["time"], np.arange(len(rows)))
        assert np.array_equal(rows["pid0.ival"], np.arange(len(rows)) / 8)
        assert len(since) >= gaps
        assert np.array_equal(since, np.arange(len(since)))


def test_a_file_can_be_opened_after_each_single_write(path, monkeypatch):
    file = Hdf5File.create(path, COLUMNS, ABOUT)
    gaps = states = 0
    levels: set[int] = set()

    def commit(writes: OrderedWrites) -> None:
        nonlocal states
        content = bytearray(path.read_bytes())
        end = len(content)
        for offset, data in writes.steps():
            content.extend(bytes(max(offset + len(data) - len(content), 0)))
            content[offset : offset + len(data)] = data
            levels.update({data[5]} if data.startswith(b"TREE") else ())
            if offset < end:  # nothing refers to what is behind the end
                check(bytes(content), file.count, gaps)
                states += 1
        committed(writes)
        assert path.read_bytes() == content

    committed = OrderedWrites.commit
    monkeypatch.setattr(OrderedWrites, "commit", commit)
    for batch in range(36):
        # the index of chunks gets a second level after 64 of them, and a third leaf after 96
        named = [Gap(float(gaps), gaps + 0.5, 1, "busy")] if batch % 3 == 0 else []
        file.append(samples(file.count, 50), named)
        gaps += len(named)
    check(path.read_bytes(), 1800, 12)
    assert states > 200
    assert levels == {0, 1}
    again = Hdf5File.open(path)
    assert (again.count, again.columns, again.last) == (file.count, COLUMNS, file.count - 1.0)


def test_what_a_killed_process_left_behind_the_end_is_overwritten(path):
    file = Hdf5File.create(path, COLUMNS, ABOUT)
    file.append(samples(0, 5), [])
    with open(path, "ab") as left:
        left.write(os.urandom(5000))
    file.append(samples(5, 40), [Gap(0.0, 0.5, 1, "busy")])
    check(path.read_bytes(), 45, 1)


def test_a_disk_that_is_full_leaves_the_earlier_samples_and_the_rest_can_be_written_later(path, monkeypatch):
    file = Hdf5File.create(path, COLUMNS, ABOUT)
    file.append(samples(0, 50), [])

    class Full(io.FileIO):
        def write(self, data):
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("builtins.open", lambda *args, **kwargs: Full(path, "r+"))
        with pytest.raises(OSError, match="No space left"):
            file.append(samples(50, 50), [])
    check(path.read_bytes(), 50, 0)
    assert file.count == 50
    file.append(samples(50, 50), [])
    check(path.read_bytes(), 100, 0)


@pytest.mark.parametrize("content", [b"", b"\x89HDF", b"time,pid0.ival\n" * 20])
def test_any_other_file_is_refused(tmp_path, content):
    path = tmp_path / "x.h5"
    path.write_bytes(content)
    with open(path, "r+b", buffering=0) as file, pytest.raises(OSError, match="no HDF5 file"):
        OrderedWrites(file)
    assert path.read_bytes() == content


def test_a_file_that_was_cut_is_refused(path):
    Hdf5File.create(path, COLUMNS, ABOUT).append(samples(0, 50), [])
    os.truncate(path, path.stat().st_size - 10)
    with open(path, "r+b", buffering=0) as file, pytest.raises(OSError, match="shorter"):
        OrderedWrites(file)


def test_the_library_reads_back_what_it_has_written_before_anything_is_in_the_file(path):
    Hdf5File.create(path, COLUMNS, ABOUT).append(samples(0, 50), [])
    before = path.read_bytes()
    with open(path, "r+b", buffering=0) as opened:
        writes = OrderedWrites(opened)
        with h5py.File(writes, "r+", libver=OLDEST) as file:
            file["samples"][3] = (99.0, 1.0, b"")
            file.flush()
        with h5py.File(writes, "r", libver=OLDEST) as file:
            assert file["samples"][3]["time"] == 99.0
        writes.seek(0)
        assert writes.read(8) == b"\x89HDF\r\n\x1a\n"
        assert writes.tell() == 8
    assert path.read_bytes() == before
