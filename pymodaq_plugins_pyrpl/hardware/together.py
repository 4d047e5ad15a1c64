"""`Together`: writes to one module that come at the same time, as one.

A scan moves set point and gains of one controller: in between, a lock would see a mixture of old and new.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import Any

WAIT_SECONDS = 0.01
"""How long the first write waits for those of the other plugins on the module."""


class Together:
    """Collects the writes of several plugins to modules, from any thread."""

    def __init__(self, seconds: float = WAIT_SECONDS) -> None:
        """`seconds`: how long the first write waits for others."""
        self.seconds = seconds
        self._lock = threading.Condition()
        self._batches: dict[str, tuple[dict[str, Any], Future[None]]] = {}
        self._users: dict[str, int] = {}

    def join(self, place: str) -> None:
        """One more plugin writes to the module at `place`: a text that names board and module."""
        with self._lock:
            self._users[place] = self._users.get(place, 0) + 1

    def leave(self, place: str) -> None:
        """One plugin less."""
        with self._lock:
            if self._users.get(place):
                self._users[place] -= 1

    def several(self, place: str) -> bool:
        """Whether more than one plugin writes to the module."""
        return self._users.get(place, 0) > 1

    def write(self, place: str, module: Any, name: str, value: Any) -> None:
        """Set an attribute of `module`, in one round trip with what others set now. Raises its error."""
        if not self.several(place):
            setattr(module, name, value)
            return
        with self._lock:
            first = place not in self._batches
            values, written = self._batches.setdefault(place, ({}, Future()))
            values[name] = value
            self._lock.notify_all()
        if not first:
            written.result()
            return
        with self._lock:
            self._lock.wait_for(lambda: len(values) >= self._users.get(place, 0), self.seconds)
            del self._batches[place]
        try:
            module.update(**values)
        except BaseException as error:
            written.set_exception(error)
            raise
        written.set_result(None)


together = Together()
"""Of all plugins of this process."""
