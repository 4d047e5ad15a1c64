"""The panel's window without a screen, on real daemons.

`window` is a new window for each test; `p` is a board that the tests of a file share. `gaps` notes how long
the window's thread was held up.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytestqt.exceptions import capture_exceptions, format_captured_exceptions
from qtpy.QtCore import QCoreApplication, QEvent
from qtpy.QtWidgets import QApplication, QWidget

# for its effect: the folders and the name server of this run
from .. import environment  # noqa: F401
from ..qt_events import Gaps, garbage_collected_here, qt_until


@pytest.fixture(scope="module", autouse=True)
def garbage_here(qapp: QApplication) -> Iterator[None]:
    """Python frees what is left of closed windows in this thread, as it does in the panel's program."""
    with garbage_collected_here():
        yield


@pytest.fixture(autouse=True)
def slots_of_ours_raise_nothing(qapp: QApplication) -> Iterator[None]:
    """Fails a test in whose time a slot of ours raises; those of PyMoDAQ may, which other files have used."""
    with capture_exceptions() as caught:
        yield
    ours = [one for one in caught if "pymodaq_plugins_pyrpl" in "".join(traceback.format_exception(*one))]
    assert not ours, format_captured_exceptions(ours)


@pytest.fixture
def window(qapp: QApplication, own_pyrpl_folder) -> Iterator[Any]:
    """The panel's window; it is closed with the test."""
    from pymodaq_plugins_pyrpl.panel.window import PanelWindow

    window = PanelWindow()
    window.show()
    yield window
    window.close()
    window.deleteLater()
    # outside of an event loop nothing else deletes it
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()


@pytest.fixture
def opened(window, p) -> Any:
    """The tab of the shared board, opened in the window and connected."""
    tab = window.open_board("virtual")
    qt_until(lambda: tab.board.state == "up", 60.0, "the session")
    return tab


@pytest.fixture
def gaps(qapp: QApplication) -> Iterator[Gaps]:
    """Notes from the start of the test how long Qt's events were held up."""
    gaps = Gaps()
    yield gaps
    gaps.stop()


@pytest.fixture
def answer() -> Callable[..., Any]:
    """A function that asks an open board through the panel's own way, and waits for the answer."""

    def ask(board, function: Callable[[Any], Any]) -> Any:
        found: list[Any] = []
        board.ask(function, found.append, found.append)
        qt_until(lambda: found, 20.0, "an answer")
        if isinstance(found[0], Exception):
            raise found[0]
        return found[0]

    return ask


def named(widget: QWidget, kind: type, text: str) -> Any:
    """The only child of a kind, such as QPushButton, with this text, without the "&" of its shortcut."""
    found = [one for one in widget.findChildren(kind) if one.text().replace("&", "") == text]
    assert len(found) == 1, f"{len(found)} {kind.__name__} with the text {text!r}"
    return found[0]
