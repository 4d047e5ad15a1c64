"""The panel's colours: dark or light, as the desktop is, and when it changes.

The palette is the desktop's: Qt has it from there. The few colours that no palette has, those of states and
of curves, have the same contrast on both backgrounds.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import Any

import pyqtgraph as pg
from qtpy.compat import isalive
from qtpy.QtCore import QEvent, QObject, Qt, Signal
from qtpy.QtGui import QColor, QGuiApplication, QPalette
from qtpy.QtWidgets import QApplication


@dataclass(frozen=True)
class Colours:
    """Colours as "#rrggbb".

    `background` and `text` of plots and lists, `muted` of what matters less; `good`, `busy`, `bad` of states;
    `error_background`; `curves`: those of a plot's curves, in their order.
    """

    dark: bool
    background: str
    text: str
    muted: str
    good: str
    busy: str
    bad: str
    error_background: str
    curves: tuple[str, ...]


LIGHT_CURVES = ("#0b62a8", "#c2410c", "#2a7a2a", "#8b2f97", "#8a6100", "#0f766e")
DARK_CURVES = ("#6cb6ff", "#ff9e64", "#7ee787", "#e08cf0", "#f2cc60", "#5eead4")


def colours() -> Colours:
    """The colours that fit the present palette."""
    palette = QGuiApplication.palette()
    base, text = palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Text)
    dark = base.lightness() < 128
    return Colours(
        dark=dark,
        background=base.name(),
        text=text.name(),
        muted="#9aa0a6" if dark else "#5f6368",
        good="#57d364" if dark else "#1a7f37",
        busy="#f2b84b" if dark else "#9a5b00",
        bad="#ff7b72" if dark else "#c62828",
        error_background="#4a1f1f" if dark else "#fde7e5",
        curves=DARK_CURVES if dark else LIGHT_CURVES,
    )


class Theme(QObject):
    """Tells when the colours have changed: `changed(Colours)`."""

    changed = Signal(object)

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._colours = colours()
        self._plots: weakref.WeakSet[Any] = weakref.WeakSet()
        application.installEventFilter(self)
        self._set_defaults()

    def follow(self, plot: pg.PlotWidget) -> None:
        """Let a plot have the present colours now, and the new ones whenever they change."""
        self._plots.add(plot)
        _colour(plot, self._colours)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look for a new palette of the application."""
        if event.type() == QEvent.Type.ApplicationPaletteChange and watched is self.parent():
            self._look()
        return False

    def _look(self) -> None:
        present = colours()
        if present == self._colours:
            return
        self._colours = present
        self._set_defaults()
        for plot in filter(isalive, list(self._plots)):  # Qt may have deleted what Python still refers to
            _colour(plot, present)
        self.changed.emit(present)

    def _set_defaults(self) -> None:
        pg.setConfigOptions(background=self._colours.background, foreground=self._colours.text)


def theme() -> Theme:
    """The theme of this application."""
    application = QApplication.instance()
    assert isinstance(application, QApplication), "made before its windows"
    found = application.findChild(Theme)
    return found if isinstance(found, Theme) else Theme(application)


def _colour(plot: pg.PlotWidget, present: Colours) -> None:
    plot.setBackground(present.background)
    item = plot.getPlotItem()
    for entry in item.axes.values():
        entry["item"].setPen(present.text)
        entry["item"].setTextPen(present.text)
    item.titleLabel.setText(item.titleLabel.text, color=present.text)
    if item.legend is not None:
        item.legend.setLabelTextColor(present.text)
        for _, text in item.legend.items:
            text.setText(text.text)  # else it keeps the colour that it had


OUTLINED = (
    *("QCheckBox", "QRadioButton", "QTreeView", "QTableView", "QListView"),
    *("QLineEdit", "QAbstractSpinBox", "QPlainTextEdit", "QTextEdit"),
)
"""The kinds of widgets whose outlines Qt draws darker than the colour of windows: on dark ones, a box that is
not ticked would not be seen. They themselves are filled with the colour of lists."""

OUTLINE = "#a4abb3"
"""What they take for the colour of windows in the dark."""

AS_DESKTOP, LIGHT, DARK = "as the desktop", "light", "dark"
"""What the program can look like."""


class Look(QObject):
    """What the whole program looks like: as the desktop, also when that changes, or always light or dark.

    Not for a program of somebody else's, such as PyMoDAQ, which has a style of its own.
    """

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self.chosen = AS_DESKTOP
        # Qt 6.5 is the first that knows whether the desktop is dark
        QGuiApplication.styleHints().colorSchemeChanged.connect(lambda _: self.choose(self.chosen))
        self.choose(AS_DESKTOP)

    def choose(self, look: str) -> None:
        """Look as the desktop, light, or dark."""
        self.chosen = look
        self._application.setPalette(QPalette())  # Qt's, from the desktop
        desktop_is_dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        wanted = desktop_is_dark if look == AS_DESKTOP else look == DARK
        if wanted != colours().dark:
            self._application.setPalette(_palette(wanted))
        if wanted:
            outlined = self._application.palette()
            outlined.setColor(QPalette.ColorRole.Window, QColor(OUTLINE))
            for kind in OUTLINED:
                self._application.setPalette(outlined, kind)


def _palette(dark: bool) -> QPalette:
    """A palette for a style that has none of this kind."""
    button, window, base, text, muted, link = (
        ("#35363a", "#202124", "#17181a", "#e8eaed", "#80868b", "#8ab4f8")
        if dark
        else ("#e8e8e8", "#f3f3f3", "#ffffff", "#1f1f1f", "#80868b", "#0b57d0")
    )
    made = QPalette(QColor(button), QColor(window))
    roles = QPalette.ColorRole
    for role in (roles.WindowText, roles.Text, roles.ButtonText, roles.ToolTipText, roles.BrightText):
        made.setColor(role, QColor(text))
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(muted))
    made.setColor(roles.Base, QColor(base))
    made.setColor(roles.AlternateBase, QColor(window))
    made.setColor(roles.ToolTipBase, QColor(button))
    made.setColor(roles.PlaceholderText, QColor(muted))
    made.setColor(roles.Link, QColor(link))
    made.setColor(roles.Highlight, QColor("#3b6fb5" if dark else "#2f6fc4"))
    made.setColor(roles.HighlightedText, QColor("#ffffff"))
    return made
