"""Makes the pictures of the panel for the documentation, without a screen, on virtual boards.

`python -m tests.campaigns.pictures docs/images` makes them with the others; `python -m
tests.campaigns.panel_pictures FOLDER [WIDTH HEIGHT]` only these, for a window of another size.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from .. import environment  # noqa: F401 - for its effect: the folders of this run

# isort: split
from PIL import Image
from qtpy.QtWidgets import QApplication, QWidget

from pymodaq_plugins_pyrpl.panel import theme
from pymodaq_plugins_pyrpl.panel.window import PanelWindow
from pyrpl_remote import connect, lab, lock_history, virtual_cavity

from ..boards import RunningBoard, running_board
from ..qt_events import qt_until

SIZE = (1280, 800)
"""The size of the window by default, in pixels of a screen whose scale factor is 1."""


LOCKED_SECONDS = 12.0
"""How long the cavity is locked between two pushes."""


@contextmanager
def lab_of_two(look: theme.Look) -> Iterator[tuple[PanelWindow, RunningBoard]]:
    """A window of a lab with two boards: `cavity`, which this program uses, and `virtual`."""
    with running_board() as board:
        where = {"hostname": board.host, "sshport": board.ssh_port, "port": board.monitor_port}
        with connect("cavity", **where) as p, connect("virtual"), p.pids.pop("laser lock"):
            lab.save(lab.LabFile({"grace": 60}, {"interferometer": {"hostname": "rp-f08d6c.local"}}))
            window = PanelWindow(look)
            window.show()
            qt_until(lambda: len(window.watch.boards) == 3, 30.0, "all boards")
            window.list.choose(("cavity", ""))
            qt_until(
                lambda: any("pid1" in row[-1] for row in window.overview.clients.rows), 30.0, "its clients"
            )
            yield window, board
            window.close()
            window.deleteLater()


def boards_page(folder: Path, look: theme.Look, width: int, height: int) -> None:
    """The boards in light and dark, a start, a board that is lost, and the lab's page."""
    with lab_of_two(look) as (window, board):
        window.resize(width, height)
        for choice in (theme.LIGHT, theme.DARK):
            look.choose(choice)
            save(window, folder / f"panel-boards-{choice}.png")
        look.choose(theme.LIGHT)
        window.overview.examine.click()
        qt_until(lambda: not window.overview.doctor.busy, 60.0, "the findings")
        save(window, folder / "panel-doctor.png")
        window.overview.new.click()
        save(window, folder / "panel-start.png")
        window.overview.form.cancel.click()
        window.tabs.setCurrentWidget(window.lab)
        qt_until(lambda: window.lab.configuration.board.count(), 20.0, "the configuration")
        window.lab.configuration.message.say("Kept in ~/.config/pyrpl_remote/lab.toml")  # not in this run's
        save(window, folder / "panel-lab.png")
        window.tabs.setCurrentWidget(window.overview)
        window.overview.details.setCurrentWidget(window.overview.clients)
        board.control.silence(True)
        with connect("cavity") as p:
            p.rp.pid0.on_change(lambda change: None)
            qt_until(lambda: window.watch.boards["cavity", ""].state == "reconnecting", 60.0, "the loss")
        window.errors.say(
            "board 'cavity': the connection to the Red Pitaya was lost",
            "it comes back by itself; is it switched on?",
        )
        save(window, folder / "panel-lost.png")
        board.control.silence(False)


def locked_cavity(folder: Path, look: theme.Look, width: int, height: int) -> None:
    """The virtual cavity, from the empty lab to a lock that was lost and taken again, in light and dark."""
    window = PanelWindow(look)
    window.resize(width, height)
    window.show()
    button = window.overview.welcome.cavity.button
    qt_until(button.isVisible, 30.0, "the empty lab")
    save(window, folder / "panel-empty.png")
    button.click()
    page: Any = window.open_board(virtual_cavity.NAME).page("Lockbox")
    qt_until(lambda: page.sweep.model.xData is not None and len(page.sweep.model.xData), 300.0, "the model")
    page.sweep.input.setCurrentText("pdh")
    qt_until(lambda: page.demonstration.watches, 60.0, "the lock")
    for count in range(1, 4):
        # as long a lock as is seen in the strip, and in the trace before the loss
        until = time.monotonic() + LOCKED_SECONDS
        qt_until(partial(passed, until), 2 * LOCKED_SECONDS)
        page.cavity.push.click()
        qt_until(partial(relocked, page, count), 60.0, "the relock")
    losses = [event for event in page.history.history if event.kind == lock_history.LOST]
    page.history.loss_chosen.emit(losses[0])
    qt_until(lambda: page.history.told_of and page.history.told_of.trace is not None, 20.0, "the trace")
    qt_until(partial(passed, time.monotonic() + LOCKED_SECONDS / 3), LOCKED_SECONDS)
    for choice in (theme.LIGHT, theme.DARK):
        look.choose(choice)
        save(window, folder / f"panel-lockbox-{choice}.png")
    look.choose(theme.LIGHT)
    window.close()
    window.deleteLater()


def passed(when: float) -> bool:
    """Whether it is `when` or later, by the monotonic clock."""
    return time.monotonic() > when


def relocked(page: Any, count: int) -> bool:
    """Whether the watch has taken the lock again so often."""
    return sum(event.kind == lock_history.RELOCKED for event in page.history.history) >= count


def save(widget: QWidget, file: Path) -> None:
    """Save a picture of a window."""
    qt_until(lambda: True)
    QApplication.processEvents()
    assert widget.grab().save(str(file)), file
    # with a palette: a third of the size
    picture = Image.open(file).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    picture.save(file, optimize=True)
    print(f"{file}: {file.stat().st_size / 1e3:.0f} kB")


def make(folder: Path, width: int = SIZE[0], height: int = SIZE[1]) -> None:
    """Make all pictures of the panel."""
    application: Any = QApplication.instance() or QApplication(["pictures"])
    look = theme.Look(application)
    locked_cavity(folder, look, width, height)
    boards_page(folder, look, width, height)


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    make(folder, *map(int, sys.argv[2:]))
    sys.stdout.flush()
    # a normal end destroys Qt's objects in any order, which can crash
    os._exit(0)


if __name__ == "__main__":
    main()
