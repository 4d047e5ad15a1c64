"""Saved states of a module: save, load, erase, and what differs between two."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication

from pymodaq_plugins_pyrpl.panel.modules.comparing import ABSENT, settings
from pymodaq_plugins_pyrpl.panel.modules.comparison import PRESENT

from ..qt_events import qt_until


@pytest.fixture(scope="module")
def page(qapp, p):
    """The page of modules of the shared board, in the window, with rp.pid0 as its current module."""
    from pymodaq_plugins_pyrpl.panel.window import PanelWindow

    window = PanelWindow()
    window.show()
    page = window.open_board("virtual").page("Modules")
    qt_until(lambda: page.model.root is not None, 60.0, "the modules")
    page.tree.select(page.model.module("rp.pid0"))
    qt_until(lambda: page.states.title.text().endswith("rp.pid0"), what="the states")
    yield page
    window.close()
    window.deleteLater()
    QApplication.processEvents()


def names(page):
    return [page.states.states.item(row).text() for row in range(page.states.states.count())]


def save(qtbot, page, name):
    qtbot.keyClicks(page.states.name, name)
    qtbot.keyClick(page.states.name, Qt.Key.Key_Return)
    qt_until(lambda: name in names(page), what=f"the state {name}")


def choose(page, name):
    page.states.states.setCurrentRow(names(page).index(name))


def table(page):
    """The rows of the comparison that are shown."""
    shown = page.states.comparison.table
    columns = range(shown.columnCount())
    return [[shown.item(row, column).text() for column in columns] for row in range(shown.rowCount())]


def test_states_are_saved_loaded_compared_and_erased(qtbot, page, p):
    pid = p.rp.pid0
    pid.setup(setpoint=0.25, p=2, input="in1")
    save(qtbot, page, "lock")
    assert pid.states == ["lock"]
    pid.setup(setpoint=0.5, p=2, input="in2")
    save(qtbot, page, "search")

    # the present values and a saved state; the present ones follow changes
    choose(page, "lock")
    differing = [["input", "in2", "in1"], ["setpoint", "500 mV", "250 mV"]]
    qt_until(lambda: table(page) == differing, what="the differences")
    assert "2 of " in page.states.comparison.verdict.text()
    pid.setpoint = 0.125
    qt_until(lambda: table(page)[1] == ["setpoint", "125 mV", "250 mV"], what="the new value")

    # two saved states, and all settings
    first = page.states.comparison.first
    first.setCurrentText("search")
    first.activated.emit(first.currentIndex())
    qt_until(lambda: table(page) == differing, what="the differences of two states")
    page.states.comparison.everything.click()
    assert ["p", "2", "2"] in table(page)
    page.states.comparison.everything.click()
    first.setCurrentText(PRESENT)

    page.states.load.click()
    qt_until(lambda: (pid.setpoint, pid.input) == (0.25, "in1"), what="the state")
    qt_until(lambda: "are equal" in page.states.comparison.verdict.text(), what="the comparison")

    # a second press erases
    choose(page, "search")
    page.states.erase.click()
    assert page.states.erase.text().replace("&", "") == "Press again to erase" and "search" in pid.states
    page.states.erase.click()
    qt_until(lambda: names(page) == ["lock"], what="the end of the state")
    assert pid.states == ["lock"]


def test_a_name_that_is_taken_says_that_it_overwrites(qtbot, page, p):
    save(qtbot, page, "mine")
    qtbot.keyClicks(page.states.name, "mine")
    assert page.states.save.text().replace("&", "") == "Overwrite"
    page.states.name.clear()
    assert not page.states.save.isEnabled()


def test_no_state_is_loaded_into_a_module_that_is_in_use(page, p):
    with p.rp.pid0 as pid:
        pid.owner = "my_feedback"
        qt_until(lambda: not page.states.load.isEnabled(), what="the button")
        assert "in use by my_feedback" in page.states.load.toolTip()
    qt_until(page.states.load.isEnabled, what="the button")


def test_settings_of_modules_inside_are_compared_too():
    first = {"classname": "Linear", "inputs": {"port1": {"gain": 1.0}}, "sequence": [{"setpoint": 0.0}]}
    second = {
        "classname": "Linear",
        "inputs": {"port1": {"gain": 1.0 + 1e-15}},
        "sequence": [{"setpoint": 0.5}, {"setpoint": 0.0}],
    }
    compared = {one.name: one for one in settings(first, second)}
    assert [name for name, one in compared.items() if one.differs] == [
        "sequence[0].setpoint",
        "sequence[1].setpoint",
    ]
    assert compared["sequence[1].setpoint"].first is ABSENT
