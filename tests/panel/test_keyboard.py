"""Everything in the window can be reached with the keyboard, and says what it is for."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QAction
from qtpy.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)

from ..qt_events import qt_until

NEVER = float("inf")
"""When a board is asked again: `look` asks at once."""

WANTED = (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QAbstractItemView)
"""The kinds of widgets that a person uses."""


def used_widgets(window) -> list[QWidget]:
    """All widgets of the window that a person uses; not those that Qt has made inside of others."""
    found = []
    for kind in WANTED:
        found += [one for one in window.findChildren(kind) if not made_by_qt(one)]
    return found


def made_by_qt(widget: QWidget) -> bool:
    parent = widget.parent()
    inside = isinstance(parent, (QTabBar, QAbstractItemView, QLineEdit))
    popup = parent is not None and parent.metaObject().className() == "QComboBoxPrivateContainer"
    return inside or popup or widget.objectName().startswith("qt_") or isinstance(parent, QComboBox)


def test_every_action_says_what_it_does_and_has_a_shortcut_or_a_letter_in_its_menu(window, opened):
    actions = [one for one in window.findChildren(QAction) if one.text() and one.menu() is None]
    ours = [one for one in actions if one.parent() is window]
    assert len(ours) > 5
    for one in ours:
        assert one.toolTip() and one.toolTip() != one.text().replace("&", ""), one.text()
        assert "&" in one.text() or not one.shortcut().isEmpty(), one.text()
    shortcuts = [one.shortcut().toString() for one in ours if not one.shortcut().isEmpty()]
    assert len(shortcuts) == len(set(shortcuts))


def test_every_widget_says_what_it_is_for_and_takes_the_focus(window, opened):
    widgets = used_widgets(window)
    assert len(widgets) > 30
    faults = []
    for one in widgets:
        what = f"{type(one).__name__} {getattr(one, 'text', str)()!r} in {type(one.parent()).__name__}"
        if not one.toolTip():
            faults.append(f"no tooltip: {what}")
        if not one.focusPolicy() & Qt.FocusPolicy.TabFocus:
            faults.append(f"not reached with Tab: {what}")
    assert not faults


@pytest.mark.parametrize("number", [0, 1])
def test_tab_leads_to_everything_that_can_be_used(window, p, number):
    qt_until(lambda: window.watch.boards and window.overview.board, 30.0, "the boards")
    window.tabs.setCurrentIndex(number)
    qt_until(lambda: number == 0 or window.lab.hosts.shared.text() != "…", 20.0, "the hosts")
    page = window.tabs.currentWidget()
    wanted = {one for one in used_widgets(page) if one.isVisible() and one.isEnabled()}
    reached = set()
    window.activateWindow()
    window.list.tree.setFocus()
    for _ in range(150):
        window.focusNextChild()
        reached.add(QApplication.focusWidget())
    assert wanted <= reached, [getattr(one, "text", str)() for one in wanted - reached]


def test_f5_asks_the_boards_or_reads_the_modules_wherever_the_focus_is(window, opened, qtbot):
    qt_until(lambda: window.watch.boards, 30.0, "the boards")
    page = opened.page("Modules")
    qt_until(lambda: page.model.module("rp.pid0") is not None and not page.updates.busy, 30.0, "the modules")

    def press(widget):
        """Press F5; returns whether the boards are asked, and whether the modules are read."""
        for one in window.watch.boards.values():
            one.ask_at = NEVER
        node = page.model.module("rp.pid0").attributes[0]
        node.remark = "as it was"
        window.activateWindow()
        widget.setFocus()
        qtbot.keyClick(widget, Qt.Key.Key_F5)
        return any(one.ask_at != NEVER for one in window.watch.boards.values()), node.remark == ""

    assert press(page.tree) == press(page.search) == (False, True)
    assert press(window.list.tree) == press(opened.tabs.tabBar()) == (True, False)


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_the_window_fits_a_small_screen_and_fills_a_large_one(window, p, size):
    qt_until(lambda: window.overview.board, 30.0, "the boards")
    for page in (window.overview, window.lab):
        window.tabs.setCurrentWidget(page)
        window.resize(*size)
        QApplication.processEvents()
        assert (window.width(), window.height()) == size  # nothing in it needs more
