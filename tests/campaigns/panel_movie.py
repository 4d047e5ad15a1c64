"""Makes the README's moving picture: a locked cavity in the panel is pushed out of lock, and taken again.

`python -m tests.campaigns.panel_movie FILE.gif` makes it, without a screen, on a virtual board.
"""

from __future__ import annotations

import io
import os
import sys
import time
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from .. import environment  # noqa: F401 - for its effect: the folders of this run

# isort: split
from PIL import Image
from qtpy.QtCore import QBuffer
from qtpy.QtWidgets import QApplication, QWidget

from pymodaq_plugins_pyrpl.panel import theme
from pymodaq_plugins_pyrpl.panel.window import PanelWindow
from pyrpl_remote import lock_history, virtual_cavity

from ..qt_events import qt_until
from .panel_pictures import passed, relocked

SIZE = (900, 700)
"""Of the picture, in pixels: the width in which GitHub shows a README."""

FRAME_SECONDS = 0.1
BEFORE_SECONDS, AFTER_SECONDS = 1.0, 2.0
"""How long the lock is shown before the push, and after it was taken again."""

LAST_MILLISECONDS = 3500
"""How long the last frame stays before the movie begins again."""

COLOURS = 256


class Movie:
    """Pictures of a widget, which `save` writes as an animated GIF."""

    def __init__(self, widget: QWidget) -> None:
        self._widget = widget
        self._frames: list[Image.Image] = []
        self._times: list[float] = []

    def picture(self, *_: object) -> None:
        """Take one picture."""
        buffer = QBuffer()
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        self._times.append(time.monotonic())
        assert self._widget.grab().save(buffer, "PNG")
        self._frames.append(Image.open(io.BytesIO(buffer.data().data())).convert("RGB"))

    def film(self, seconds: float) -> None:
        """Take pictures for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            qt_until(partial(passed, time.monotonic() + FRAME_SECONDS), 10.0)
            self.picture()

    def save(self, file: Path) -> None:
        """Write the pictures, all with the colours of the last one, which has all of them."""
        palette = self._frames[-1].quantize(COLOURS, Image.Quantize.MEDIANCUT)
        first, *others = (frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in self._frames)
        durations = [round(1000 * (end - begin)) for begin, end in pairwise(self._times)]
        durations.append(LAST_MILLISECONDS)
        first.save(file, save_all=True, append_images=others, duration=durations, loop=0, optimize=True)
        print(f"{file}: {file.stat().st_size / 1e3:.0f} kB, {len(self._frames)} frames")


def make(file: Path) -> None:
    """Lock a virtual cavity in the panel, and film a push."""
    application: Any = QApplication.instance() or QApplication(["pictures"])
    look = theme.Look(application)
    look.choose(theme.DARK)
    window = PanelWindow(look)
    window.resize(1280, 800)
    window.show()
    button = window.overview.welcome.cavity.button
    qt_until(button.isVisible, 30.0, "the empty lab")
    button.click()
    page: Any = window.open_board(virtual_cavity.NAME).page("Lockbox")
    qt_until(lambda: page.sweep.model.xData is not None and len(page.sweep.model.xData), 300.0, "the model")
    page.sweep.input.setCurrentText("pdh")
    qt_until(lambda: page.demonstration.watches, 60.0, "the lock")
    page.setParent(None)
    page.resize(*SIZE)
    page.show()
    qt_until(partial(passed, time.monotonic() + 30.0), 60.0)  # all of the signals' strip
    movie = Movie(page)
    movie.film(BEFORE_SECONDS)
    page.told.connect(movie.picture)  # the loss and the relock, which are short
    page.cavity.push.click()
    while not relocked(page, 1):
        movie.film(FRAME_SECONDS)
    movie.film(AFTER_SECONDS)
    loss = next(event for event in page.history.history if event.kind == lock_history.LOST)
    page.history.loss_chosen.emit(loss)
    qt_until(
        lambda: page.history.told_of and page.history.told_of.trace is not None,
        20.0,
        "the trace before the loss",
    )
    movie.film(FRAME_SECONDS)
    movie.save(file)
    window.close()


def main() -> None:
    make(Path(sys.argv[1]))
    sys.stdout.flush()
    # a normal end destroys Qt's objects in any order, which can crash
    os._exit(0)


if __name__ == "__main__":
    main()
