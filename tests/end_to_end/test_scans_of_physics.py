"""Scans in PyMoDAQ's dashboard measure a low-pass filter's corner, and a loop that follows its set point."""

import numpy as np
import pytest

from pymodaq_plugins_pyrpl import config
from pyrpl_remote import connect

from ..boards import running_board
from ..dashboards import initialize, later, scanner, scans
from ..offscreen import actuator, detector, set_setting

pytestmark = scans

CORNER = 100e3
"""The -3 dB frequency of the plant, in Hz."""


@pytest.fixture(scope="module")
def p():
    with running_board("--plant", "lowpass") as board:
        board.control.plant("lowpass", cutoff=CORNER)
        where = {"hostname": board.host, "sshport": board.ssh_port, "port": board.monitor_port}
        config["boards", "virtual"] = where
        with connect("virtual", **where) as p:
            yield p
        config["boards", "virtual"] = {}


@pytest.fixture(scope="module")
def opened(p, tmp_path_factory):
    groups = [
        later(
            [
                actuator("Frequency", "PyRPL_IQ", 1, "frequency"),
                detector("IQ", "PyRPL_IQ", 1, master=False, dimensions=0),
            ]
        ),
        [
            actuator("Set point", "PyRPL_PID", 2, "setpoint"),
            detector("Sampler", "PyRPL_Sampler", 2, master=False, dimensions=0),
        ],
    ]
    with scanner(tmp_path_factory.mktemp("scans"), *groups) as (scan, modules):
        for name in ("Frequency", "IQ"):
            initialize(modules[name], module="iq2")
        # longer than the loop and the filter of iq2 need
        scan.extension.settings.child("time_flow", "wait_time_between").setValue(10)
        yield scan, modules


def test_frequency_against_iq_amplitude_shows_the_filters_corner(p, opened):
    scan, modules = opened
    p.rp.iq2.setup(
        input="in1",
        output_direct="out1",
        output_signal="quadrature",
        amplitude=0.5,
        gain=0,
        phase=0,
        bandwidth=[1000, 1000],
        acbandwidth=0,
        quadrature_factor=1,
    )
    set_setting(modules["IQ"], "time", value=0.01)
    frequencies = np.geomspace(10e3, 400e3, 9)
    amplitudes = scan.run(["IQ"], Frequency=frequencies).of("IQ", "Amplitude")
    p.rp.iq2.setup(output_direct="off", amplitude=0)
    # 1 / amplitude^2 = (1 + (f / corner)^2) / amplitude(0)^2
    slope, zero = np.polyfit(frequencies**2, amplitudes.ravel() ** -2, 1, w=amplitudes.ravel() ** 2)
    assert np.sqrt(zero / slope) == pytest.approx(CORNER, rel=0.05)
    assert zero**-0.5 == pytest.approx(0.5, rel=0.03)


def test_set_point_against_sampler(p, opened):
    scan, modules = opened
    p.rp.pid0.setup(input="in1", output_direct="out1", p=0, i=-1000, ival=0, setpoint=0)
    set_setting(modules["Sampler"], "time", value=0.01)
    points = np.linspace(-0.4, 0.4, 9)
    measured = scan.run(["Sampler"], **{"Set point": points}).of("Sampler", "in1").ravel()
    p.rp.pid0.setup(input="off", output_direct="off", i=0, ival=0)
    slope, zero = np.polyfit(points, measured, 1)
    assert slope == pytest.approx(1, rel=0.01)
    assert zero == pytest.approx(0, abs=2e-3)
