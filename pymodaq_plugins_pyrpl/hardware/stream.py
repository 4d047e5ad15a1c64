"""`SharedAcquisition`: curves of a module whose acquisition other programs may use too.

PyRPL ends a continuous acquisition when another one begins on the same module. Where one runs, curves are
taken from it, whoever started it. All methods but `end` run in the background.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

from pyrpl_remote import CurveFrame
from pyrpl_remote.errors import AcquisitionCancelled, PyrplRemoteError

CONTINUOUS = "running_continuous"

LOOK_SECONDS = 0.5
"""How often to look whether the continuous acquisition still runs, where no curve comes."""


class NoCurve(PyrplRemoteError, TimeoutError):
    """No curve came in time."""


class SharedAcquisition:
    """The acquisition of one module, used by one plugin. One thread at a time waits for a curve."""

    def __init__(self, module: Any):
        self._module = module
        self._changed = threading.Condition()
        self._frame: CurveFrame | None = None
        self._subscription: Any = None
        self._future: Any = None
        self._started = False
        self._ended = False

    def begin(self) -> None:
        """A Snap or a Grab begins: `end` has not been called for it."""
        self._ended = False

    def snap(
        self, seconds: float, late: Callable[[], str], names: Sequence[str] = ()
    ) -> tuple[Any, Any, dict[str, Any]]:
        """A curve whose acquisition began after this call: x, y, and the attributes `names` after it.

        Where the module acquires continuously, it comes from that. Raises NoCurve after `seconds`, with the
        message `late()`; AcquisitionCancelled if somebody has ended the acquisition, or after `end`.
        """
        deadline = time.monotonic() + seconds
        if self._module.running_state == CONTINUOUS:
            with contextlib.closing(_Fresh(self, self._module)) as fresh:
                while time.monotonic() < deadline:
                    frame = self._next(min(LOOK_SECONDS, deadline - time.monotonic()))
                    if frame is not None and fresh.take(frame):
                        return frame.x, fresh.y, self._module.snapshot(*names) if names else {}
                    if frame is None and self._module.running_state != CONTINUOUS:
                        raise AcquisitionCancelled("the continuous acquisition has ended")
            raise NoCurve(late())
        return self._single(seconds, late, names)

    def live(self) -> tuple[Any, Any]:
        """The next curve of the continuous acquisition, which is started where nothing runs: x and y.

        Waits without limit; raises AcquisitionCancelled after `end`.
        """
        module = self._module
        if self._subscription is None:
            self._subscribe()
        while True:
            state = module.running_state
            if state == "running_single":  # of another client, or one that nobody waits for
                return self._single(None, str)[:2]
            if state != CONTINUOUS:
                module.continuous()
                self._started = True
            frame = self._next(LOOK_SECONDS)
            while frame is None and not self._ended and module.running_state == CONTINUOUS:
                frame = self._next(LOOK_SECONDS)
            if frame is not None:
                return frame.x, frame.y
            if self._ended:
                raise AcquisitionCancelled("the grab was stopped")

    def end(self) -> None:
        """Let a `snap` or `live` that waits raise AcquisitionCancelled. From any thread."""
        self._ended = True
        with self._changed:
            self._changed.notify_all()

    def release(self) -> None:
        """Stop what this plugin has started, and nothing else."""
        self.end()
        future, self._future = self._future, None
        if future is not None:
            future.cancel()
        self.unsubscribe()
        if self._started:
            self._started = False
            if self._module.running_state == CONTINUOUS:
                self._module.stop()

    def unsubscribe(self) -> None:
        """Take no more curves."""
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            subscription.close()
        self._frame = None

    def _subscribe(self) -> None:
        self._frame = None
        self._subscription = self._module.on_curve(self._keep)

    def _keep(self, frame: CurveFrame) -> None:
        with self._changed:
            self._frame = frame
            self._changed.notify_all()

    def _next(self, seconds: float) -> CurveFrame | None:
        """The newest curve that was not taken yet; None if none comes in time, or after `end`."""
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None or self._ended, seconds)
            frame, self._frame = self._frame, None
            return None if self._ended else frame

    def _single(
        self, seconds: float | None, late: Callable[[], str], names: Sequence[str] = ()
    ) -> tuple[Any, Any, dict[str, Any]]:
        if self._ended:
            raise AcquisitionCancelled("the acquisition was stopped")
        future = self._future = self._module.single_async()
        try:
            y = future.result(seconds)
        except CancelledError as error:
            raise AcquisitionCancelled("the acquisition was stopped") from error
        except FutureTimeout as error:
            if future.done():
                raise
            message = late()
            future.cancel()
            raise NoCurve(message) from error
        finally:
            self._future = None
        # not `times`: those are of the next acquisition
        values = self._module.snapshot("data_x", *names)
        return values.pop("data_x"), y, values


class _Fresh:
    """Finds, in a continuous acquisition, a curve to which only traces of later than now contribute."""

    def __init__(self, acquisition: SharedAcquisition, module: Any):
        self._acquisition = acquisition
        self._own = acquisition._subscription is None  # noqa: SLF001 - of this file's own class
        self._average = module.trace_average
        self._module = module
        self._first: CurveFrame | None = None
        self._began = time.monotonic()
        self._rolling = getattr(module, "rolling_mode", False)
        self.y: Any = None
        if self._own:
            acquisition._subscribe()  # noqa: SLF001

    def take(self, frame: CurveFrame) -> bool:
        """Heed the next curve; returns whether `y` is the fresh one now."""
        if self._rolling:
            # a rolling curve shows the last `duration`
            if time.monotonic() - self._began >= float(frame.x[-1] - frame.x[0]):
                self.y = frame.y
                return True
            return False
        if self._first is None:
            # its trace may have begun before; the next one begins after it. PyRPL's moving average is known
            # to have a constant weight once it is full
            if self._average == 1 or self._module.current_avg >= self._average:
                self._first = frame
            return False
        count = frame.number - self._first.number
        if count < self._average:
            return False
        # what the traces before it still contribute to the moving average is subtracted
        rest = (1 - 1 / self._average) ** count
        self.y = (frame.y - rest * self._first.y) / (1 - rest)
        return True

    def close(self) -> None:
        """Take no more curves."""
        if self._own:
            self._acquisition.unsubscribe()
