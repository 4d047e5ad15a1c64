"""The panel's lockbox page, and the virtual cavity that a newcomer tries, on a real daemon.

The first test starts the virtual cavity, which the others go on with.
"""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QPushButton

from pyrpl_remote import LockEvent, LockHistory, discover, virtual_cavity
from pyrpl_remote.errors import JobError
from pyrpl_remote.lockbox_sweep import calibrate

from ..qt_events import qt_until
from .conftest import named


@pytest.fixture(scope="module")
def p():
    """The virtual cavity, set up and calibrated, as the first test left it."""
    with virtual_cavity.open_cavity() as p:
        if p.lockbox.inputs.transmission.calibration_data.max < 0.1:
            virtual_cavity.set_up(p)
            calibrate(p)
        yield p
        with pytest.raises(JobError):  # else its daemon would not end
            p.unwatch_lock()


@pytest.fixture
def page(window, p):
    """The page of the virtual cavity, in a window."""
    tab = window.open_board(virtual_cavity.NAME)
    page = tab.page("Lockbox")
    qt_until(lambda: page.seen, 60.0, "the lockbox")
    return page


@pytest.fixture
def watched(p):
    """Ends the lock watch after the test."""
    yield
    p.unwatch_lock()


def kinds(page) -> list[str]:
    """The kinds of the events that the page shows."""
    return [] if page.history.history is None else [event.kind for event in page.history.history]


def state_is(page, text: str) -> None:
    qt_until(lambda: page.controls.state.text() == text, what=f"the state {text!r}")


@pytest.mark.timeout(300)
def test_a_newcomer_sees_a_cavity_locked_and_pushes_it_out_and_the_watch_takes_it_again(window, qtbot):
    assert discover() == []
    button = window.overview.welcome.cavity.button
    qt_until(button.isVisible, what="the empty lab")
    button.click()
    page = window.tabs.currentWidget().page("Lockbox")
    texts: list[str] = []
    page.demonstration.said.connect(texts.append)
    qt_until(lambda: page.sweep.signal.xData is not None and len(page.sweep.signal.xData), 60.0, "the sweep")
    assert page.controls.state.text() == "sweeping" and "swept" in texts[-1]
    qt_until(lambda: page.sweep.model.xData is not None and len(page.sweep.model.xData), 30.0, "the model")
    # 40 bandwidths to the next resonance, which is 0.7 V away; the sidebands make the dip a little narrower
    volts = float(page.sweep.fitted.text().removeprefix("model at ").split()[0])
    assert volts == pytest.approx(0.1, abs=0.01)
    qt_until(lambda: page.watch.running, 30.0, "the lock, and its watch")
    assert page.controls.state.text() == "locked" and texts[-1].startswith("Locked")
    qt_until(lambda: (page.signals.last("transmission") or 0) > 0.3, what="the transmitted light")
    page.cavity.push.click()
    qt_until(lambda: "lost" in kinds(page), what="the loss in the history")
    qt_until(lambda: "relocked" in kinds(page), 30.0, "the next lock in the history")
    qt_until(lambda: page.signals.last("transmission") > 0.3, what="the transmitted light")
    state_is(page, "locked")
    assert window.errors.history == []
    # the loss, chosen with the keyboard, says what the scope saw
    rows = [page.history.events.item(row).text() for row in range(page.history.events.count())]
    page.history.events.setFocus()
    for _ in range(1 + next(row for row, text in enumerate(rows) if "  lost" in text)):
        qtbot.keyClick(page.history.events, Qt.Key.Key_Down)
    qt_until(lambda: page.history.told_of, what="the trace before the loss, or why there is none")
    assert page.history.told_of.kind == "lost"


def test_the_buttons_unlock_sweep_and_lock_and_the_present_stage_is_marked(window, page, p):
    named(page, QPushButton, "Unlock").click()
    state_is(page, "unlocked")
    assert p.lockbox.current_state == "unlock"
    page.sweep.input.setCurrentText("reflection")
    named(page, QPushButton, "Sweep").click()
    state_is(page, "sweeping")
    qt_until(lambda: page.sweep.model.xData is not None and len(page.sweep.model.xData), what="the model")
    low, high = page.sweep.signal.yData.min(), page.sweep.signal.yData.max()
    assert (low, high) == pytest.approx((0.15, 0.5), abs=0.03)
    named(page, QPushButton, "Lock").click()
    state_is(page, "locked")
    qt_until(lambda: page.stages.verticalHeaderItem(1).text().startswith("▶"), what="the mark")
    assert page.stages.verticalHeaderItem(0).text() == "0"
    assert virtual_cavity.resonant(p) and window.errors.history == []


def test_a_calibration_is_refused_while_somebody_uses_the_scope(window, page, p):
    before = p.lockbox.inputs.reflection.calibration_data.max
    with p.scopes.pop("somebody"):
        named(page, QPushButton, "Calibrate").click()
        qt_until(lambda: window.errors.text, what="the error")
    assert "the scope is in use (somebody)" in window.errors.text
    assert p.lockbox.inputs.reflection.calibration_data.max == before


def test_stages_and_set_point_are_edited_here_and_by_others(page, p):
    page.stages.cellWidget(0, 1).setValue(1.2)
    qt_until(lambda: p.lockbox.sequence[0].setpoint == 1.2, what="the set point of the first stage")
    page.stages.cellWidget(0, 3).setValue(0.1)
    qt_until(lambda: p.lockbox.sequence[0].duration == 0.1, what="the duration")
    p.lockbox.sequence[0].setpoint = 1.5
    qt_until(lambda: page.stages.cellWidget(0, 1).value() == 1.5, what="what somebody else has set")
    p.lockbox.lock()
    # while it is locked, the loop follows the set point of the last stage
    before = p.lockbox.outputs.piezo.pid.setpoint
    page.controls.setpoint.setValue(0.2)
    qt_until(lambda: abs(p.lockbox.outputs.piezo.pid.setpoint - before) > 0.01, what="the loop")
    qt_until(lambda: page.stages.cellWidget(1, 1).value() == 0.2, what="the last stage")
    page.controls.setpoint.setValue(0)
    qt_until(lambda: p.lockbox.sequence[1].setpoint == 0, what="the set point")


def test_the_lock_watch_is_switched_on_with_its_options_and_off(page, p):
    assert page.watch.state.text() == "not watched"
    page.watch.attempts.setValue(0)
    page.watch.pause.setValue(5)
    page.watch.trace.setChecked(False)
    named(page, QPushButton, "Watch the lock").click()
    qt_until(lambda: page.watch.running, what="the watch")
    (job,) = p.jobs()
    assert {name: job.parameters[name] for name in ("relock", "attempts", "pause", "trace")} == {
        "relock": True,
        "attempts": None,
        "pause": 5.0,
        "trace": False,
    }
    assert not page.watch.attempts.isEnabled()
    qt_until(lambda: kinds(page)[-2:] == ["watch started", "locked"], what="the first events")
    named(page, QPushButton, "Stop watching").click()
    qt_until(lambda: not page.watch.running, what="the end of the watch")
    assert p.jobs() == []


def test_the_history_is_read_again_for_another_span_and_says_what_it_adds_up_to(page, p, watched):
    p.lockbox.lock()
    p.watch_lock(pause=1.0)
    messages: list[tuple[str, str]] = []
    page.told.connect(lambda title, text: messages.append((title, text)))
    qt_until(lambda: kinds(page)[-2:] == ["watch started", "locked"], what="the beginning of the watch")
    virtual_cavity.push(p)
    qt_until(lambda: kinds(page).count("relocked") >= 1 and kinds(page)[-1] == "relocked", 30.0, "the relock")
    assert [title for title, _ in messages] == [
        "virtual_cavity: the lock was lost",
        "virtual_cavity: locked again",
    ]
    page.watch.notify.setChecked(False)
    virtual_cavity.push(p)
    qt_until(lambda: kinds(page)[-1] == "lost", what="the next loss")
    qt_until(lambda: kinds(page)[-1] == "relocked", 30.0, "the next relock")
    assert len(messages) == 2
    before = page.history.history
    page.history.spans.buttons()[3].click()
    qt_until(lambda: page.history.history is not before, what="the history of a week")
    qt_until(lambda: page.history.history.until - page.history.history.since > 6 * 86400, what="the span")
    assert f"{kinds(page).count('lost')} losses" in page.history.summary.text()


def test_everything_can_be_reached_with_the_keyboard_and_has_a_tooltip(page):
    for kind in (QAbstractButton, QAbstractSpinBox, QComboBox):
        for widget in page.findChildren(kind):
            if widget.isVisible() and not widget.objectName().startswith("qt_"):
                assert widget.toolTip(), widget
                assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus, widget


def test_the_strip_shows_when_it_was_locked_lost_relocking_and_not_watched():
    from pymodaq_plugins_pyrpl.panel.lockbox.timeline import stretches

    events = [
        LockEvent(10, "watch started"),
        LockEvent(10, "locked"),
        LockEvent(20, "lost"),
        LockEvent(25, "attempt", duration=2.0),
        LockEvent(30, "relocked", duration=3.0),
        LockEvent(40, "board lost"),
        LockEvent(50, "board back"),
        LockEvent(50, "locked"),
        LockEvent(70, "daemon restarted", duration=5.0),
        LockEvent(70, "locked"),
        LockEvent(80, "unlocked"),
        LockEvent(90, "watch ended"),
    ]
    shown = [(one.begin, one.end, one.state) for one in stretches(LockHistory(events, 0, 100), 100)]
    assert shown == [
        (10, 20, "locked"),
        (20, 23, "lost"),
        (23, 25, "relocking"),
        (25, 27, "lost"),
        (27, 30, "relocking"),
        (30, 40, "locked"),
        (50, 65, "locked"),
        (70, 80, "locked"),
        (80, 90, "unlocked"),
    ]
    begun = LockHistory([], 0, 100, watched_before=True, locked_before=True)
    assert [(one.begin, one.end, one.state) for one in stretches(begun, 100)] == [(0, 100, "locked")]


def test_the_model_is_found_in_a_sweep_at_its_place_with_its_scale_or_not_at_all():
    from pyrpl_remote.lockbox_sweep import fit

    volts = np.linspace(-0.5, 0.7, 800)
    setpoints = np.linspace(-5, 5, 200)

    def dispersive(x):
        return x / (1 + x**2)

    found = fit(volts, dispersive((volts - 0.12) * -57), setpoints, dispersive(setpoints))
    assert found == pytest.approx((0.12, -57), rel=0.03)
    noise = np.random.default_rng(1).normal(size=len(volts))
    assert fit(volts, noise, setpoints, dispersive(setpoints)) is None
    assert fit(volts, noise, setpoints, np.full(200, np.nan)) is None
    assert fit(volts, noise, np.empty(0), np.empty(0)) is None
