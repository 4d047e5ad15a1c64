"""A time limit for what may wait for ever: a name that is resolved, a daemon that is frozen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TypeVar

Made = TypeVar("Made")


def in_time(seconds: float, make: Callable[[], Made]) -> Made:
    """Return what `make()` returns, or raise what it raises; TimeoutError if it takes longer than `seconds`.

    It runs in a thread, which is left behind if it takes longer, and does not keep the process from ending.
    """
    made: Future[Made] = Future()

    def run() -> None:
        try:
            made.set_result(make())
        except BaseException as error:  # noqa: BLE001 - boundary: raised again in the thread that waits
            made.set_exception(error)

    threading.Thread(target=run, name="doctor", daemon=True).start()
    try:
        return made.result(seconds)
    except FutureTimeoutError as error:
        if made.done():  # raised by make() itself
            raise
        raise TimeoutError(f"no answer within {seconds:g} s") from error
