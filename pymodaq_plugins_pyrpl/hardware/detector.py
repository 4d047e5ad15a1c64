"""The base class of all viewers: snaps, live streams on a shared acquisition, and their ends."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import numpy as np
from pymodaq.control_modules.thread_commands import ThreadStatus
from pymodaq.control_modules.viewer_utility_classes import DAQ_Viewer_base
from pymodaq.utils.data import DataFromPlugins
from pymodaq_data.data import Axis, DataToExport
from pymodaq_utils.utils import ThreadCommand
from qtpy.QtCore import QTimer

from pyrpl_remote.errors import AcquisitionCancelled, BoardLinkLost, PyrplRemoteError

from .background import ACQUISITIONS
from .board_plugin import BoardPlugin
from .health import one_line
from .scans import end_waits

SAY_AGAIN_MILLISECONDS = 50
"""When the reason of a failed grab is shown again."""


class BoardDetector(BoardPlugin, DAQ_Viewer_base):
    """A viewer. A subclass defines `acquire` and `empty`."""

    acquire: Callable[[bool], DataToExport]
    """`acquire(live)` acquires data and returns them; `live` for a Grab, else for a Snap.

    Runs in the background, and may wait. Raises PyrplRemoteError; AcquisitionCancelled if somebody has
    changed a setting of the acquisition, which is then begun again.
    """

    def empty(self) -> DataToExport | None:
        """Data of the right shape and labels, in the background: viewers exist before the first grab."""
        return None

    def stop_acquisition(self) -> None:
        """Let an `acquire` that waits return or raise, and end what it started. Runs in the background."""

    def before_release(self) -> None:
        """End what this plugin has started: another program, or plugin, may go on with the board."""
        self.stop_acquisition()

    stopped = False
    _waiting = 0
    _failure: Exception | None = None

    def ini_detector(self, controller=None) -> tuple[str, bool]:
        """Connect to the board; a slave uses its master's connection."""
        info, initialized = self.open_board(controller)
        if initialized:
            with contextlib.suppress(PyrplRemoteError):
                data = self.ask(self.empty)
                if data is not None:
                    self.dte_signal_temp.emit(data)
        return info, initialized

    def grab_data(self, Naverage=1, live=False, **kwargs) -> None:
        """Acquire, and emit the data. A failure is reported and ends the grab."""
        if self.controller is None:
            return
        self.stopped = False
        self._failure = None
        try:
            data = self._acquired(live)
        except Exception as error:  # noqa: BLE001 - boundary: PyMoDAQ's worker would call again for ever
            self._failure = error
            self.report(error)
            self.emit_status(ThreadCommand(ThreadStatus.STOP))
            end_waits(self._title, one_line(error), moves=False)
            self._end_grab()
            return
        if data is not None:
            self.dte_signal.emit(data)

    def stop(self) -> None:
        """End the wait for data."""
        failure, self._failure = self._failure, None
        if failure is not None:
            # PyMoDAQ shows that it stops after this; the reason is to be seen last
            QTimer.singleShot(SAY_AGAIN_MILLISECONDS, lambda: self._say(failure))
        self.stopped = True
        if self.controller is not None and self.background is not None:
            self.background.begin(self.stop_acquisition, lambda _: None)

    def close(self) -> None:
        """Release the board."""
        self.stopped = True
        self.close_board()
        self._end_grab()

    def link_lost(self, reason: str) -> None:
        """End the wait for data at once."""
        super().link_lost(reason)
        if self._waiting and self.background is not None:
            self.background.give_up(BoardLinkLost(reason, "it comes back by itself; then grab again"))

    def _say(self, failure: Exception) -> None:
        if self.controller is not None:
            self.emit_status(ThreadCommand(ThreadStatus.UPDATE_STATUS, one_line(failure)))

    def _end_grab(self) -> None:
        if self.parent is not None:
            # PyMoDAQ's thread does not end while a grab is running
            self.parent.grab_state = False

    def _acquired(self, live: bool) -> DataToExport | None:
        """Make one acquisition; returns None if Stop ended it."""
        self._waiting += 1
        try:
            while True:
                try:
                    return self.ask(lambda: self.acquire(live), ACQUISITIONS)
                except AcquisitionCancelled:
                    if self.stopped or self.controller is None:
                        return None
                    # somebody has changed a setting, which cancels PyRPL's acquisition: begin a new one
                except PyrplRemoteError:
                    if self.stopped or self.controller is None:
                        return None
                    raise
        finally:
            self._waiting -= 1


def data_by_unit(channels: list[tuple[str, np.ndarray, str]], axis: Axis) -> list[DataFromPlugins]:
    """One-dimensional data for channels, each with its label, values and unit: one for each unit."""
    data = []
    for unit in dict.fromkeys(unit for *_, unit in channels):
        same = [(label, values) for label, values, own in channels if own == unit]
        data.append(
            DataFromPlugins(
                name="Voltage" if unit == "V" else f"Signal ({unit})",
                data=[values for _, values in same],
                dim="Data1D",
                labels=[label for label, _ in same],
                units=unit,
                axes=[axis],
            )
        )
    return data
