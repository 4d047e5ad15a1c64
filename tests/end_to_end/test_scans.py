"""Scans in PyMoDAQ's dashboard: what the file contains is the physics of the board."""

import numpy as np
import pytest

from pyrpl_remote import connect

from ..dashboards import scanner, scans
from ..offscreen import actuator, detector, qt_until, set_setting

pytestmark = scans

FREQUENCY = 12345.0


@pytest.fixture(scope="module")
def p():
    with connect("virtual") as p:
        p.rp.asg0.setup(
            frequency=FREQUENCY,
            amplitude=0.5,
            offset=0,
            waveform="sin",
            output_direct="out1",
            trigger_source="immediately",
        )
        p.rp.scope.setup(
            input1="in1", input2="asg1", duration=1e-3, trigger_source="immediately", trace_average=1
        )
        yield p


@pytest.fixture(scope="module")
def scan(p, tmp_path_factory):
    """A scanner with actuators of asg0 and a scope that share one connection."""
    group = [
        actuator("Amplitude", "PyRPL_ASG", 1, "amplitude"),
        actuator("Offset", "PyRPL_ASG", 1, "offset", master=False),
        detector("Scope", "PyRPL_Scope", 1, master=False),
    ]
    with scanner(tmp_path_factory.mktemp("scans"), group) as (scan, modules):
        assert all(module.initialized_state for module in modules.values())
        durations = modules["Scope"].settings.child("detector_settings", "scope", "duration").opts["limits"]
        set_setting(modules["Scope"], "scope", "duration", value=durations["1.04858 ms"])
        qt_until(lambda: p.rp.scope.duration < 1.1e-3, what="the setting")
        yield scan


def test_amplitude_against_rms(scan):
    amplitudes = np.linspace(0.1, 0.9, 9)
    scanned = scan.run(["Scope"], Amplitude=amplitudes)
    assert scanned.axes["Amplitude"] == pytest.approx(amplitudes)
    slope, zero = np.polyfit(amplitudes, scanned.of("Scope", "Ch1 (in1)").std(axis=1), 1)
    assert slope == pytest.approx(1 / np.sqrt(2), rel=0.01)
    assert zero == pytest.approx(0, abs=2e-3)


def test_two_dimensions(scan):
    amplitudes, offsets = np.linspace(0.1, 0.4, 4), np.linspace(-0.2, 0.2, 3)
    scanned = scan.run(["Scope"], Amplitude=amplitudes, Offset=offsets)
    assert scanned.axes["Amplitude"] == pytest.approx(amplitudes)
    assert scanned.axes["Offset"] == pytest.approx(offsets)
    traces = scanned.of("Scope", "Ch1 (in1)")
    assert traces.shape[:2] == (4, 3)
    assert traces.mean(axis=2) == pytest.approx(np.tile(offsets, (4, 1)), abs=0.02)
    assert traces.std(axis=2) == pytest.approx(np.tile(amplitudes[:, None] / np.sqrt(2), 3), rel=0.03)


def test_averages(scan):
    amplitudes = np.linspace(0.2, 0.8, 4)
    scanned = scan.run(["Scope"], average=3, Amplitude=amplitudes)
    traces = scanned.of("Scope", "Ch1 (in1)")
    assert traces.shape[:2] == (3, 4)
    assert traces.std(axis=2) == pytest.approx(np.tile(amplitudes / np.sqrt(2), (3, 1)), rel=0.02)
    # each average is an acquisition of its own: the noise and the phase of the sine differ
    assert not np.array_equal(traces[0], traces[1])
