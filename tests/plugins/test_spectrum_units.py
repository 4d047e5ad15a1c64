"""Spectra in numbers: the heights of lines, the level of noise, and fewer points."""

import numpy as np
import pytest

from pymodaq_plugins_pyrpl.hardware.instruments.spectrum import (
    UNITS,
    Groups,
    converted,
    is_density,
    labelled,
    physical_unit,
    thinned,
)

RBW = 400.0


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        ("Vpk", 0.5),
        ("Vpk^2", 0.25),
        ("dB(Vpk^2)", 10 * np.log10(0.25)),
        ("Vrms", 0.5 / np.sqrt(2)),
        ("Vrms^2", 0.125),
        ("dB(Vrms^2)", 10 * np.log10(0.125)),
        ("Vrms^2/Hz", 0.125 / RBW),
        ("dB(Vrms^2/Hz)", 10 * np.log10(0.125 / RBW)),
        # PyRPL's own divides by the bandwidth itself: 0.00088
        ("Vrms/sqrt(Hz)", 0.5 / np.sqrt(2) / 20),
    ],
)
def test_a_sine_of_half_a_volt_in_every_unit(unit, value):
    assert converted(np.array([0.25]), unit, RBW) == pytest.approx([value])


def test_nothing_at_all_is_no_warning_and_no_infinity():
    with np.errstate(all="raise"):
        for unit in UNITS:
            assert np.isfinite(converted(np.zeros(3), unit, RBW)).all()


def test_white_noise_has_its_density_whatever_the_window():
    random = np.random.default_rng(1)
    rate, sigma, length = 1e6, 1e-3, 4096
    for window in (np.ones(length), np.blackman(length)):
        weights = 2 * window / window.sum()
        rbw = rate * np.sum(window**2) / window.sum() ** 2
        power = np.mean(
            [np.abs(np.fft.rfft(random.normal(0, sigma, length) * weights)) ** 2 for _ in range(50)], axis=0
        )
        density = converted(power, "Vrms/sqrt(Hz)", rbw)
        assert np.mean(density[10:-10]) == pytest.approx(sigma * np.sqrt(2 / rate), rel=0.02)


def test_units_are_units_for_pymodaq():
    from pymodaq.utils.data import DataFromPlugins

    units = {unit: physical_unit(unit, "mW") for unit in UNITS}
    assert units["Vrms/sqrt(Hz)"] == "mW/Hz**0.5"
    assert (units["Vpk"], units["dB(Vrms^2)"]) == ("mW", "dB")
    for unit in units.values():
        DataFromPlugins(name="x", data=[np.zeros(3)], units=unit).units_as(unit)
    assert labelled("dB(Vrms^2/Hz)", "mW") == "dB(mWrms^2/Hz)"


@pytest.mark.parametrize("length", [131073, 262144, 5, 1])
def test_a_thinned_spectrum_keeps_its_frequencies_and_its_highest_points(length):
    frequencies = np.arange(length, dtype=float)
    power = np.random.default_rng(2).random(length)
    for most in (8192, 1000, 10**9):
        groups = Groups(length, most)
        centres, highest = groups.centres(frequencies), groups.highest(power)
        assert len(centres) == len(highest) <= most + 1
        assert len(centres) > min(most, length) / 2 - 1
        assert centres[0] == 0 and len(set(np.diff(centres))) <= 1
        assert highest.max() == power.max()
        step = centres[1] if len(centres) > 1 else length
        at = np.argmax(power)
        assert abs(centres[np.argmax(highest)] - at) <= max(step / 2, at - centres[-1])


def test_the_middle_of_a_spectrum_around_a_centre_remains_a_point():
    frequencies = np.fft.fftshift(np.fft.fftfreq(2**18, 1e-6)) + 1e6
    assert 1e6 in Groups(2**18, 4096).centres(frequencies)


def test_a_line_keeps_its_height_and_noise_its_level():
    random = np.random.default_rng(3)
    noise = random.exponential(2.0, 131073)
    groups = Groups(len(noise), 8192)
    assert np.mean(thinned(noise, groups, "Vrms^2/Hz")) == pytest.approx(2.0, rel=0.02)
    assert np.mean(thinned(noise, groups, "Vrms^2")) > 4
    noise[70_000] = 100.0
    assert thinned(noise, groups, "Vpk").max() == 100.0


def test_a_cross_spectrum_keeps_the_phase_of_its_highest_points():
    cross = np.full(2049, 0.01 + 0j)
    cross[1000] = 3j
    groups = Groups(len(cross), 128)
    highest = groups.highest(cross)
    assert highest[np.argmax(np.abs(highest))] == 3j
    # what is not in common averages out
    phases = np.exp(1j * np.random.default_rng(4).uniform(0, 2 * np.pi, 2049))
    assert np.mean(np.abs(thinned(phases, groups, "Vrms^2/Hz"))) < 0.4


def test_only_units_per_bandwidth_are_densities():
    assert {unit for unit in UNITS if is_density(unit)} == {"Vrms/sqrt(Hz)", "Vrms^2/Hz", "dB(Vrms^2/Hz)"}
