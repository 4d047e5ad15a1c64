"""`plot`: a curve of the scope or an analyser, in the terminal or as a picture."""

from __future__ import annotations

import math
import queue
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from .. import connect
from ..errors import BadParameter, PyrplMissing
from ..machine import extras
from .characters import FRAMES, can_print
from .completion import complete_board
from .output import require_picture, require_writable

MODULES = ("scope", "spectrumanalyzer", "networkanalyzer")

MARGIN = 16
"""The columns that the terminal needs beside the curve: its frame, and the labels of the y axis."""

DOTS = "\N{BRAILLE PATTERN DOTS-1}\N{BOX DRAWINGS LIGHT VERTICAL}"
"""Of what a curve and its frame are drawn, where the output can have these characters."""

RUNNING = ("running_continuous", "running_single")


@dataclass
class Picture:
    """What is drawn: lines over `x`, by their labels, and what the axes are."""

    title: str
    x: np.ndarray[Any, Any]
    x_name: str
    x_unit: str
    y_unit: str
    lines: dict[str, np.ndarray[Any, Any]]
    logarithmic: bool = False


def plot(
    board: Annotated[
        str,
        typer.Argument(
            metavar="BOARD",
            help="The board's name; its daemon is started if none runs.",
            autocompletion=complete_board,
        ),
    ],
    module: Annotated[
        str,
        typer.Argument(metavar="MODULE", help=", ".join(MODULES) + ".", autocompletion=lambda: list(MODULES)),
    ] = "scope",
    output: Annotated[
        Path | None, typer.Option(help="File for a picture (.png, .pdf, .svg); by default it is drawn here.")
    ] = None,
    timeout: Annotated[float, typer.Option(help="How long to wait for the curve, in s.")] = 10.0,
) -> None:
    """Take one curve, and draw it in the terminal, or as a picture.

    Where an acquisition runs, its next curve is drawn, and nothing is disturbed.

    Example: pyrpl-remote plot virtual scope --output trace.png
    """
    if module not in MODULES:
        raise BadParameter(f"{module!r} takes no curves", f"one of {', '.join(MODULES)} does")
    if not (math.isfinite(timeout) and timeout >= 0):
        raise BadParameter(f"--timeout={timeout:g} is no time", "give seconds, such as 10")
    if output is not None:
        require_writable(output)
        if lacking := extras.missing_module("matplotlib", "notebook"):
            raise PyrplMissing(*extras.needs("a picture", lacking))
        require_picture(output)
    with connect(board) as p:
        source = p.rp.scope if module == "scope" else getattr(p, module)
        picture = _picture(source, module, *_curve(source, timeout))
        picture.title = f"{board}: {module}"
    if output is None:
        _draw(picture)
    else:
        _save(picture, output)
        print(output)


def _curve(source: Any, timeout: float) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """x and y of the next curve. Raises TimeoutError."""
    if source.running_state not in RUNNING:
        y = np.asarray(source.single(timeout=timeout))
        return np.asarray(source.data_x), y
    frames: queue.SimpleQueue[Any] = queue.SimpleQueue()
    with source.on_curve(frames.put):
        try:
            frame = frames.get(timeout=timeout)
        except queue.Empty:
            raise TimeoutError(
                f"no curve of the running acquisition came within {timeout:g} s: is there a trigger?"
            ) from None
    return frame.x, frame.y


def _picture(source: Any, module: str, x: np.ndarray[Any, Any], y: np.ndarray[Any, Any]) -> Picture:
    if module == "scope":
        names = source.snapshot("input1", "input2")
        lines = {names["input1"]: y[0], names["input2"] + " (2)": y[1]}
        return Picture("", x, "time", "s", "V", lines)
    if module == "networkanalyzer":
        with np.errstate(divide="ignore"):  # points that are not measured yet
            decibels = 20 * np.log10(np.abs(y))
        finite = np.isfinite(decibels)
        return Picture(
            "",
            x[finite],
            "frequency",
            "Hz",
            "dB",
            {source.input: decibels[finite]},
            logarithmic=bool(source.logscale),
        )
    with np.errstate(divide="ignore"):
        decibels = 10 * np.log10(np.atleast_2d(y)[0])
    return Picture("", x, "frequency", "Hz", "dB(Vpk²)", {source.input: decibels})


def _draw(picture: Picture) -> None:
    """Draw in the terminal, as wide as it is."""
    from rich.console import Console
    from rich.text import Text
    from uniplot import plot_to_string

    columns, lines = shutil.get_terminal_size()
    drawn = plot_to_string(
        xs=[picture.x] * len(picture.lines),
        ys=list(picture.lines.values()),
        legend_labels=list(picture.lines),
        title=picture.title,
        x_unit=f" {picture.x_unit}",
        y_unit=f" {picture.y_unit}",
        x_as_log=picture.logarithmic,
        lines=True,
        color=sys.stdout.isatty(),
        character_set="braille" if can_print(DOTS) else "ascii",
        width=max(20, columns - MARGIN),
        height=max(5, min(20, lines - 6)),
    )
    text = drawn if isinstance(drawn, str) else "\n".join(drawn)
    shown = Text.from_ansi(text if can_print(DOTS) else text.translate(FRAMES))
    # rich knows the colours of a console that does not understand these escape sequences
    Console(soft_wrap=True, highlight=False, width=columns).print(shown)


def _save(picture: Picture, output: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), dpi=120, layout="constrained")
    axes = figure.subplots()
    for label, y in picture.lines.items():
        axes.plot(picture.x, y, label=label)
    if picture.logarithmic:
        axes.set_xscale("log")
    axes.set(title=picture.title, xlabel=f"{picture.x_name} ({picture.x_unit})", ylabel=picture.y_unit)
    axes.legend(loc="upper right")
    axes.grid(alpha=0.3)
    figure.savefig(output)
