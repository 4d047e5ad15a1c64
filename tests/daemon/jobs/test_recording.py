"""Recordings as the daemon runs them: what they read, what they refuse, how they go on."""

import csv
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import pytest

from pyrpl_remote import settings
from pyrpl_remote.daemon.jobs.recordings.gaps import NO_DAEMON, NO_RECORDING
from pyrpl_remote.errors import AccessDenied, BoardLinkLost, JobError, UnknownAttribute
from pyrpl_remote.machine import extras
from pyrpl_remote.protocol import Role


class Recorder:
    """Starts and stops recordings of the rig."""

    def __init__(self, rig, caller) -> None:
        self._rig, self.caller = rig, caller
        self.jobs: Any = None
        self.start_daemon()

    def start_daemon(self) -> None:
        from pyrpl_remote.daemon.jobs.jobs import Jobs

        self._rig.ending.clear()
        self.jobs = Jobs(self._rig.parts)
        self.jobs.resume()

    def end_daemon(self) -> None:
        self._rig.ending.set()
        self.jobs.end()
        self.jobs.join(20)

    def start(self, file, values=("pid0.ival", "pid0.input"), caller=None, **parameters: Any) -> int:
        whole = {"file": str(file), "values": list(values), "every": 0.01, **parameters}
        return self._rig.elsewhere(
            lambda: self.jobs.start_job(caller or self.caller, "recording", whole).data
        )

    def stop(self, number: int) -> None:
        self._rig.elsewhere(lambda: self.jobs.stop_job(self.caller, number))

    def data(self, number: int) -> dict[str, Any]:
        return self.jobs.job_data(self.caller, number).data

    def until_more(self, number: int, count: int = 3) -> None:
        """Wait for some more samples."""
        before = self.data(number).get("samples", 0)
        self._rig.until(lambda: self.data(number).get("samples", 0) >= before + count, "samples")

    def text(self) -> str:
        return self.jobs.present()[0].text


@pytest.fixture
def recorder(rig, ada) -> Iterator[Recorder]:
    settings.jobs_path("rig").unlink(missing_ok=True)
    recorder = Recorder(rig, ada)
    yield recorder
    recorder.end_daemon()
    rig.ending.clear()
    settings.jobs_path("rig").unlink(missing_ok=True)


def gaps_of(path: Path) -> list[tuple[str, int]]:
    with h5py.File(path, "r") as file:
        return [(gap["reason"].decode(), int(gap["missed"])) for gap in file["gaps"][:]]


def test_values_are_recorded_with_their_times_and_units_without_a_write_to_the_board(rig, recorder, tmp_path):
    path = tmp_path / "out.h5"
    rig.pyrpl.rp.pid0.setpoint = 0.25
    values = ["pid0.setpoint", "rp.pid0.input", "lockbox.current_state", "scope.running_state"]
    begin = time.time()
    writes = rig.modules.access_counts()[1]
    number = recorder.start(path, values)
    recorder.until_more(number)
    assert recorder.data(number)["last"]["pid0.setpoint"] == 0.25
    assert recorder.text().startswith("out.h5: ")
    recorder.stop(number)
    assert rig.modules.access_counts()[1] == writes
    with h5py.File(path) as file:
        samples = file["samples"]
        assert samples.dtype.names == ("time", *values)
        assert samples.attrs["units"][1] == "V"
        assert begin < samples["time"][0] < samples["time"][-1] < time.time()
        assert set(samples["pid0.setpoint"]) == {0.25}
        assert samples["rp.pid0.input"][0].decode() == rig.pyrpl.rp.pid0.input
        assert len(samples) == recorder.data(number)["samples"] == recorder.data(number)["in_file"]
        assert file.attrs["board"] == "rig"
        assert file.attrs["by"] == recorder.caller.label


def test_a_recording_is_continued_by_the_next_daemon_and_the_time_between_is_named(recorder, tmp_path):
    path = tmp_path / "out.h5"
    number = recorder.start(path)
    recorder.until_more(number)
    recorder.end_daemon()
    before = recorder.data(number)["in_file"]
    recorder.start_daemon()
    recorder.until_more(number)
    recorder.stop(number)
    ((reason, missed),) = [gap for gap in gaps_of(path) if gap[0] != "the daemon was busy"]
    assert reason == NO_DAEMON
    assert missed >= 0
    assert recorder.data(number)["in_file"] == before + recorder.data(number)["samples"]


def test_a_recording_ends_by_itself_after_its_duration(rig, recorder, tmp_path):
    number = recorder.start(tmp_path / "out.csv", duration=0.1)
    rig.until(lambda: not recorder.jobs.present(), "the end of the recording")
    assert recorder.jobs.jobs(recorder.caller).data[0]["state"] == "done"
    lines = (tmp_path / "out.csv").read_text().splitlines()
    rows = list(csv.reader(line for line in lines if not line.startswith("#")))
    assert rows[0] == ["time", "pid0.ival", "pid0.input"]
    assert len(rows) == 1 + recorder.data(number)["in_file"]


def test_a_file_of_the_same_values_is_continued_any_other_one_is_refused_or_replaced(recorder, tmp_path):
    path = tmp_path / "out.h5"
    first = recorder.start(path)
    with pytest.raises(JobError, match="another recording writes"):
        recorder.start(path)
    recorder.until_more(first)
    recorder.stop(first)
    second = recorder.start(path)
    recorder.until_more(second)
    recorder.stop(second)
    assert (NO_RECORDING, 0) in gaps_of(path)
    assert recorder.data(second)["in_file"] > recorder.data(second)["samples"]
    with pytest.raises(FileExistsError, match=r"recording of pid0.ival \(V\), pid0.input, not of pid0.p"):
        recorder.start(path, ["pid0.p"])
    other = tmp_path / "other.csv"
    other.write_text("mine")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        recorder.start(other)
    assert other.read_text() == "mine"
    third = recorder.start(other, overwrite=True)
    recorder.until_more(third)
    recorder.end_daemon()
    size = other.stat().st_size
    recorder.start_daemon()  # it replaces nothing
    recorder.until_more(third)
    recorder.stop(third)
    assert other.stat().st_size > size


def test_a_lost_board_is_a_gap_with_the_reason_and_the_recording_goes_on(
    rig, recorder, tmp_path, monkeypatch
):
    path = tmp_path / "out.h5"
    number = recorder.start(path)
    recorder.until_more(number)
    read = rig.dispatcher.get_many

    def lost(*args):
        raise BoardLinkLost("the cable is cut")

    monkeypatch.setattr(rig.dispatcher, "get_many", lost)
    rig.until(lambda: "waits: the board was lost (the cable is cut)" in recorder.text(), "the text")
    monkeypatch.setattr(rig.dispatcher, "get_many", read)
    recorder.until_more(number)
    assert "waits" not in recorder.text()
    recorder.stop(number)
    assert "the board was lost (the cable is cut)" in dict(gaps_of(path))


def test_what_pyrpl_cannot_read_for_a_while_is_a_gap(rig, recorder, tmp_path):
    path = tmp_path / "out.h5"
    signal = rig.pyrpl.lockbox.inputs.input1
    signal.calibration_data.min, signal.calibration_data.max = -1.0, 1.0
    number = recorder.start(path, ["lockbox.inputs.input1.relative_mean"])
    recorder.until_more(number)
    signal.calibration_data.min = 1.0
    rig.until(lambda: "waits: it cannot be read (ZeroDivisionError" in recorder.text(), "the text")
    signal.calibration_data.min = -1.0
    recorder.until_more(number)
    recorder.stop(number)
    signal.calibration_data.min = signal.calibration_data.max = 0.0
    assert any("it cannot be read (ZeroDivisionError" in reason for reason, _ in gaps_of(path))


def test_a_disk_that_is_full_is_told_and_the_recording_waits_and_goes_on(
    rig, recorder, tmp_path, monkeypatch
):
    from pyrpl_remote.daemon.jobs.recordings import writer
    from pyrpl_remote.daemon.jobs.recordings.hdf5_file import Hdf5File

    path = tmp_path / "out.h5"
    append = Hdf5File._append

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer, "WRITE_SECONDS", 0.01)
    monkeypatch.setattr(writer, "MAX_WAITING", 5)
    monkeypatch.setattr(Hdf5File, "_append", full)
    number = recorder.start(path)
    rig.until(lambda: "waits: the file could not be written (No space left" in recorder.text(), "the text")
    assert recorder.data(number)["unwritten"] == 5
    monkeypatch.setattr(Hdf5File, "_append", append)
    recorder.until_more(number)
    assert "waits" not in recorder.text()
    recorder.stop(number)
    assert "the file could not be written (No space left on device)" in dict(gaps_of(path))
    assert recorder.data(number)["in_file"] == recorder.data(number)["samples"]


def test_samples_that_cannot_be_written_at_last_are_reported(recorder, tmp_path, monkeypatch):
    from pyrpl_remote.daemon.jobs.recordings.csv_file import CsvFile

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(CsvFile, "_append", full)
    number = recorder.start(tmp_path / "out.csv")
    recorder.until_more(number)
    recorder.stop(number)
    (status,) = recorder.jobs.jobs(recorder.caller).data
    assert status["state"] == "failed"
    assert "samples could not be written: No space left on device" in status["text"]


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        (["hk.expansion_P0"], ValueError, "makes the pin an input"),
        (["networkanalyzer.iq"], ValueError, "take an iq"),
        (["pid0.pause_gains"], ValueError, "writes to the board"),
        (["scope.times"], ValueError, "no number and no text"),
        (["lockbox.inputs"], ValueError, "it is a module"),
        (["iir.zeros"], ValueError, "no number and no text"),
        (["pid0.parent"], ValueError, "no number and no text"),
        (["pid0.c"], ValueError, "no number and no text"),
        (["asg0.data"], ValueError, "no number and no text"),
        (["lockbox.inputs.input1.relative_mean"], ValueError, "cannot read it now"),
        (["pid0.nosuch"], UnknownAttribute, "pid0 has no 'nosuch'"),
        (["nosuch.p"], UnknownAttribute, "no module 'nosuch'"),
        (["pid0.setup"], UnknownAttribute, "pid0 has no 'setup'"),
        (["pid0._p"], ValueError, "no name of an attribute"),
        (["pid0.p()"], ValueError, "no name of an attribute"),
        (["pid0.p", "pid0.p"], ValueError, "named twice"),
        ([], ValueError, "1 to 100 values"),
        ([f"pid0.p{n}" for n in range(101)], ValueError, "1 to 100 values"),
        ([1], TypeError, "a list of names"),
    ],
)
def test_what_cannot_be_recorded_is_named_and_no_file_is_made(recorder, tmp_path, values, error, words):
    with pytest.raises(error, match=words):
        recorder.start(tmp_path / "out.h5", values)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("parameters", "error", "words"),
    [
        ({"every": 0.001}, ValueError, "0.01 to 86400 s"),
        ({"every": "1"}, TypeError, "number of seconds"),
        ({"every": True}, TypeError, "number of seconds"),
        ({"duration": -1}, ValueError, "duration of a recording"),
        ({"nosuch": 1}, TypeError, "no parameter nosuch"),
    ],
)
def test_what_is_no_parameter_is_refused(recorder, tmp_path, parameters, error, words):
    with pytest.raises(error, match=words):
        recorder.start(**{"file": tmp_path / "out.csv", "values": ["pid0.p"], **parameters})


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("out.txt", "ends with .h5, .hdf5, .csv"),
        ("folder/out.csv", "no plain name"),
        ("../out.csv", "no plain name"),
        ("..\\out.csv", "no plain name"),
        (".csv", "ends with"),
        (".out.csv", "no plain name"),
        ("C:out.csv", "no plain name"),
        ("out\n.csv", "no name of a file"),
        ("", "no name of a file"),
        ("x" * 1001 + ".csv", "no name of a file"),
        ("/nosuch/folder/out.csv", "there is no folder"),
    ],
)
def test_a_file_that_cannot_be_a_recordings_is_refused(recorder, file, words):
    with pytest.raises((ValueError, OSError), match=words):
        recorder.start(file)


def test_only_the_owner_chooses_a_folder_others_have_one_of_the_daemons(rig, recorder, bob, tmp_path):
    from dataclasses import replace

    operator = replace(bob, role=Role.OPERATOR)
    with pytest.raises(AccessDenied, match="choose the folder"):
        recorder.start(tmp_path / "out.csv", caller=operator)
    assert list(tmp_path.iterdir()) == []
    number = recorder.start("out.csv", caller=operator)
    recorder.until_more(number)
    assert recorder.jobs.present()[0].parameters["file"] == str(settings.recordings_dir() / "out.csv")
    recorder.end_daemon()
    recorder.start_daemon()  # the next daemon does not ask again
    recorder.until_more(number)
    recorder.stop(number)


def test_without_its_library_an_hdf5_file_is_refused_with_the_remedy(recorder, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(JobError, match="needs h5py") as caught:
        recorder.start(tmp_path / "out.h5")
    assert extras.install("daemon") in caught.value.remedy
    assert ".csv" in caught.value.remedy
    recorder.stop(recorder.start(tmp_path / "out.csv"))
