"""`Together`: writes to one module that come at the same time, as one.

A scan moves set point and gains of one controller: in between, a lock would see a mixture of old and new.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from typing import Any

WAIT_SECONDS = 0.005
"""How long the first write waits for others."""


class Together:
    """Collects the writes of several plugins to modules, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
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
        if not first:
            written.result()
            return
        time.sleep(WAIT_SECONDS)
        with self._lock:
            del self._batches[place]
        try:
            module.update(**values)
        except BaseException as error:
            written.set_exception(error)
            raise
        written.set_result(None)


together = Together()
"""Of all plugins of this process."""
