"""Compiles the FPGA's model, in several processes at the same time, and reports how far it is.

This process compiles the loop over all blocks. Each helper, a process of its own (compile_helper.py),
compiles one block after another and leaves its code in numba's cache, from which this process loads it.
Nothing but time depends on the helpers: what is not in the cache in the end is compiled here.
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from numba.core import event

from .. import clean_path
from ..machine.detached import own_group
from . import code_cache
from .fpga import blocks, compiled, engine
from .fpga.parts import Part

log = logging.getLogger(__name__)

Report = Callable[[int, int], object]
"""A function that is called with how many functions are compiled, and how many there are."""

MOST_HELPERS = 3
"""More would end hardly earlier: the loop, which is compiled in one piece, takes the longest."""

LAST_SECONDS = 300.0
"""How long the helpers may take for their last blocks, when this process has nothing left to compile: longer
than a block takes on a busy machine."""

COMMAND = clean_path.command("pyrpl_remote.virtual.compile_helper")
"""The command that starts a helper."""


class Compiled(event.Listener):
    """Calls a function with the name of each function of the model whose compilation has begun or ended.

    It is called for none that numba's cache has.
    """

    def __init__(self, begun: Callable[[str], object], ended: Callable[[str], object]):
        self._begun = begun
        self._ended = ended

    def on_start(self, event: event.Event) -> None:
        """The compilation of a function begins."""
        if event.data["dispatcher"].py_func in compiled.functions:
            self._begun(name_of(event.data["dispatcher"].py_func))

    def on_end(self, event: event.Event) -> None:
        """The compilation of a function has ended."""
        if event.data["dispatcher"].py_func in compiled.functions:
            self._ended(name_of(event.data["dispatcher"].py_func))


def name_of(function: Any) -> str:
    """The name under which a function of the model is counted, in every process."""
    return f"{function.__module__}.{function.__qualname__}"


def complete(report: Report, helpers: int | None = None) -> None:
    """Compile what numba's cache does not have, and load the rest, so that an `Fpga` can compute.

    `report` is called, in any thread, for each function that is compiled; for none that the cache has.
    `helpers`: how many processes help, if anything must be compiled; None: one for each further processor,
    but MOST_HELPERS at most.
    """
    if helpers is None:
        helpers = min(_processors() - 1, MOST_HELPERS)
    _Compilation(report, helpers if code_cache.folder() is not None else 0).run()


def _processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Compilation:
    def __init__(self, report: Report, helpers: int):
        self._report = report
        self._helpers = [threading.Thread(target=self._help, daemon=True) for _ in range(helpers)]
        self._processes: list[subprocess.Popen[str]] = []
        self._begun = False
        self._lock = threading.Lock()
        self._names = {name_of(function) for function in compiled.functions}
        self._names |= {name_of(part.function) for part in blocks.PARTS}
        self._compiled: set[str] = set()
        self._waiting = deque(blocks.PARTS)

    def run(self) -> None:
        with event.install_listener("numba:compile", Compiled(self._begin, self._note)):
            try:
                engine.run.compile(engine.TYPES)
            except OSError as error:
                # it is compiled, but could not be written
                log.warning(code_cache.NOT_KEPT, error)
            while (part := self._next()) is not None:
                part.prepare()
                if self._begun:
                    self._note(name_of(part.function))
            if self._begun:
                self._end_helpers()
                for part in blocks.PARTS:  # what a helper has not done is compiled here
                    part.prepare()
                    self._note(name_of(part.function))
            blocks.addresses()

    def _end_helpers(self) -> None:
        """Wait for the helpers' last blocks; a helper that hangs is ended."""
        deadline = time.monotonic() + LAST_SECONDS
        for helper in self._helpers:
            helper.join(max(0.0, deadline - time.monotonic()))
        for process in self._processes:
            if process.poll() is None:
                log.warning("process %d has not compiled its block in time and is ended", process.pid)
                process.kill()

    def _begin(self, name: str) -> None:
        """Start the helpers as soon as something is compiled: a usual start finds all in the cache."""
        if not self._begun:
            self._begun = True
            for helper in self._helpers:
                helper.start()

    def _note(self, name: str) -> None:
        with self._lock:
            if name in self._names and name not in self._compiled:
                self._compiled.add(name)
                self._report(len(self._compiled), len(self._names))

    def _next(self) -> Part | None:
        """The next part that nobody compiles yet."""
        try:
            return self._waiting.popleft()
        except IndexError:
            return None

    def _help(self) -> None:
        """Let a process compile one part after another; in a thread of its own."""
        pipe = subprocess.PIPE
        # what it would write to stderr, this process meets too
        with (
            contextlib.suppress(OSError),
            # in a group of its own: Ctrl-C is meant for the board, which then ends its helpers
            subprocess.Popen(
                COMMAND, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, **own_group()
            ) as helper,
        ):
            self._processes.append(helper)
            assert helper.stdin is not None and helper.stdout is not None
            while (part := self._next()) is not None:
                print(name_of(part.function), file=helper.stdin, flush=True)
                for line in helper.stdout:
                    self._note(line.strip())
                    if line.strip() == name_of(part.function):
                        break
                else:
                    return  # it has ended too early: this process compiles what is missing
