"""Events: changes of attributes and curves, from PyRPL's Qt signals to the clients' mailboxes.

PyRPL informs its own window by signals of each module's signal launcher. They are connected only where, and
only while, a client has subscribed. All signals arrive in the Qt thread.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
import time
from collections.abc import Callable, Hashable
from typing import Any

from ...errors import NotTransferable, UnknownAttribute
from ...wire import encode
from ..adapter.modules import Modules
from ..qt.thread import QtThread, log_failure
from .mailbox import ChangeListener, CurveListener, Mailboxes

log = logging.getLogger(__name__)

LISTENERS: dict[str, type[ChangeListener] | type[CurveListener]] = {
    "change": ChangeListener,
    "curve": CurveListener,
}
"""By the kind of a subscription."""

STRUCTURE_SIGNALS = (
    "output_created",
    "output_deleted",
    "add_input",
    "remove_input",
    "stage_created",
    "stage_deleted",
)
"""Signals that say that modules come or go: those by which PyRPL's window learns of it."""

SWEEP_SECONDS = 0.05
"""How often a sweep that goes on is shown; its end always is."""


class Events:
    """Connects the signals that somebody has subscribed to."""

    def __init__(self, modules: Modules, qt: QtThread, mailboxes: Mailboxes) -> None:
        self._modules = modules
        self._qt = qt
        self._mailboxes = mailboxes
        # (signal launcher, name of its signal) -> what is connected to it
        self._connected: dict[tuple[Any, str], Callable[..., None]] = {}
        self._last_frame: dict[str, float] = {}

    def subscribe(self, session: Hashable, number: int, kind: str, path: str) -> None:
        """Subscribe a session to the module at `path`, under a `number` of its own; in the Qt thread.

        `kind` is "change" (of an attribute, also of the modules inside) or "curve" (of an acquisition).
        Raises UnknownAttribute where there is no such module, or it acquires no curves.
        """
        module = self._modules.module(path)
        if kind not in LISTENERS:
            raise UnknownAttribute(f"there is no event {kind!r:.80}", f"there is {', '.join(LISTENERS)}")
        if kind == "curve" and not hasattr(_launcher(module), "display_curve"):
            raise UnknownAttribute(
                f"{path or 'the board'} acquires no curves",
                "rp.scope, networkanalyzer and spectrumanalyzer do",
            )
        self._mailboxes.of(session).add(number, LISTENERS[kind](path))
        self._update()

    def unsubscribe(self, session: Hashable, number: int) -> None:
        """End a session's subscription; from any thread."""
        mailbox = self._mailboxes.find(session)
        if mailbox is not None:
            mailbox.remove(number)
            self.update_soon()

    def update_soon(self, *_: object) -> None:
        """Connect and disconnect signals as subscriptions are now; from any thread."""
        self._qt.post(self._update).add_done_callback(log_failure)

    def _update(self) -> None:
        """Connect the signals that subscriptions need, and disconnect those that none needs any more."""
        wanted = self._wanted()
        for key in self._connected.keys() - wanted.keys():
            slot = self._connected.pop(key)
            # PyRPL disconnects all signals of a module that it removes
            with contextlib.suppress(TypeError, RuntimeError):
                getattr(*key).disconnect(slot)
        for key in wanted.keys() - self._connected.keys():
            getattr(*key).connect(wanted[key])
            self._connected[key] = wanted[key]

    def _wanted(self) -> dict[tuple[Any, str], Callable[..., None]]:
        listeners = self._mailboxes.listeners()
        wanted: dict[tuple[Any, str], Callable[..., None]] = {}
        for module in self._modules.modules() if listeners else ():
            launcher, path = _launcher(module), self._path(module)
            wanted_here = {type(listener) for listener in listeners if listener.covers(path)}
            slots: dict[str, Callable[..., None]] = {}
            if ChangeListener in wanted_here:
                slots |= self._change_slots(module)
            if CurveListener in wanted_here:
                slots |= self._curve_slots(module)
            wanted |= {
                (launcher, name): _guarded(slot) for name, slot in slots.items() if hasattr(launcher, name)
            }
        return wanted

    def _change_slots(self, module: Any) -> dict[str, Callable[..., None]]:
        return {
            "update_attribute_by_name": lambda name, values: self._changed(module, name, values[0]),
            "change_ownership": lambda: self._changed(module, "owner", module.owner),
            "delete_widget": lambda: self._replaced(module),
            **dict.fromkeys(STRUCTURE_SIGNALS, self.update_soon),
        }

    def _curve_slots(self, module: Any) -> dict[str, Callable[..., None]]:
        return {
            "display_curve": lambda _: self._frame(module),
            # the network analyzer's, which sends no display_curve
            "update_point": lambda _: self._frame(module, SWEEP_SECONDS),
            "scan_finished": lambda: self._frame(module),
        }

    def _changed(self, module: Any, name: str, value: Any) -> None:
        known = self._modules.module_type(module).attributes
        if name.startswith("_"):
            # a public property that mirrors a private attribute: running_state
            name = name[1:]
            if not isinstance(inspect.getattr_static(type(module), name, None), property):
                return
            value = getattr(module, name)
        if name not in known:
            return
        try:
            plain = encode(value, self._modules.path)
        except NotTransferable:
            plain = repr(value)
        path = self._path(module)
        shown = self._modules.path(module, as_typed=True)
        event = {
            "module": shown,
            "name": name,
            "value": plain,
            "who": self._qt.who,
            "time": time.time(),
        }
        self._mailboxes.put(ChangeListener, path, event)

    def _path(self, module: Any) -> str:
        path = self._modules.path(module)
        assert path is not None  # it is one of this board's
        return path

    def _replaced(self, module: Any) -> None:
        """A lockbox is about to be replaced by one of another class; it sends no signal afterwards."""
        self._changed(module, "classname", module.classname)
        self.update_soon()

    def _frame(self, module: Any, pause: float = 0.0) -> None:
        """A new curve; left out if the last one is less than `pause` s ago."""
        path, now = self._path(module), time.monotonic()
        if now - self._last_frame.get(path, 0.0) >= pause:
            self._last_frame[path] = now
            self._mailboxes.put(
                CurveListener, path, {"x": encode(module.data_x), "y": encode(module.data_avg)}
            )


def _launcher(module: Any) -> Any:
    """The object that sends a module's signals; None for those without: the Pyrpl object, and rp."""
    return getattr(module, "_signal_launcher", None)


def _guarded(slot: Callable[..., None]) -> Callable[..., None]:
    """`slot`, but never raising: Qt would end the process."""

    def run(*args: Any) -> None:
        try:
            slot(*args)
        except Exception:  # boundary: PyRPL, which sent the signal, has nothing to do with it
            log.exception("an event was lost")

    return run
