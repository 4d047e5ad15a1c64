"""The Look pages in the panel's window, on a real daemon: what they show, start, follow and leave running."""

import json
import subprocess

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QFileDialog

from pyrpl_remote import connect

from ..boards import running_board
from ..processes import python_command, wait_until
from ..qt_events import qt_until

pytestmark = pytest.mark.timeout(method="thread")

CORNER = 80e3
NAME = "bench"


@pytest.fixture(scope="module")
def board(own_pyrpl_folder):
    """A board with a low-pass filter between out1 and in1."""
    with running_board() as board:
        board.control.plant("lowpass", cutoff=CORNER)
        yield board


@pytest.fixture(scope="module")
def where(board):
    return {
        "hostname": board.host,
        "sshport": board.ssh_port,
        "port": board.monitor_port,
        "reloadfpga": False,
    }


@pytest.fixture(scope="module")
def p(where):
    with connect(NAME, **where) as p:
        yield p


@pytest.fixture
def tab(window, p, where):
    """The board opened in the window, with nothing running and a sine of 5 kHz at out1."""
    for module in (p.rp.scope, p.spectrumanalyzer, p.networkanalyzer):
        module.stop()
    p.rp.asg0.setup(
        waveform="sin",
        frequency=5e3,
        amplitude=0.5,
        offset=0,
        output_direct="out1",
        trigger_source="immediately",
    )
    p.rp.scope.setup(
        input1="in1",
        input2="asg0",
        duration=2**14 * 8e-9 * 8,
        trigger_source="immediately",
        trace_average=1,
        average=True,
        rolling_mode=False,
    )
    window.resize(1280, 800)
    return window.open_board(NAME, **where)


def number(text):
    """A reading without its unit."""
    return float(text.split()[0])


def page_of(tab, title):
    page = tab.page(title)
    qt_until(lambda: page.form.editors, 60.0, "the settings")
    page.setFocus()
    qt_until(page.canvas.plots[0].hasFocus, what="the focus")
    return page


def press(page, key, modifier=Qt.KeyboardModifier.NoModifier, widget=None):
    QTest.keyClick(widget or page.canvas.plots[0], key, modifier)


def frames(page, count=3):
    before = page.status.frames
    qt_until(
        lambda: page.status.frames >= before + count, 30.0, f"{count} frames, status {page.status.text()!r}"
    )


def cells(page):
    """What the cursors read, by name: the texts at A, at B, the difference, and 1/difference or dB."""
    read = page.canvas.cursors.read(page.canvas.drawn.curves)
    return {row.name: (row.first, row.second, row.difference, row.last) for row in read}


@pytest.fixture
def colleague(p, where):
    """Another program that acquires continuously; what it reads on its stdin, it does."""
    lines = f"""
        import sys
        from pyrpl_remote import connect
        p = connect({NAME!r}, **{json.dumps(where).replace("false", "False")})
        p.rp.scope.continuous()
        print("runs", flush=True)
        for line in sys.stdin:
            exec(line)
            print("done", flush=True)
    """
    command = python_command(lines)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "runs\n"

        def do(line):
            process.stdin.write(line + "\n")
            process.stdin.flush()
            assert process.stdout.readline() == "done\n"

        yield do
        process.communicate()


def test_a_key_starts_the_scope_two_cursors_read_the_frequency_of_a_sine_and_closing_stops_it(window, tab, p):
    page = page_of(tab, "Scope")
    press(page, Qt.Key.Key_Space)
    frames(page)
    assert p.rp.scope.running_state == "running_continuous"
    assert page.keys.run.text() == "Stop"
    press(page, Qt.Key.Key_P)  # shows the cursors, and moves A to a crest
    curves = page.canvas.drawn.curves
    first = page.canvas.cursors.x[0]
    after = curves.x > first + 0.75 / 5e3
    seen = after & (curves.x < first + 1.25 / 5e3)
    other = seen if seen.sum() > 100 else (curves.x < first - 0.75 / 5e3) & (curves.x > first - 1.25 / 5e3)
    page.canvas.cursors.place(1, float(curves.x[other][np.argmax(curves.traces[0].values[other])]))
    frequency = cells(page)["Time"][3]
    assert number(frequency) == pytest.approx(5.0, rel=0.1) and frequency.endswith(" kHz")
    qt_until(
        lambda: "kHz" in page.canvas.readings.text() and page.canvas.readings.isVisible(), what="the table"
    )
    volts = cells(page)["Ch2 asg0"][0]
    assert number(volts) == pytest.approx(490, abs=30) and volts.endswith(" mV")
    window.close_board(NAME)
    wait_until(lambda: p.rp.scope.running_state == "stopped", what="the end of the acquisition")


def test_space_stops_what_it_has_started_and_s_takes_one_curve(tab, p):
    page = page_of(tab, "Scope")
    press(page, Qt.Key.Key_Space)
    frames(page)
    press(page, Qt.Key.Key_Space)
    qt_until(lambda: page.keys.run.text() == "Run", what="the end")
    assert p.rp.scope.running_state == "stopped"
    qt_until(lambda: page.acquisition.running == "stopped", what="the news of it")
    before = page.status.frames
    press(page, Qt.Key.Key_S)
    qt_until(lambda: "one curve" in page.status.text(), what="one curve")
    qt_until(lambda: page.status.frames == before + 1, what="its picture")
    # a single one that waits for its trigger is ended by the same key
    p.rp.scope.setup(trigger_source="ch1_positive_edge", threshold=0.9)
    press(page, Qt.Key.Key_S)
    qt_until(lambda: page.acquisition.single_runs, what="the wait")
    assert p.rp.scope.running_state == "running_single"
    press(page, Qt.Key.Key_S)
    qt_until(lambda: "was ended" in page.status.text(), what="its end")
    wait_until(lambda: p.rp.scope.running_state == "stopped", what="the end of the acquisition")


def test_what_a_script_runs_is_followed_held_and_never_stopped(window, tab, p, colleague):
    page = page_of(tab, "Scope")
    frames(page)
    assert "goes on when this page is closed" in page.status.text()
    press(page, Qt.Key.Key_Space)
    assert page.acquisition.held and p.rp.scope.running_state == "running_continuous"
    shown, came = page.status.frames, page.stream.frames
    qt_until(lambda: page.stream.frames > came + 2, what="curves that are not shown")
    assert page.status.frames == shown
    press(page, Qt.Key.Key_Space)
    frames(page)
    # a single shot is one of its curves
    press(page, Qt.Key.Key_S)
    qt_until(lambda: page.acquisition.held, what="one curve")
    press(page, Qt.Key.Key_Space)
    colleague("p.rp.scope.duration = 2**14 * 8e-9 * 16")
    qt_until(lambda: "duration set by" in page.status.text(), what="who has set it")
    assert "(pid " in page.status.text()
    qt_until(lambda: page.canvas.drawn.curves.x[-1] > 2e-3, what="a longer curve")
    assert page.form.editors["duration"].widget.currentText().startswith("2.097")
    colleague("p.rp.scope.stop()")
    qt_until(lambda: "stopped by" in page.status.text(), what="who has stopped it")
    assert page.keys.run.text() == "Run"
    colleague("p.rp.scope.continuous()")
    frames(page)
    session = tab.board
    window.close_board(NAME)
    wait_until(lambda: session._session is None, what="the end of the panel's session")
    assert p.rp.scope.running_state == "running_continuous"


def test_settings_are_written_within_limits_and_a_refused_one_is_shown_as_it_is(window, tab, p):
    page = page_of(tab, "Scope")
    threshold = page.form.editors["threshold"].widget
    threshold.setValue(0.25)
    qt_until(lambda: p.rp.scope.threshold == pytest.approx(0.25, abs=1e-3), what="the threshold")
    source = page.form.editors["trigger_source"].widget
    source.setCurrentText("ch1 positive edge")
    source.activated.emit(source.currentIndex())
    qt_until(lambda: p.rp.scope.trigger_source == "ch1_positive_edge", what="the source")
    page.set_value("trigger_source", "the moon")
    qt_until(lambda: "the moon" in window.errors.text, what="the error")
    assert source.currentText() == "ch1 positive edge"
    # the keys of the plots are typed in the form
    averages = page.form.editors["trace_average"].widget
    averages.setFocus()
    press(page, Qt.Key.Key_Space, widget=averages)
    assert p.rp.scope.running_state == "stopped"
    assert all(editor.toolTip() for editor in page.form.editors.values())
    assert all(action.toolTip().rstrip()[-1] for action in page._side.actions() if action.text())


def test_zooming_shows_every_point_and_fit_shows_all_again(tab, p):
    page = page_of(tab, "Scope")
    press(page, Qt.Key.Key_S)
    frames(page, 1)
    curve = page.canvas.plots[0]._curves[0]
    whole = len(curve.xData)
    assert whole < 16384
    begin, end = page.canvas.drawn.curves.x[[1000, 1100]]
    page.canvas.plots[0].getViewBox().sigRangeChangedManually.emit([True, True])
    page.canvas.plots[0].getViewBox().setXRange(begin, end, padding=0)
    qt_until(lambda: 101 <= len(curve.xData) <= 104, what="the points between")
    press(page, Qt.Key.Key_F)
    qt_until(lambda: len(curve.xData) > whole / 2, what="all of it")
    # the arrow keys move the chosen cursor
    press(page, Qt.Key.Key_C)
    first, second = page.canvas.cursors.x
    press(page, Qt.Key.Key_2)
    press(page, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert page.canvas.cursors.x[0] == first and page.canvas.cursors.x[1] < second
    press(page, Qt.Key.Key_C)
    assert not page.canvas.readings.isVisible()


def test_an_export_from_the_page_is_what_it_shows(tab, tmp_path):
    page = page_of(tab, "Scope")
    page.export_to(tmp_path / "too early.csv")
    assert "no curve yet" in page.status.text()
    press(page, Qt.Key.Key_S)
    frames(page, 1)
    page.export_to(tmp_path / "curve.npz")
    qt_until(lambda: "exported to" in page.status.text(), what="the file")
    with np.load(tmp_path / "curve.npz") as read:
        assert np.array_equal(read["columns"][1], page.canvas.drawn.curves.traces[0].values)
        assert json.loads(str(read["about"]))["settings"]["input1"] == "in1"
    page.export_to(tmp_path / "no folder" / "curve.csv")
    qt_until(lambda: "not exported" in page.status.text(), what="the reason")
    press(page, Qt.Key.Key_E)
    (dialog,) = page.findChildren(QFileDialog)
    dialog.reject()


def test_a_spectrum_has_its_peak_at_the_sine_in_every_unit(tab, p):
    p.spectrumanalyzer.setup(
        baseband=True, span=1e6, input1_baseband="asg0", window="flattop", trace_average=1
    )
    page = page_of(tab, "Spectrum")
    page.unit.setCurrentText("Vpk")
    press(page, Qt.Key.Key_S)
    frames(page, 1)
    press(page, Qt.Key.Key_P)
    read = cells(page)
    frequency, volts = read["Frequency"][0], read["Ch1 asg0"][0]
    assert number(frequency) == pytest.approx(5.0, abs=0.15) and frequency.endswith(" kHz")
    assert number(volts) == pytest.approx(500, abs=5) and volts.endswith(" mVpk")
    page.unit.setCurrentText("Vrms/sqrt(Hz)")
    rbw = float(p.spectrumanalyzer.rbw)
    volts = cells(page)["Ch1 asg0"][0]
    assert number(volts) == pytest.approx(500 / np.sqrt(2 * rbw), rel=0.01)
    assert volts.endswith(" mVrms/sqrt(Hz)")
    page.log.setChecked(True)
    page.cross.setChecked(True)
    assert len(page.canvas.drawn.curves.traces) == 3 and page.canvas.plots[0].log


def test_a_spectrum_beside_a_running_scope_is_started_only_when_asked_twice(tab, p):
    p.rp.scope.continuous()
    page = page_of(tab, "Spectrum")
    press(page, Qt.Key.Key_Space)
    qt_until(lambda: "Nothing was started" in page.status.text(), what="the warning")
    assert p.rp.scope.running_state == "running_continuous"
    press(page, Qt.Key.Key_Space)
    frames(page, 1)
    assert p.spectrumanalyzer.running_state == "running_continuous"
    press(page, Qt.Key.Key_Space)
    qt_until(lambda: p.spectrumanalyzer.running_state == "stopped", what="the end")


def test_the_network_analyser_grows_and_its_cursor_finds_the_filters_corner(tab, p):
    p.rp.asg0.output_direct = "off"
    p.networkanalyzer.setup(
        input="in1",
        output_direct="out1",
        start_freq=10e3,
        stop_freq=1e6,
        points=61,
        logscale=True,
        rbw=1000,
        amplitude=0.5,
        average_per_point=1,
        trace_average=1,
        acbandwidth=0,
    )
    page = page_of(tab, "Network")
    press(page, Qt.Key.Key_S)
    sizes = set()

    def grown():
        sizes.update([] if page.canvas.drawn is None else [len(page.canvas.drawn.curves.x)])
        return 61 in sizes and not page.acquisition.single_runs

    qt_until(grown, 60.0, "the sweep")
    assert len(sizes) > 3
    magnitude, phase = page.canvas.drawn.curves.traces
    assert (magnitude.unit, phase.unit) == ("dB", "degree")
    corner = np.exp(
        np.interp(10 * np.log10(2), -magnitude.values[1:], np.log(page.canvas.drawn.curves.x[1:]))
    )
    assert corner == pytest.approx(CORNER, rel=0.05)
    page.canvas.cursors.place(0, 10.5e3)
    page.canvas.cursors.place(1, corner)
    read = cells(page)
    assert number(read["Magnitude in1 / out1"][2]) == pytest.approx(-3.0, abs=0.4)
    # 45 and the converters' delay
    assert number(read["Phase in1 / out1"][1]) == pytest.approx(-52, abs=6)
    qt_until(lambda: "61 of 61 points" in page.status.text(), what="the count of points")


def test_a_lost_board_is_said_over_the_last_curve_and_it_goes_on_by_itself(tab, p, board):
    page = page_of(tab, "Scope")
    press(page, Qt.Key.Key_Space)
    frames(page)
    board.control.silence(True)
    qt_until(lambda: page.canvas.plots[0].lost_text, 30.0, "the loss")
    assert NAME in page.canvas.plots[0].lost_text and "reconnecting" in page.canvas.plots[0].lost_text
    assert page.canvas.plots[0].grey and len(page.canvas.plots[0]._curves[0].xData) > 100
    assert not page.keys.run.isEnabled()
    board.control.silence(False)
    qt_until(lambda: not page.canvas.plots[0].lost_text, 60.0, "the return")
    frames(page)
    assert not page.canvas.plots[0].grey
    assert p.rp.scope.running_state == "running_continuous"
    press(page, Qt.Key.Key_Space)
    qt_until(lambda: p.rp.scope.running_state == "stopped", what="the end: it is still the page's own")
