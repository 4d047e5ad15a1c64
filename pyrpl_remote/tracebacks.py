"""How IPython and Jupyter show an error of ours: with the lines of the user, not with ours."""

from __future__ import annotations

import traceback
from types import TracebackType
from typing import Any

PACKAGE = __name__.partition(".")[0]
"""The package whose frames are hidden."""


def rendered(error: BaseException) -> list[str]:
    """The traceback of `error` as IPython formats it, without the frames of this package.

    If all frames are of this package, as in a callback, they are shown.
    """
    from IPython.core.getipython import get_ipython  # here: only IPython calls this

    shell: Any = get_ipython()
    shown = _without_our_frames(error.__traceback__)
    if shell is None:
        return traceback.format_exception(type(error), error, shown)
    lines: list[str] = shell.InteractiveTB.structured_traceback(type(error), error, shown)
    return lines


def _without_our_frames(trace: TracebackType | None) -> TracebackType | None:
    steps = []
    step = trace
    while step is not None:
        if str(step.tb_frame.f_globals.get("__name__", "")).partition(".")[0] != PACKAGE:
            steps.append(step)
        step = step.tb_next
    shown = None
    for step in reversed(steps):
        shown = TracebackType(shown, step.tb_frame, step.tb_lasti, step.tb_lineno)
    return shown or trace
