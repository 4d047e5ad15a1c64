"""The FPGA model outputs, cycle for cycle, the integers that were recorded from PyRPL's gateware.

tests/data/gateware/README.md describes the format of the recordings; `--vectors DIR` compares another folder.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from pyrpl_remote.virtual.fpga import Fpga
from pyrpl_remote.virtual.plants import Loopback

RECORDED = Path(__file__).parent.parent / "data" / "gateware"


def pytest_generate_tests(metafunc):
    folder = Path(metafunc.config.getoption("vectors") or RECORDED)
    files = sorted(folder.glob("*.npz"))
    if not files:
        raise pytest.UsageError(f"no recorded programs (*.npz) in {folder}")
    metafunc.parametrize("path", files, ids=[file.stem for file in files])


def board(adc: np.ndarray) -> Fpga:
    """An FPGA whose inputs are wired as the recording says: an array of words, or a delayed loop."""
    if adc.ndim == 2:
        return Fpga(adc=adc)
    wiring = json.loads(str(adc))
    assert wiring["kind"] == "loopback"
    return Fpga(plant=Loopback(delay=wiring["delay"], noise_lsb=0))


def difference(fpga: Fpga, operations: list, reads: list) -> str:
    """Carry out the program; returns a description of the first word read that differs, empty without one."""
    expected = iter(reads)
    first = ""
    for operation, *arguments in operations:
        if operation == "w":
            fpga.write(*arguments)
        elif operation == "adv":
            fpga.advance(*arguments)
        elif operation == "x":
            fpga.set_external(*arguments)
        else:
            assert operation == "r"
            address, n = arguments
            cycle = fpga.cycle
            words = fpga.read(address, n)
            recorded = np.array(next(expected), np.uint32)
            if not first and (wrong := np.flatnonzero(words != recorded)).size:
                i = wrong[0]
                where = f"cycle {cycle + 8 * i}: {address + 4 * i:#x}"
                first = f"{where} reads {words[i]:#x}, recorded {recorded[i]:#x}"
    return first


def test_every_word_of_reads_and_outputs_is_the_recorded_one(path):
    recording = np.load(path)
    cycles = int(recording["cycles"])
    fpga = board(recording["adc"])
    dac = fpga.record(cycles)

    wrong_read = difference(fpga, json.loads(str(recording["ops"])), json.loads(str(recording["reads"])))

    first, recorded = int(recording["dac_first"]), recording["dac"]
    compared = dac[:, first : first + recorded.shape[1]]
    for column in np.flatnonzero((compared != recorded).any(axis=0))[:1]:
        pytest.fail(
            f"cycle {first + column}: outputs {compared[:, column]}, recorded {recorded[:, column]}; "
            f"first wrong read: {wrong_read or 'none'}"
        )
    assert not wrong_read
    assert fpga.cycle == cycles
    assert hashlib.sha256(dac.astype("<i2").tobytes()).hexdigest() == str(recording["dac_sha256"]), (
        "the outputs differ in a cycle that is not recorded word for word"
    )
