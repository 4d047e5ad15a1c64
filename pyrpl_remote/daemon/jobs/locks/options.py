"""The parameters of a watch, checked: a client chose them, or the daemon before this one stored them."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ....errors import AccessDenied
from ....lock_history import ALARM_ON
from .alarms import alarm_kinds, command_words, webhook_address

LONGEST_PAUSE = 86400.0
"""The longest pause before the second attempt, in s."""


@dataclass(frozen=True)
class Options:
    """How a lock is watched.

    `relock`: take it again; `attempts`: after how many failures in a row to give up, None for never; `pause`:
    s before the second attempt, doubled after each further one; `command` and `webhook`: the alarms, for the
    events of `alarm_on`; `trace`: record what the scope sees, while nobody uses it.
    """

    relock: bool = True
    attempts: int | None = 3
    pause: float = 30.0
    command: list[str] | None = None
    webhook: str | None = None
    alarm_on: tuple[str, ...] = ALARM_ON
    trace: bool = True

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Options:
        """The checked options. Raises TypeError or ValueError."""
        unknown = parameters.keys() - cls.__dataclass_fields__.keys()
        if unknown:
            raise TypeError(
                f"a lock watch has no option {', '.join(sorted(unknown))!s:.200}; "
                f"it has {', '.join(cls.__dataclass_fields__)}"
            )
        given = dict(parameters)
        for name in ("relock", "trace"):
            if name in given and type(given[name]) is not bool:
                raise TypeError(f"{name} is True or False, not {given[name]!r:.80}")
        if given.get("attempts") is not None:
            given["attempts"] = _attempts(given["attempts"])
        if "pause" in given:
            given["pause"] = _pause(given["pause"])
        if given.get("command") is not None:
            given["command"] = command_words(given["command"])
        if given.get("webhook") is not None:
            given["webhook"] = webhook_address(given["webhook"])
        if "alarm_on" in given:
            given["alarm_on"] = alarm_kinds(given["alarm_on"])
        return cls(**given)

    def require_owner(self, is_owner_here: bool, who: str) -> None:
        """Raise AccessDenied if there are alarms, unless the board's owner asks on the daemon's machine.

        A command runs as the owner; a web address is called from the owner's machine, inside its network.
        """
        for name in ("command", "webhook"):
            if getattr(self, name) is not None and not is_owner_here:
                raise AccessDenied(
                    f"{who} may not set {name}=: it is carried out on the machine of the board's daemon, as "
                    "the board's owner",
                    "its owner starts the watch there, for example in an ssh session; or leave it out",
                )

    def data(self) -> dict[str, Any]:
        """The options as plain data."""
        return {**vars(self), "alarm_on": list(self.alarm_on)}


def _attempts(value: Any) -> int:
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise TypeError(f"attempts is a number, or None for any number, not {value!r:.80}")
    if value < 1:
        raise ValueError(f"attempts is at least 1, not {value}; relock=False only watches")
    return int(value)


def _pause(value: Any) -> float:
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise TypeError(f"pause is a number of seconds, not {value!r:.80}")
    seconds = float(value)
    if not (math.isfinite(seconds) and 0 <= seconds <= LONGEST_PAUSE):
        raise ValueError(f"pause is 0 to {LONGEST_PAUSE:g} s, not {seconds:g}")
    return seconds
