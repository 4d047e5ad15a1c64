"""How far the compilation of the FPGA's model is, from the events of numba's compiler."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from numba.core import event

from .fpga import compiled

Report = Callable[[int, int], object]
"""A function that is called with how many functions are compiled, and how many there are."""


class _Counter(event.Listener):
    """Counts those functions of the model whose compilation has ended; some are compiled several times."""

    def __init__(self, report: Report):
        self._report = report
        self._compiled: set[object] = set()

    def on_start(self, event: event.Event) -> None:
        pass

    def on_end(self, event: event.Event) -> None:
        function = event.data["dispatcher"].py_func
        if function in compiled.functions and function not in self._compiled:
            self._compiled.add(function)
            self._report(len(self._compiled), len(compiled.functions))


@contextmanager
def reported(report: Report) -> Iterator[None]:
    """Call `report` for each function that is compiled within the block, for none that numba's cache has."""
    with event.install_listener("numba:compile", _Counter(report)):
        yield
