"""Objects of PyRPL that are no modules, and that a client may use with connect(..., private=True)."""

from __future__ import annotations

from typing import Any

from ..sessions.handle import Handle


class RemotePart:
    """Stands for such an object, as `rp.iir.iirfilter`: each access is a request to the daemon.

    PyRPL declares nothing about these objects, so there is neither documentation nor completion.
    """

    def __init__(self, handle: Handle, path: str):
        object.__setattr__(self, "_handle", handle)
        object.__setattr__(self, "_path", path)

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("__", "_ipython", "_repr")):
            raise AttributeError(f"{self!r} has no {name!r}")
        return self._handle.get(self._path, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._handle.set(self._path, name, value)

    def __repr__(self) -> str:
        return f"<{self._path} of board {self._handle.board!r}>"
