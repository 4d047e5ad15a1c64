"""Shows how far a start is: one line on stderr that updates itself, on a terminal and in a notebook.

`connect`, the commands and the virtual board use it. A step is a short text. What changes within a step
stands at its end in parentheses, as in "compiling the virtual FPGA (40 %, about 15 s left)".
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TextIO

from . import settings
from .errors import BadParameter

Report = Callable[[str], None]
"""A function that is called with the text of each step."""

NOTEBOOK_COLUMNS = 80
"""The width of the line in a notebook, and on a terminal that does not tell its width."""

LINE_SECONDS = 10.0
"""How often a step that takes long is a line again in a file or a pipe."""


def ignore(text: str) -> None:
    """A Report that shows nothing."""


@contextlib.contextmanager
def shown(wanted: Report | bool | None, subject: str) -> Iterator[Report]:
    """Show the steps that are reported within the block; the line is cleared at its end, also by an error.

    `wanted`: None for the default: what PYRPL_REMOTE_PROGRESS says, else shown if stderr is a terminal or the
    cell of a notebook. True: always shown; where stderr is neither, each step is one line that stays. False:
    never. A function: it is called with each step, and nothing is shown. `subject` begins the line.

    Raises BadParameter for anything else, and for a PYRPL_REMOTE_PROGRESS that means nothing.
    """
    if callable(wanted):
        yield wanted
        return
    if wanted not in (None, True, False):
        raise BadParameter(f"progress={wanted!r} is not valid", "it must be True, False, None or a function")
    if wanted is None:
        wanted = _setting()
    # a program without a console has no stderr
    stream: TextIO | None = sys.stderr
    if wanted is False or stream is None:
        yield ignore
    elif _overwrites(stream):
        line = _Line(stream, subject)
        try:
            yield line.show
        finally:
            line.clear()
    else:
        yield _Lines(stream, subject).show if wanted else ignore


def unless_switched_off() -> bool:
    """What a command that waits in a terminal wants: steps are shown in a file too, as lines.

    False if PYRPL_REMOTE_PROGRESS says so. Raises BadParameter as `shown`.
    """
    setting = _setting()
    return True if setting is None else setting


def _setting() -> bool | None:
    try:
        return settings.show_progress()
    except ValueError as error:
        raise BadParameter(str(error), "unset it, or set it to 1 or 0") from error


def _overwrites(stream: TextIO) -> bool:
    """Whether a carriage return lets the next text overwrite the last one: on a terminal, in a notebook."""
    # IDLE says that it is a terminal, and shows a carriage return as a letter
    if type(stream).__module__.startswith("idlelib"):
        return False
    try:
        return stream.isatty() or _in_notebook()
    except (AttributeError, ValueError):  # a program's own object that can only be written to, or closed
        return False


def _in_notebook() -> bool:
    """Whether this process is the kernel of a notebook, or of a console like Spyder's."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


def _columns(stream: TextIO) -> int:
    """The width of a terminal. A notebook's stderr has that of the terminal in which Jupyter was started."""
    if not stream.isatty():
        return NOTEBOOK_COLUMNS
    try:
        return os.get_terminal_size(stream.fileno()).columns or NOTEBOOK_COLUMNS
    except (OSError, ValueError):
        return NOTEBOOK_COLUMNS


class _Line:
    """One line that the next step overwrites."""

    def __init__(self, stream: TextIO, subject: str):
        self._stream = stream
        self._subject = subject
        self._lock = threading.Lock()
        self._shown = self._ended = False

    def show(self, text: str) -> None:
        with self._lock:
            # another thread may report once more after the end
            if not self._ended:
                self._write(f"{self._subject}: {text} ...")
                self._shown = True

    def clear(self) -> None:
        with self._lock:
            self._ended = True
            if self._shown:
                self._write("")

    def _write(self, text: str) -> None:
        # the last column stays empty: some terminals begin a new line after it
        room = max(_columns(self._stream) - 1, 1)
        # spaces, not the escape sequence that erases a line: notebooks and some consoles do not know that
        _write(self._stream, f"\r{text[:room]:{room}}\r{text[:room]}")


class _Lines:
    """A line for each step, for a program whose stderr is a file or a pipe.

    What has changed within a step is a line of its own only each LINE_SECONDS.
    """

    def __init__(self, stream: TextIO, subject: str):
        self._stream = stream
        self._subject = subject
        self._step = ""
        self._written = 0.0

    def show(self, text: str) -> None:
        step = text.partition(" (")[0]
        now = time.monotonic()
        if step != self._step or now - self._written >= LINE_SECONDS:
            self._step = step
            self._written = now
            _write(self._stream, f"{self._subject}: {text} ...\n")


def _write(stream: TextIO, text: str) -> None:
    # a terminal that was closed meanwhile is no reason to end the start
    with contextlib.suppress(OSError, ValueError):
        print(text, end="", file=stream, flush=hasattr(stream, "flush"))
