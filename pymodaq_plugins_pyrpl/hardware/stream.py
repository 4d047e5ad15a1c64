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
STOPPED = "stopped"

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
        self,
        names: Sequence[str],
        seconds: Callable[[dict[str, Any]], float],
        late: Callable[[dict[str, Any]], str],
    ) -> tuple[Any, Any, dict[str, Any]]:
        """A curve whose acquisition began after this call: x, y, and the values of the attributes `names`.

        Where the module acquires continuously, it comes from that. Raises NoCurve after `seconds(values)`,
        with the message `late(values)`; AcquisitionCancelled if somebody has ended the acquisition, or after
        `end`.
        """
        module = self._module
        state = module.running_state
        if state != CONTINUOUS:
            x, y, values = self._single(names, seconds, late)
            # after another program's acquisition, which comes first, its settings may be others
            return x, y, values if state == STOPPED else self._values(names)
        values = self._values(names)
        deadline = time.monotonic() + seconds(values)
        with contextlib.closing(_Fresh(self, module)) as fresh:
            while time.monotonic() < deadline:
                frame = self._next(min(LOOK_SECONDS, deadline - time.monotonic()))
                if frame is not None and fresh.take(frame):
                    return frame.x, fresh.y, self._values(names)
                if frame is None and module.running_state != CONTINUOUS:
                    raise AcquisitionCancelled("the continuous acquisition has ended")
        raise NoCurve(late(values))

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
                x, y, _ = self._single()
                return x, y
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

    def _values(self, names: Sequence[str]) -> dict[str, Any]:
        values: dict[str, Any] = self._module.snapshot(*names) if names else {}
        return values

    def _single(
        self,
        names: Sequence[str] = (),
        seconds: Callable[[dict[str, Any]], float | None] = lambda _: None,
        late: Callable[[dict[str, Any]], str] = str,
    ) -> tuple[Any, Any, dict[str, Any]]:
        if self._ended:
            raise AcquisitionCancelled("the acquisition was stopped")
        begin = time.monotonic()
        future = self._future = self._module.single_async()
        try:
            # while the board acquires: that costs no time of its own
            values = self._values(names)
            limit = seconds(values)
            y = future.result(None if limit is None else max(0.0, begin + limit - time.monotonic()))
        except CancelledError as error:
            raise AcquisitionCancelled("the acquisition was stopped") from error
        except FutureTimeout as error:
            if future.done():
                raise
            future.cancel()
            raise NoCurve(late(values)) from error
        finally:
            self._future = None
        # not `times`: those are of the next acquisition
        return self._module.data_x, y, values


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
