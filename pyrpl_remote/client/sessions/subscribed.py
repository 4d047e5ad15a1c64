"""`Subscribed`: what a session's stream keeps of a subscription."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Decode = Callable[[Any], Any]


@dataclass
class Subscribed:
    """One subscription to the module at `path`; `token` identifies its handle.

    `name` is that of a signal, if `kind` is "signal". `decode()` returns the function that decodes plain
    data, None if the handle no longer exists. `missed`: how many events the next one reports as missing.
    `number`: that of the latest curve. `before`: what is added to the daemon's number of a curve.
    """

    token: object
    kind: str
    path: str
    name: str
    callback: Callable[[Any], object]
    decode: Callable[[], Decode | None]
    missed: int = 0
    number: int = 0
    before: int = 0

    def made_again(self) -> None:
        """Count one event as missing: for the daemon it is a new subscription, whose curves count from 1."""
        self.missed += 1
        self.before = self.number + self.missed

    def counted(self, event: dict[str, Any]) -> dict[str, Any]:
        """The event with what is missing before it, and with its number since the user subscribed."""
        for name in ("lost", "skipped"):
            if name in event:
                event[name] += self.missed
                self.missed = 0
        if "number" in event:
            event["number"] += self.before
            self.number = event["number"]
        return event
