"""A good client that is served while hostile programs attack: each of its answers must be right."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from typing import Any

from pyrpl_remote import discover

ANSWER_SECONDS = 8.0
"""How long it may wait for an answer."""


class GoodClient:
    """Uses the board in its own thread. Attributes: `answers`, `slowest` (s), `wrong` (texts)."""

    def __init__(self, p: Any, name: str, pid: Any) -> None:
        """`pid` is a module of `p` that nobody else uses; `name`: of the board."""
        self._p, self._name, self._pid = p, name, pid
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.answers = 0
        self.slowest = 0.0
        self.wrong: list[str] = []

    def __enter__(self) -> GoodClient:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def report(self) -> dict[str, Any]:
        """What came of it."""
        wrong = Counter(self.wrong)
        return {
            "answers": self.answers,
            "slowest": round(self.slowest, 3),
            "wrong": [f"({count} x) {text}" for text, count in wrong.items()],
        }

    def _run(self) -> None:
        for turn in itertools.count():
            if self._end.wait(0.01):
                return
            begin = time.monotonic()
            try:
                self._ask(turn)
            except Exception as error:  # noqa: BLE001 - boundary: it is reported in the end
                self.wrong.append(f"{type(error).__name__}: {error}")
            took = time.monotonic() - begin
            self.answers += 1
            self.slowest = max(self.slowest, took)
            if took > ANSWER_SECONDS:
                self.wrong.append(f"an answer took {took:.1f} s")

    def _ask(self, turn: int) -> None:
        pid, value = self._pid, (turn % 8000) / 8192
        pid.setpoint = value
        assert pid.setpoint == value, f"{pid.setpoint} was read, not {value}"
        if turn % 50 == 0:
            assert self._p.status()["board"] == self._name  # on a new connection
            assert [entry.name for entry in discover()].count(self._name) == 1, "the board is not found"
        if turn % 50 == 25:
            # a connection for each thread
            found: list[float] = []
            thread = threading.Thread(target=lambda: found.append(pid.setpoint))
            thread.start()
            thread.join()
            assert found == [value], f"another thread read {found}"
