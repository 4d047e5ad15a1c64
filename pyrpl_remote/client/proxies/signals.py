"""A module's `_signal_launcher`: programs connect functions to PyRPL's Qt signals, as in PyRPL itself."""

from __future__ import annotations

from collections.abc import Callable

from ...errors import NotRemote
from ..sessions.handle import Handle


class SignalLauncher:
    """The signals of one module, as attributes: `module._signal_launcher.change_ownership.connect(slot)`."""

    def __init__(self, handle: Handle, path: str, names: list[str]):
        """`names` are those of the module's signals."""
        self._handle = handle
        self._path = path
        self._names = names

    def __getattr__(self, name: str) -> Signal:
        if name in self._names:
            return Signal(self._handle, self._path, name)
        raise NotRemote(
            f"{self!r} has {name!r} in the daemon's process only, if at all",
            f"it has the signals {', '.join(self._names)}",
        )

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._names]

    def connect_widget(self, widget: object) -> None:
        """Connect each signal to the method of `widget` that has its name, if there is one."""
        for name in self._names:
            if hasattr(widget, name):
                Signal(self._handle, self._path, name).connect(getattr(widget, name))

    def __repr__(self) -> str:
        return f"<signals of {self._path} of board {self._handle.board!r}>"


class Signal:
    """One signal of a module.

    A connected function, called slot, is called with the signal's arguments. What a call of this program
    causes is delivered before that call returns, in its thread; what others cause, in the session's callback
    thread.
    """

    def __init__(self, handle: Handle, path: str, name: str):
        self._handle = handle
        self._key = (path, name)

    def connect(self, slot: Callable[..., object]) -> None:
        """Call `slot` with the signal's arguments each time PyRPL sends it, until the board's close()."""
        if not callable(slot):
            raise TypeError(f"a slot must be callable, not {slot!r}")
        path, name = self._key
        subscription = self._handle.subscribe("signal", path, lambda emission: slot(*emission.value), name)
        self._slots().append((slot, subscription.number))

    def disconnect(self, slot: Callable[..., object] | None = None) -> None:
        """End the calls of `slot`, or of all slots. Raises TypeError if none is connected, as Qt does."""
        ended = [pair for pair in self._slots() if slot is None or pair[0] == slot]
        if not ended:
            raise TypeError(f"disconnect() failed: {slot!r} is not connected to {self!r}")
        # Qt ends one of several connections of the same slot
        for pair in ended if slot is None else ended[:1]:
            self._slots().remove(pair)
            self._handle.session.stream.subscriptions.end(pair[1])

    def emit(self, *_: object) -> None:
        """Refused: only PyRPL itself sends its signals."""
        raise NotRemote(f"{self!r} is sent by PyRPL in the daemon only", "set the attribute that it reports")

    def _slots(self) -> list[tuple[Callable[..., object], int]]:
        return self._handle.slots.setdefault(self._key, [])

    def __repr__(self) -> str:
        path, name = self._key
        return f"<signal {name} of {path} of board {self._handle.board!r}>"
