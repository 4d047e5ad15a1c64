"""The outputs of an FPGA are compared with those of a copy: equal until something is written."""

from __future__ import annotations

import pytest

from pyrpl_remote.virtual.fpga import Fpga
from pyrpl_remote.virtual.output_watch import BLOCK, OutputWatch
from pyrpl_remote.virtual.plants import Cavity, Loopback

PID0 = 0x40300000
INPUT, OUTPUT, SETPOINT, P = 0x0, 0x4, 0x104, 0x108
IN1, OUT1 = 10, 1


@pytest.fixture(params=[Loopback, Cavity])
def fpga(request):
    """A PID whose output shows the noise of its input, with a plant of memory and one without."""
    fpga = Fpga(plant=request.param())
    for register, word in ((INPUT, IN1), (SETPOINT, 100), (P, 2048), (OUTPUT, OUT1)):
        fpga.write(PID0 + register, [word])
    fpga.advance(1000)
    return fpga


def test_reading_changes_no_word_of_the_outputs(fpga):
    watch = OutputWatch(fpga)
    for cycles in (7, 1000, 33_333):
        fpga.advance(cycles)
        fpga.read(PID0 + P)
        watch.advanced()
    result = watch.result()
    assert (result["differing"], result["first"], result["missed"]) == (0, None, 0)
    assert result["cycles"] == 7 + 1000 + 33_333 + 3 * 8
    assert result["changes"] > 1000


def test_each_word_that_differs_is_counted(fpga):
    watch = OutputWatch(fpga)
    fpga.advance(5000)
    fpga.write(PID0 + SETPOINT, [101])
    fpga.advance(5000)
    result = watch.result()
    assert result["differing"] > 1000
    assert 5000 <= result["first"] < 5100


def test_words_that_could_not_be_recorded_are_told(fpga):
    watch = OutputWatch(fpga)
    fpga.advance(BLOCK + 5)
    assert watch.result()["missed"] == 5
