"""Snaps and grabs beside another program's acquisition: it goes on, and frames are taken from it."""

import subprocess
import threading
import time

import numpy as np
import pytest
from pymodaq.utils.plugin_testing import grab_and_wait

from pymodaq_plugins_pyrpl.daq_viewer_plugins.plugins_1D.daq_1Dviewer_PyRPL_Scope import (
    DAQ_1DViewer_PyRPL_Scope,
)

from ..offscreen import edit, in_qt_loop
from ..processes import python_command, wait_until

pytestmark = in_qt_loop


@pytest.fixture
def scope(p, plugin):
    p.rp.asg0.setup(
        waveform="dc", offset=0, amplitude=0, output_direct="off", trigger_source="immediately", frequency=0
    )
    p.rp.scope.setup(
        input1="asg0",
        input2="in2",
        trigger_source="immediately",
        trace_average=1,
        duration=1e-3,
        rolling_mode=False,
    )
    made = plugin(DAQ_1DViewer_PyRPL_Scope)
    edit(made, "scope", "duration", value=p.rp.scope.durations[3])
    yield made
    p.rp.scope.stop()


def frames_of(p, seconds=1.0):
    """How many curves come within some time."""
    frames: list = []
    with p.rp.scope.on_curve(frames.append):
        time.sleep(0)
        end = time.monotonic() + seconds
        while time.monotonic() < end and len(frames) < 3:
            time.sleep(0.01)
    return len(frames)


@pytest.fixture
def colleague(p):
    """Another program that acquires continuously until its end."""
    lines = """
        from pyrpl_remote import connect
        p = connect("virtual")
        p.rp.scope.continuous()
        print("runs", flush=True)
        input()
    """
    command = python_command(lines)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "runs\n"
        yield process
        process.communicate("\n")


def test_a_snap_beside_a_continuous_acquisition_takes_a_curve_of_it(scope, p, colleague):
    grab_and_wait(scope)
    assert p.rp.scope.running_state == "running_continuous"
    assert frames_of(p) == 3


def test_such_a_snap_shows_what_was_set_before_it(scope, p, colleague):
    for value in np.linspace(-0.5, 0.5, 6):
        p.rp.asg0.offset = value
        (voltage,) = grab_and_wait(scope)
        assert np.ptp(voltage.data[0]) < 1e-3
        assert voltage.data[0].mean() == pytest.approx(value, abs=1e-3)


def test_such_a_snap_with_averages_shows_nothing_of_before(scope, p, colleague):
    p.rp.scope.trace_average = 4
    p.rp.scope.continuous()
    for value in (0.5, -0.5):
        p.rp.asg0.offset = value
        (voltage,) = grab_and_wait(scope)
        assert voltage.data[0].mean() == pytest.approx(value, abs=2e-3)


def test_a_grab_beside_it_leaves_it_running(scope, p, colleague):
    for _ in range(3):
        grab_and_wait(scope, live=True)
    scope.stop()
    wait_until(lambda: scope.acquisition._subscription is None, what="the grab's end")
    assert p.rp.scope.running_state == "running_continuous"


def test_a_grab_alone_starts_it_and_stops_it(scope, p):
    p.rp.scope.stop()
    frames = [grab_and_wait(scope, live=True) for _ in range(3)]
    assert p.rp.scope.running_state == "running_continuous"
    assert len(frames) == 3
    scope.stop()
    wait_until(lambda: p.rp.scope.running_state == "stopped", what="the end of the acquisition")


def test_a_snap_acquires_again_after_another_program_has_changed_a_setting(scope, p):
    p.rp.scope.stop()
    edit(scope, "scope", "trigger_source", value="ch1_positive_edge")
    edit(scope, "scope", "threshold", value=0.9)

    def change():
        wait_until(lambda: p.rp.scope.running_state == "running_single", what="the snap")
        p.rp.scope.trigger_source = "immediately"

    thread = threading.Thread(target=change)
    thread.start()
    assert len(grab_and_wait(scope)) == 1
    thread.join()


def test_traces_can_be_reduced_and_shown_against_each_other(scope, p):
    p.rp.scope.stop()
    scope.settings.child("traces").setValue("decimated (1024 points)")
    (voltage,) = grab_and_wait(scope)
    assert [len(trace) for trace in voltage.data] == [1024, 1024]
    edit(scope, "scope", "xy_mode", value=True)
    (voltage,) = grab_and_wait(scope)
    assert voltage.labels == ["Ch2 (in2) (V)"]
    assert voltage.axes[0].label == "Ch1 (asg0) (V)"
    edit(scope, "scope", "xy_mode", value=False)


def test_the_jumpers_of_an_input_apply_to_its_trace_and_its_label(scope, p):
    p.rp.scope.stop()
    edit(scope, "scope", "input2", value="in2")
    p.rp.asg0.setup(waveform="dc", offset=0.1, output_direct="out2")
    (voltage,) = grab_and_wait(scope)
    low = voltage.data[1].mean()
    group = scope.settings.child("ranges", "in2")
    group.child("range").setValue("HV (±20 V)")
    group.child("unit").setValue("mV")
    group.child("factor").setValue(1000.0)
    inside, outside = grab_and_wait(scope)
    assert (inside.labels, outside.labels, outside.units) == (["Ch1 (asg0) (V)"], ["Ch2 (in2) (mV)"], "mV")
    assert outside.data[0].mean() == pytest.approx(20_000 * low, rel=0.02)
    p.rp.asg0.output_direct = "off"
