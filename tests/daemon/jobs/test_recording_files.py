"""The files of recordings: what they have, how they are continued, and which files are left alone."""

import csv
import io

import h5py
import numpy as np
import pytest

from pyrpl_remote.daemon.jobs.recordings.columns import Column
from pyrpl_remote.daemon.jobs.recordings.csv_file import CsvFile
from pyrpl_remote.daemon.jobs.recordings.gaps import Gap
from pyrpl_remote.daemon.jobs.recordings.hdf5_file import Hdf5File
from pyrpl_remote.daemon.jobs.recordings.recording_file import About, NoRecording

ABOUT = About("lab", "rp-f08d6c.local", 0.5, 1e9, "notebook (pid 42, ada at lab1)")
COLUMNS = [Column("pid0.ival", "V"), Column('a "b", c'), Column("state", "", "text")]
ROWS = [(1000.125, 0.1, float("nan"), b"lock"), (1000.625, -2e-9, 1.0, "\u00b5 #1".encode())]
GAP = Gap(1000.625, 1003.125, 4, "the board was lost (no,\nanswer)")

FORMATS = {"x.h5": Hdf5File, "x.csv": CsvFile}


@pytest.fixture(params=FORMATS)
def path(request, tmp_path):
    return tmp_path / request.param


@pytest.fixture
def kind(path):
    return FORMATS[path.name]


def test_a_file_is_continued_with_its_columns_count_and_last_time(path, kind):
    new = kind.create(path, COLUMNS, ABOUT)
    assert (new.count, new.last) == (0, None)
    assert kind.open(path).last is None
    new.append(ROWS, [])
    again = kind.open(path)
    assert (again.count, again.last, again.columns) == (2, 1000.625, COLUMNS)
    again.append([], [GAP])
    assert again.last == kind.open(path).last == 1003.125
    again.append([(1003.125, *ROWS[0][1:])], [])
    assert (kind.open(path).count, kind.open(path).last) == (3, 1003.125)
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_an_hdf5_file_has_samples_units_and_gaps(tmp_path):
    path = tmp_path / "x.h5"
    Hdf5File.create(path, COLUMNS, ABOUT).append(ROWS, [GAP])
    with h5py.File(path) as file:
        assert dict(file.attrs) == {"format": "pyrpl_remote recording 1", **vars(ABOUT)}
        read = file["samples"]
        assert read.dtype.names == ("time", "pid0.ival", 'a "b", c', "state")
        assert list(read.attrs["units"]) == ["s", "V", "", ""]
        assert read["time"].tolist() == [1000.125, 1000.625]
        assert [text.decode() for text in read["state"]] == ["lock", "\u00b5 #1"]
        assert np.isnan(read['a "b", c'][0])
        ((since, until, missed, reason),) = file["gaps"][:].tolist()
        assert (since, until, missed) == (1000.625, 1003.125, 4)
        assert reason.decode() == GAP.reason


def test_a_csv_file_has_samples_units_and_gaps(tmp_path):
    path = tmp_path / "x.csv"
    CsvFile.create(path, COLUMNS, ABOUT).append(ROWS, [GAP])
    lines = path.read_text().splitlines()
    assert "# units: s,V,," in lines
    assert lines[-1] == '# gap: 1000.625,1003.125,4,"the board was lost (no, answer)"'
    table = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert table[1] == {"time": "1000.625", "pid0.ival": "-2e-09", 'a "b", c': "1.0", "state": "\u00b5 #1"}
    numbers = np.genfromtxt(io.StringIO("\n".join(lines[:7])), delimiter=",", skip_header=6, usecols=(0, 1))
    assert numbers.tolist() == [1000.125, 0.1]


def test_a_line_that_was_not_written_completely_is_removed(tmp_path):
    path = tmp_path / "x.csv"
    CsvFile.create(path, COLUMNS, ABOUT).append(ROWS, [])
    whole = path.read_bytes()
    path.write_bytes(whole + b"1003.1")
    again = CsvFile.open(path)
    assert (again.count, again.last) == (2, 1000.625)
    assert path.read_bytes() == whole


def test_a_csv_file_on_a_full_disk_keeps_its_lines(tmp_path, monkeypatch):
    path = tmp_path / "x.csv"
    file = CsvFile.create(path, COLUMNS, ABOUT)
    whole = path.read_bytes()

    class Full(io.FileIO):
        def write(self, data):
            super().write(bytes(data)[:10])
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("builtins.open", lambda *args, **kwargs: Full(path, "r+"))
        with pytest.raises(OSError, match="No space left"):
            file.append(ROWS, [])
    assert path.read_bytes() == whole
    assert file.count == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.h5", b""),
        ("x.h5", b"time,p\n"),
        ("x.csv", b""),
        ("x.csv", b"time,p\n1,2\n"),
        ("x.csv", b"# pyrpl_remote recording 1\n"),
        ("x.csv", b"# pyrpl_remote recording 1\n# units: s\n# kinds: number\ntime,p\n"),
        ("x.csv", b"# pyrpl_remote recording 1\n# units: s,V\n# kinds: number,x\ntime,p\n"),
        ("x.csv", b"# pyrpl_remote recording 1\n# units: s,V\n# kinds: number,number\ntime,p\nhello,1\n"),
        ("x.csv", b"# pyrpl_remote recording 1\n# units: s,V\n# kinds: number,number\ntime,p\n# gap: 1\n"),
    ],
)
def test_what_is_no_recording_is_left_alone(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(NoRecording):
        FORMATS[name].open(path)
    assert path.read_bytes() == content


def test_an_hdf5_file_of_another_program_is_left_alone(tmp_path):
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        file["samples"] = [1.0]
    content = path.read_bytes()
    with pytest.raises(NoRecording, match="no recording"):
        Hdf5File.open(path)
    assert path.read_bytes() == content
