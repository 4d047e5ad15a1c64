"""Snaps that take longer than PyMoDAQ waits for a viewer in a scan: they are refused before they begin."""

from __future__ import annotations

from pymodaq_utils.config import GlobalConfig

from .detector import BoardDetector
from .refused import Refused

LONG_PARAM = {
    "title": "Snaps longer than the timeout:",
    "name": "long",
    "type": "bool",
    "value": False,
    "tip": "Whether a Snap may take longer than PyMoDAQ waits for a viewer in a scan. A scan would lose the "
    "data; a Snap by hand is safe.",
}


class TimeLimited(BoardDetector):
    """A viewer whose data may take longer than a scan waits. It has the setting LONG_PARAM."""

    averages = 1
    """How many times PyMoDAQ acquires for one Snap."""

    def grab_data(self, Naverage=1, live=False, **kwargs) -> None:
        """Acquire, and emit the data. A failure is reported and ends the grab."""
        self.averages = Naverage
        super().grab_data(Naverage, live=live, **kwargs)

    def require_time(self, seconds: float, live: bool) -> None:
        """Raise Refused if a scan would not wait for data that take `seconds` to acquire once.

        PyMoDAQ's scan would stop, or go on without them.
        """
        if live or self.settings["long"]:
            return
        expected, limit = seconds * self.averages, viewer_seconds()
        if expected > 0.9 * limit:
            raise Refused(
                f"it would take {expected:.1f} s, and a scan of PyMoDAQ waits {limit:.3g} s for a viewer; "
                "nothing was started",
                "measure fewer points or averages, set a longer timeout of viewers in PyMoDAQ's preferences, "
                'or tick "Snaps longer than the timeout"',
            )


def viewer_seconds() -> float:
    """How long PyMoDAQ waits for the data of a viewer in a scan."""
    return float(GlobalConfig()["pymodaq", "viewer", "timeout"]) / 1000
