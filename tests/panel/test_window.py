"""The window: boards are opened and closed in it, errors shown in its bar, colours follow the desktop."""

from __future__ import annotations

import subprocess
import sys

import pytest
from qtpy.QtWidgets import QApplication, QListWidget, QToolButton

from pymodaq_plugins_pyrpl.panel import theme
from pymodaq_plugins_pyrpl.panel.errors import ErrorBar
from pyrpl_remote.errors import SessionClosed, UnknownAttribute
from pyrpl_remote.machine import extras

from ..qt_events import qt_until
from .conftest import named


def test_a_board_is_opened_with_a_session_of_its_own_and_closed_again(window, p, opened, answer):
    assert window.open_boards == ["virtual"]
    assert window.open_board("virtual") is opened
    assert answer(opened.board, lambda p: p.rp.pid0.p) == p.rp.pid0.p
    window.close_board("virtual")
    assert window.open_boards == [] and opened.board.state == "closed"


def test_changes_of_others_arrive_with_the_last_value_of_each_attribute(p, opened):
    seen = []
    opened.board.changes.connect(seen.extend)
    for value in (0.1, 0.2, 0.3):
        p.rp.pid0.setpoint = value
    last = qt_until(lambda: [one for one in seen if one.name == "setpoint" and one.value > 0.29])[-1]
    assert last.module == "rp.pid0" and last.value == pytest.approx(0.3, abs=1e-3)
    p.rp.pid0.setpoint = 0


def test_an_error_is_shown_with_its_remedy_and_the_pages_go_on(window, opened, answer):
    opened.board.ask(lambda p: p.rp.pid0.setpiont)
    qt_until(lambda: window.errors.text)
    assert "setpiont" in window.errors.text and "→ did you mean" in window.errors.text
    with pytest.raises(UnknownAttribute):
        answer(opened.board, lambda p: p.rp.pid0.setpiont)
    assert answer(opened.board, lambda p: p.rp.pid1.p) is not None


def test_a_board_that_cannot_be_opened_says_why_and_can_be_tried_again(window):
    tab = window.open_board("lab_without_an_address")
    qt_until(lambda: tab.board.state == "failed", 30.0, "the failure")
    assert "lab_without_an_address" in window.errors.text and "→" in window.errors.text
    assert tab.retry.isVisible()
    tab.retry.click()
    assert tab.board.state == "connecting"
    qt_until(lambda: window.errors.history[0].count == 2, 30.0, "the second failure")


def test_after_it_was_closed_a_board_answers_nobody(qtbot, window, opened):
    board = opened.board
    wrong = []
    board.ask_long(lambda p: p.rp.scope.single(timeout=0.2), wrong.append, wrong.append)
    window.close_board("virtual")
    board.ask(lambda p: p.rp.pid0.p, wrong.append, wrong.append)
    with pytest.raises(SessionClosed):
        board._proxy() if board._session is None else board._session.rp.pid0.p
    qtbot.wait(50)
    assert wrong == []


def test_the_same_error_again_is_counted_and_older_ones_are_in_the_history(qtbot):
    bar = ErrorBar()
    qtbot.addWidget(bar)
    assert bar.isHidden()
    for _ in range(3):
        bar.say("no answer", "wait")
    bar.report(ValueError("another one"))
    assert [(one.message, one.count) for one in bar.history] == [("another one", 1), ("no answer", 3)]
    named(bar, QToolButton, "History").click()
    rows = bar.findChild(QListWidget)
    assert (
        rows.isVisible() and "no answer (3 times)" in rows.item(1).text() and "→ wait" in rows.item(1).text()
    )
    named(bar, QToolButton, "Dismiss").click()
    assert bar.isHidden() and bar.text == "" and len(bar.history) == 2


def test_plots_and_the_error_bar_follow_a_desktop_that_becomes_dark(qapp: QApplication, window):
    import pyqtgraph as pg

    look = theme.Look(qapp)
    look.choose(theme.LIGHT)
    plot = pg.PlotWidget()
    theme.theme().follow(plot)
    bright = plot.backgroundBrush().color().lightness()
    light = window.errors.styleSheet()
    look.choose(theme.DARK)
    qt_until(lambda: plot.backgroundBrush().color().lightness() < 128, 5.0, "a dark plot")
    assert bright > 128 and theme.colours().dark
    assert plot.getPlotItem().getAxis("left").textPen().color().lightness() > 128
    qt_until(lambda: window.errors.styleSheet() != light, 5.0, "the dark error bar")
    look.choose(theme.AS_DESKTOP)
    look.deleteLater()


@pytest.mark.parametrize("kind", [theme.LIGHT, theme.DARK])
def test_a_box_that_is_not_ticked_is_seen_in_light_and_dark(run_python, kind):
    # in a process of its own: PyMoDAQ gives the application of its process another style
    found = run_python(
        f"""
        from qtpy.QtWidgets import QApplication, QCheckBox
        from pymodaq_plugins_pyrpl.panel import theme
        application = QApplication([])
        look = theme.Look(application)
        look.choose({kind!r})
        box = QCheckBox()
        box.show()
        picture = box.grab().toImage()
        shades = [picture.pixelColor(x, 8).lightness() for x in range(picture.width())]
        window = application.palette().window().color().lightness()
        report(outline=max(abs(shade - window) for shade in shades))
        """
    )
    assert found["outline"] > 45  # of 255


def test_the_package_and_the_panel_are_imported_without_pymodaq():
    lines = """
import sys
for name in ("pymodaq", "pymodaq_gui", "pymodaq_data", "pymodaq_utils", "pyrpl"):
    sys.modules[name] = None
import pymodaq_plugins_pyrpl
import pymodaq_plugins_pyrpl.panel.main
"""
    subprocess.run([sys.executable, "-c", lines], check=True, timeout=60)


def test_the_command_without_qt_says_how_to_install_it():
    lines = "import sys; sys.modules['qtpy'] = None; sys.argv[1:] = ['panel']; "
    lines += "from pyrpl_remote.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "the panel needs qtpy" in done.stderr and extras.install("panel") in done.stderr
