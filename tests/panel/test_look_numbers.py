"""The Look pages in numbers: fewer points for the screen, what cursors read, exported files read back."""

import json
import time

import numpy as np
import pytest

from pymodaq_plugins_pyrpl.panel.look.curves import Curves, SpectrumTrace, Trace
from pymodaq_plugins_pyrpl.panel.look.export import save
from pymodaq_plugins_pyrpl.panel.look.readings import inverse, ratio, rows, shown, value_at
from pymodaq_plugins_pyrpl.panel.look.reduction import Reduction, View

EVERYTHING = View(-np.inf, np.inf, 800)


def test_no_peak_of_one_point_is_lost_on_a_screen_of_800_pixels():
    x, y = np.linspace(0, 1, 16384), np.random.default_rng(1).normal(0, 1e-3, 16384)
    y[[5000, 12345]] = 1.0, -1.0
    shown_x, shown_y = Reduction(x, EVERYTHING).envelope(y)
    assert len(shown_x) == len(shown_y) <= 1600
    assert (shown_y.max(), shown_y.min()) == (1.0, -1.0)
    assert abs(shown_x[np.argmax(shown_y)] - x[5000]) < 1 / 700
    assert (np.diff(shown_x) >= 0).all()


def test_all_points_are_drawn_where_there_is_room_and_some_beyond_the_edges():
    x = np.arange(1000.0)
    shown_x, shown_y = Reduction(x, View(100.5, 200.5, 800)).envelope(x**2)
    assert (shown_x[0], shown_x[-1]) == (100, 201)
    assert np.array_equal(shown_y, shown_x**2)


def test_a_logarithmic_axis_has_points_in_every_decade_of_a_linear_sweep():
    x = np.arange(0.0, 1e6, 10.0)
    shown_x, _ = Reduction(x, View(-np.inf, np.inf, 500, log=True)).envelope(np.ones_like(x))
    for decade in (10, 100, 1e3, 1e4, 1e5):
        assert ((shown_x >= decade) & (shown_x < 10 * decade)).sum() >= 9


def test_points_that_are_not_measured_are_left_out():
    y = np.ones(4000)
    y[:1000] = np.nan
    shown_x, shown_y = Reduction(np.arange(4000.0), EVERYTHING).envelope(y)
    assert np.isfinite(shown_y).all() and shown_x[0] >= 995


def test_a_spectrum_shows_the_height_of_a_line_and_the_level_of_noise():
    power = np.random.default_rng(2).exponential(2e-6, 131073)
    x, rbw = np.arange(131073.0), 100.0
    reduction = Reduction(x, EVERYTHING)
    _, noise = SpectrumTrace("in1", "Vrms/sqrt(Hz)", power, rbw).reduced(reduction)
    # not PyRPL's, which divides by the bandwidth itself
    assert np.mean(noise**2) == pytest.approx(2e-6 / 2 / rbw, rel=0.02)
    power[70_000] = 0.25
    line = SpectrumTrace("in1", "Vpk", power, rbw)
    assert line.reduced(reduction)[1].max() == line.values.max() == 0.5


@pytest.mark.parametrize(
    ("first", "second", "unit", "text"),
    [
        (1.0, 10.0, "V", "20.000 dB"),
        (1.0, -0.5, "V", "-6.021 dB"),
        (1.0, 10.0, "Vpk^2", "10.000 dB"),
        (1.0, 10.0, "Vrms/sqrt(Hz)", "20.000 dB"),
        (-3.0, -6.0, "dB(Vpk^2)", ""),
        (10.0, 20.0, "degree", ""),
        (0.0, 1.0, "V", ""),
    ],
)
def test_the_ratio_of_two_readings(first, second, unit, text):
    assert ratio(first, second, unit) == text


def test_the_inverse_of_a_time_is_a_frequency_and_squares_have_no_prefix():
    assert (inverse(2e-3, "s"), inverse(-50.0, "Hz"), inverse(0.0, "s"), inverse(1.0, "V")) == (
        *("500 Hz", "20 ms"),
        *("", ""),
    )
    assert (shown(1.5e-3, "V"), shown(1.5e-3, "Vpk^2"), shown(-3.0, "dB")) == (
        "1.5 mV",
        "0.0015 Vpk^2",
        "-3 dB",
    )


def test_a_cursor_reads_the_nearest_point_and_nothing_outside():
    x, y = np.array([0.0, 1.0, 2.0]), np.array([5.0, 6.0, 7.0])
    assert [value_at(x, y, where) for where in (0.0, 0.4, 0.6, 2.0)] == [5, 5, 6, 7]
    assert np.isnan([value_at(x, y, where) for where in (-0.1, 2.1)]).all()
    curves = two_channels()
    first, second, *_, levels = rows(curves, 0.0, 1e-3, [(0.1, 0.2)])
    assert (first.difference, first.last) == ("1 ms", "1 kHz")
    assert second.name == "Ch1 in1"
    assert (levels.difference, levels.last) == ("100 mV", "6.021 dB")


def two_channels() -> Curves:
    x = np.linspace(0, 1e-3, 1001)
    traces = Trace("Ch1 in1", "V", np.sin(x * 6e3)), Trace("Ch2 asg0", "V", np.cos(x * 6e3))
    settings = {"input1": "in1", "duration": np.float64(1e-3), "rbw": [1.0], "rolling_mode": False}
    return Curves(x, "Time", "s", (traces,), settings, time.time(), {"real": x * 2})


def test_a_csv_file_has_units_settings_and_every_point(tmp_path):
    curves, file = two_channels(), tmp_path / "lab.csv"
    save(file, curves, "lab", "scope")
    lines = file.read_text().splitlines()
    about = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
    assert (about["board"], about["module"]) == ("lab", "scope")
    assert json.loads(about["settings"]) == {
        **{"input1": "in1", "duration": 1e-3},
        **{"rbw": [1.0], "rolling_mode": False},
    }
    assert lines[4] == "Time (s),Ch1 in1 (V),Ch2 asg0 (V),real"
    data = np.genfromtxt(file, delimiter=",", skip_header=5)
    assert data.shape == (1001, 4)
    assert data[:, 1] == pytest.approx(curves.traces[0].values, abs=1e-8)
    named = np.genfromtxt(file, delimiter=",", names=True, skip_header=4)
    assert named["Ch2_asg0_V"] == pytest.approx(curves.traces[1].values, abs=1e-8)


def test_an_npz_file_has_the_same_without_pickles(tmp_path):
    curves, file = two_channels(), tmp_path / "lab.npz"
    save(file, curves, "lab", "scope")
    with np.load(file, allow_pickle=False) as read:
        assert list(read["names"]) == ["Time", "Ch1 in1", "Ch2 asg0", "real"]
        assert list(read["units"]) == ["s", "V", "V", ""]
        assert np.array_equal(read["columns"][2], curves.traces[1].values)
        about = json.loads(str(read["about"]))
    assert about["settings"]["duration"] == 1e-3
    assert time.strptime(about["taken"], "%Y-%m-%dT%H:%M:%S%z")


def test_another_ending_writes_nothing(tmp_path):
    with pytest.raises(ValueError, match=r"lab\.dat is neither \.csv nor \.npz"):
        save(tmp_path / "lab.dat", two_channels(), "lab", "scope")
    assert not list(tmp_path.iterdir())
