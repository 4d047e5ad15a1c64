"""Tells the desktop that a lock was lost, given up, or taken again, where the desktop can show it."""

from __future__ import annotations

from qtpy.QtWidgets import QApplication, QStyle, QSystemTrayIcon, QWidget

from pyrpl_remote import LockEvent
from pyrpl_remote import lock_history as kinds

TEXTS = {
    kinds.LOST: "the lock was lost",
    kinds.GIVEN_UP: "the lock is given up",
    kinds.RELOCKED: "locked again",
    kinds.BOARD_LOST: "the board does not answer",
}
"""What is told of an event; of other kinds nothing is."""

SHOWN_MILLISECONDS = 10_000
"""How long a message is shown, where the desktop lets a program choose."""


def message_of(board: str, event: LockEvent) -> tuple[str, str] | None:
    """Title and text of the message for an event, None for one of which nothing is told."""
    if event.kind not in TEXTS:
        return None
    return f"{board}: {TEXTS[event.kind]}", event.reason or event.who or "see the panel's lockbox page"


class Notifier:
    """Shows messages of the desktop, and lets the window's entry in its list of windows ask for attention."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._icon: QSystemTrayIcon | None = None

    @staticmethod
    def available() -> bool:
        """Whether the desktop shows messages."""
        return QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()

    def tell(self, title: str, text: str) -> None:
        """Show a message."""
        QApplication.alert(self._window)
        if not self.available():
            return
        if self._icon is None:
            style = QApplication.style()
            assert style is not None
            image = style.standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning)
            self._icon = QSystemTrayIcon(image, self._window)
            self._icon.setToolTip("PyRPL")
            self._icon.show()
        self._icon.showMessage(title, text, QSystemTrayIcon.MessageIcon.Warning, SHOWN_MILLISECONDS)

    def close(self) -> None:
        """Remove the icon."""
        if self._icon is not None:
            self._icon.hide()
            self._icon = None
