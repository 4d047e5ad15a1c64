"""Each plant has the response that its physics predicts."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

from pyrpl_remote.virtual import plants
from pyrpl_remote.virtual.fpga import Fpga

ASG, DSP = 0x40200000, 0x40300000
COUNTS = 8192


def set_outputs(fpga: Fpga, volts1: float, volts2: float = 0.0) -> None:
    """Constant levels on both outputs, from the generators' offsets."""
    for channel, volts in enumerate((volts1, volts2)):
        fpga.write(ASG + 4 + 0x20 * channel, [(round(volts * COUNTS) & 0x3FFF) << 16])
        fpga.write(DSP + (8 + channel) * 0x10000 + 4, [1 << channel])


def inputs(fpga: Fpga) -> np.ndarray:
    """Both inputs in volts."""
    words = np.array([fpga.read(DSP + number * 0x10000 + 0x10)[0] for number in (10, 11)], np.int64)
    return ((words ^ 0x2000) - 0x2000) / COUNTS


def after(plant: plants.Plant, volts1: float, volts2: float = 0.0, cycles: int = 200_000) -> np.ndarray:
    fpga = Fpga(plant=plant)
    set_outputs(fpga, volts1, volts2)
    fpga.advance(cycles)
    return inputs(fpga)


def test_a_cable_has_gain_delay_and_saturates():
    assert after(plants.Loopback(gain=0.5, noise_lsb=0), 0.5, -0.25) == pytest.approx(
        [0.25, -0.125], abs=2e-4
    )
    assert after(plants.Loopback(gain=3, noise_lsb=0), 0.5, -0.5) == pytest.approx([8191 / COUNTS, -1])

    fpga = Fpga(plant=plants.Loopback(delay=40, noise_lsb=0))
    set_outputs(fpga, 0.0)
    dac = fpga.record(200)
    fpga.write(ASG + 4, [1000 << 16])
    seen: list[int] = []
    while len(seen) < 100:
        seen.append(round(inputs(fpga)[0] * COUNTS))
    first_out = int(np.flatnonzero(dac[0])[0])
    first_in = 8 + 16 * next(i for i, word in enumerate(seen) if word)
    assert first_out + 40 <= first_in < first_out + 40 + 16


def test_noise_has_the_chosen_width_and_is_independent_in_both_inputs():
    fpga = Fpga(plant=plants.Loopback(noise_lsb=5))
    words = np.array([np.round(inputs(fpga) * COUNTS) for _ in range(4000)])
    assert words.std(axis=0) == pytest.approx([5, 5], rel=0.05)
    assert abs(np.corrcoef(words.T)[0, 1]) < 0.06


def test_a_low_pass_settles_with_its_time_constant():
    plant = plants.LowPass(cutoff=10e3, noise_lsb=0)
    time_constant = round(1 / (2 * np.pi * 10e3) / 8e-9)
    assert after(plant, 0.5, 0.5, time_constant)[0] == pytest.approx(0.5 * (1 - np.exp(-1)), rel=0.03)
    settled = after(plants.LowPass(cutoff=10e3, noise_lsb=0), 0.5, -0.5, 20 * time_constant)
    assert settled == pytest.approx([0.5, -0.5], abs=1e-3)


def test_a_resonator_rings_at_its_frequency():
    fpga = Fpga(plant=plants.Resonator(frequency=100e3, quality=30, gain=0.2, noise_lsb=0))
    set_outputs(fpga, 0.5)
    half_period = round(0.5 / 100e3 / 8e-9)
    fpga.advance(half_period)
    assert inputs(fpga)[0] == pytest.approx(0.2, rel=0.1)
    fpga.advance(half_period)
    assert inputs(fpga)[0] == pytest.approx(0.0, abs=0.02)
    fpga.advance(100 * half_period)
    assert inputs(fpga)[0] == pytest.approx(0.1, rel=0.02)


def test_a_cavity_reflects_and_transmits_as_an_airy_function():
    settings: dict[str, Any] = dict(
        level=0.5, depth=0.8, range_volts=0.7, finesse=20, offset=0.1, drift=0, noise_lsb=0
    )
    on_resonance = after(plants.Cavity(**settings), 0.1)
    next_resonance = after(plants.Cavity(**settings), 0.8)
    half_way_down = after(plants.Cavity(**settings), 0.1 + 0.7 / 40)
    between = after(plants.Cavity(**settings), 0.45)

    assert on_resonance == pytest.approx([0.1, 0.4], abs=0.003)
    assert next_resonance == pytest.approx(on_resonance, abs=0.003)
    assert half_way_down == pytest.approx([0.3, 0.2], abs=0.01)
    assert between == pytest.approx([0.5, 0.0], abs=0.003)


def pdh_error(volts: float) -> complex:
    """The demodulated reflection, with a modulation on out2 and the mirror at a piezo voltage."""
    fpga = Fpga(plant=plants.Cavity(offset=0.1, drift=0, bandwidth=200e3))
    set_outputs(fpga, volts)
    iq0 = DSP + 5 * 0x10000
    fpga.write(iq0, [10, 2])
    fpga.write(iq0 + 0x124, [0x8A8A])
    fpga.write(iq0 + 0x114, [1 << 16])
    fpga.write(iq0 + 0x130, [50_000, 300_000])
    fpga.write(iq0 + 0x108, [round(5e6 / 125e6 * 2**32)])
    fpga.advance(fpga.network_analyser_remaining(0) + 1)
    low, high, low_q, high_q = (int(word) & 0x7FFFFFFF for word in fpga.read(iq0 + 0x140, 4))
    i_sum, q_sum = ((value ^ 1 << 61) - (1 << 61) for value in (low | high << 31, low_q | high_q << 31))
    return complex(i_sum, q_sum)


def test_a_modulated_cavity_has_a_pound_drever_hall_signal():
    left, right = pdh_error(0.1 - 0.005), pdh_error(0.1 + 0.005)
    middle, far = pdh_error(0.1), pdh_error(0.45)
    assert abs(left - right) > 10 * abs(left + right - 2 * middle)
    assert abs(far - middle) < 0.3 * abs(left - right)


def test_the_resonance_of_a_cavity_drifts():
    drifting = plants.Cavity(drift=1.0)
    after(drifting, 0.1, cycles=1_000_000)
    assert 0 < abs(drifting.state[2]) < 0.5


def test_the_ports_of_an_interferometer_are_complementary():
    for volts in (0.1, 0.2, 0.275, 0.4):
        plant = plants.Interferometer(
            level=0.4, contrast=0.9, fringe_volts=0.7, offset=0.1, drift=0, noise_lsb=0
        )
        port1, port2 = after(plant, volts)
        assert port1 == pytest.approx(0.4 * (1 + 0.9 * np.sin(2 * np.pi * (volts - 0.1) / 0.7)), abs=0.003)
        assert port1 + port2 == pytest.approx(0.8, abs=0.002)


def test_a_users_own_function_can_be_a_plant():
    def step(out1, out2, cycle, state):
        state[0] = max(state[0], out1)
        return state[0], -out2

    plant = plants.OwnPlant(step, noise_lsb=0)
    fpga = Fpga(plant=plant)
    set_outputs(fpga, 0.5, 0.25)
    fpga.advance(1000)
    set_outputs(fpga, 0.1, 0.25)
    fpga.advance(1000)
    assert inputs(fpga) == pytest.approx([0.5, -0.25])
    plant.state[0] = 0.2
    fpga.advance(100)
    assert inputs(fpga)[0] == pytest.approx(0.2, abs=2e-4)


def test_parameters_change_while_it_runs_and_unknown_ones_are_refused():
    plant = plants.Loopback(noise_lsb=0)
    fpga = Fpga(plant=plant)
    set_outputs(fpga, 0.5)
    fpga.advance(1000)
    plant.gain = 0.5
    fpga.advance(1000)
    assert inputs(fpga)[0] == pytest.approx(0.25)
    with pytest.raises(AttributeError, match="no parameter 'gian'; it has delay, noise_lsb, gain"):
        plant.gian = 1
    with pytest.raises(ValueError, match="delay of 0 to"):
        plant.delay = 100_000


@pytest.mark.parametrize(
    ("plant", "name", "value"),
    [
        (plants.Cavity, "finesse", -20),
        (plants.Cavity, "finesse", 0),
        (plants.Cavity, "depth", 1.1),
        (plants.Cavity, "bandwidth", -1),
        (plants.Cavity, "range_volts", 0),
        (plants.Cavity, "piezo_frequency", 1e9),
        (plants.Cavity, "piezo_quality", 0),
        (plants.Cavity, "drift", -0.1),
        (plants.Cavity, "level", math.nan),
        (plants.Cavity, "offset", math.inf),
        (plants.Interferometer, "contrast", -0.1),
        (plants.Interferometer, "fringe_volts", 0),
        (plants.LowPass, "cutoff", 0),
        (plants.Resonator, "frequency", -50e3),
        (plants.Resonator, "quality", -1),
        (plants.Loopback, "noise_lsb", -1),
        (plants.Loopback, "delay", 1.5),
        (plants.Loopback, "gain", math.nan),
    ],
)
def test_a_parameter_without_physical_meaning_is_refused(plant, name, value):
    with pytest.raises(ValueError, match=rf"{name}.*{re.escape(str(value))}"):
        plant(**{name: value})
    running = plant()
    before = getattr(running, name)
    with pytest.raises(ValueError, match=name):
        setattr(running, name, value)
    assert getattr(running, name) == before


def test_the_fastest_and_least_damped_resonances_are_stable():
    for quality in plants.QUALITY:
        fpga = Fpga(plant=plants.Resonator(plants.RESONANCE_HERTZ[1], quality, gain=0.1, noise_lsb=0))
        set_outputs(fpga, 0.5)
        fpga.advance(20_000)
        assert abs(inputs(fpga)[0]) < 0.2
