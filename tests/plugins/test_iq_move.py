"""The move of an IQ module sets a modulation and its demodulation."""

import math

import numpy as np
import pytest
from pymodaq.utils.plugin_testing import move_abs_and_wait

from pymodaq_plugins_pyrpl.daq_move_plugins.daq_move_PyRPL_IQ import DAQ_Move_PyRPL_IQ

from ..offscreen import edit, in_qt_loop, qt_until
from ..processes import wait_until

pytestmark = in_qt_loop

FREQUENCY, AMPLITUDE = 1e6, 0.5
DELAY = 32 * 8e-9
"""The delay of the cable from out1 to in1 with converters, in s."""


def settled(p, signal: str) -> float:
    """The mean of a signal once its filter has settled."""
    found = [p.rp.sampler.stats(signal, 0.01)[0]]

    def two_alike() -> bool:
        found.append(p.rp.sampler.stats(signal, 0.01)[0])
        return abs(found[-1] - found[-2]) < 1e-4

    wait_until(two_alike, what="a steady value")
    return found[-1]


@pytest.fixture
def move(p, plugin):
    """A modulation through a cable, demodulated."""
    p.rp.iq0.setup(
        frequency=0,
        bandwidth=[1e3, 1e3],
        acbandwidth=0,
        gain=0,
        phase=0,
        amplitude=0,
        quadrature_factor=1,
        input="in1",
        output_direct="out1",
        output_signal="quadrature",
    )
    move = plugin(DAQ_Move_PyRPL_IQ)
    yield move
    p.rp.iq0.setup(amplitude=0, output_direct="off")


def axis(move, name, value):
    move.axis_name = name
    return move_abs_and_wait(move, value)


@pytest.mark.parametrize(
    ("name", "target", "step", "unit"),
    [
        ("frequency", 123456.7, 125e6 / 2**32, "Hz"),
        ("phase", 33.3, 360 / 2**32, "degree"),
        ("gain", 1.25, 2.0**-11, ""),
        ("amplitude", 0.321, 2.0**-17, "V"),
        ("quadrature_factor", 12.0, 1.0, ""),
    ],
)
def test_each_axis_is_written_and_read_back(p, move, name, target, step, unit):
    move.axis_name = name
    assert move.axis_unit == unit
    reached = move_abs_and_wait(move, target)
    assert reached.value(unit) == pytest.approx(target, abs=step)
    assert getattr(p.rp.iq0, name) == reached.value(unit)


def test_amplitude_and_phase_are_those_of_the_demodulated_signal(p, move):
    axis(move, "frequency", FREQUENCY)
    axis(move, "amplitude", AMPLITUDE)
    # the modulation itself, on the scope
    p.rp.scope.setup(input1="in1", duration=2**14 * 8e-9, trigger_source="immediately", average=False)
    in1 = p.rp.scope.single(timeout=5)[0]
    assert np.sqrt(2) * in1.std() == pytest.approx(AMPLITUDE, rel=0.02)

    phases = np.arange(0, 360, 45.0)
    demodulated = []
    for phase in phases:
        axis(move, "phase", phase)
        demodulated.append(settled(p, "iq0"))
    # a sine of the phase, of half the amplitude times the quadrature factor
    vector = 2 / len(phases) * np.sum(np.array(demodulated) * np.exp(-1j * np.radians(phases)))
    assert abs(vector) == pytest.approx(AMPLITUDE / 2, rel=0.01)
    residue = demodulated - np.real(vector * np.exp(1j * np.radians(phases)))
    assert np.abs(residue).max() < 2e-3

    axis(move, "phase", 90.0)
    before = settled(p, "iq0")
    axis(move, "quadrature_factor", 3.0)
    assert settled(p, "iq0") == pytest.approx(3 * before, rel=0.01)
    # another frequency: the delay of the cable turns the phase
    angle = np.angle(vector)
    axis(move, "quadrature_factor", 1.0)
    axis(move, "frequency", FREQUENCY + 1e5)
    values = []
    for phase in (0.0, 90.0):
        axis(move, "phase", phase)
        values.append(settled(p, "iq0"))
    turned = np.angle(np.exp(1j * (np.angle(complex(values[0], -values[1])) - angle)))
    assert abs(turned) == pytest.approx(2 * math.pi * 1e5 * DELAY, abs=0.03)


def test_a_phase_below_zero_is_shown_as_the_board_has_it(p, move):
    assert axis(move, "phase", -90.0).value("degree") == pytest.approx(270, abs=1e-6)
    assert p.rp.iq0.phase == pytest.approx(270, abs=1e-6)


def test_bandwidths_are_chosen_among_those_that_the_module_offers(p, move, plugin):
    stages = move.settings.child("iq0", "bandwidth")
    offered = list(stages.child("stage_2").opts["limits"].values())
    assert set(p.rp.iq0.options_of("bandwidth")) <= set(offered)
    edit(move, "iq0", "bandwidth", "stage_2", value=offered[3])
    assert p.rp.iq0.bandwidth == [pytest.approx(1214.29, abs=0.01), pytest.approx(offered[3])]
    four = plugin(DAQ_Move_PyRPL_IQ, module="iq2").settings.child("iq2", "bandwidth")
    assert [stage.name() for stage in four.children()] == ["stage_1", "stage_2", "stage_3", "stage_4"]


def test_a_module_that_an_analyzer_uses_says_so(p, plugin):
    move = plugin(DAQ_Move_PyRPL_IQ, module="iq2")
    p.networkanalyzer.setup(start_freq=1e5, stop_freq=1e6, points=5, rbw=1e4, trace_average=1, input="in1")
    p.networkanalyzer.single(timeout=20)
    qt_until(lambda: move.settings["owner"] == "networkanalyzer", what="the owner")
    assert plugin(DAQ_Move_PyRPL_IQ, module="iq1").settings["owner"] == ""
    again = plugin(DAQ_Move_PyRPL_IQ, module="iq2")
    qt_until(lambda: again.settings["owner"] == "networkanalyzer", what="the owner at init")
