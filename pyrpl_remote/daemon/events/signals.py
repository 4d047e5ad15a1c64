"""Events: changes of attributes and curves of running acquisitions, from PyRPL's Qt signals to the clients' mailboxes.

PyRPL tells its own window of them by signals of each module's signal launcher. Those are connected only where, and only
while, a client listens. All signals come in the hardware thread.
"""

from __future__ import annotations

import inspect
import itertools
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from ...errors import NotTransferable, SessionError, UnknownAttribute
from ...wire import encode
from .mailbox import ChangeListener, CurveListener, Listener, Mailbox

if TYPE_CHECKING:
    from ..adapter.describe import Exports
    from ..qt.thread import HardwareThread

log = logging.getLogger(__name__)

LISTENERS = {"change": ChangeListener, "curve": CurveListener}

STRUCTURE_SIGNALS = (
    "output_created", "output_deleted", "add_input", "remove_input", "stage_created", "stage_deleted",
)  # fmt: skip
"""Signals that say that modules come or go: those by which PyRPL's window learns of it."""

SWEEP_SECONDS = 0.05
"""How often a sweep that goes on is shown; its end always is."""


class Events:
    """Who listens to what. Its methods may be called from any thread."""

    def __init__(self, exports: Exports, hardware: HardwareThread):
        self._exports = exports
        self._hardware = hardware
        self._lock = threading.Lock()
        self._mailboxes: dict[object, Mailbox] = {}
        # (signal launcher, name of its signal) -> what is connected to it
        self._connected: dict[tuple[Any, str], Callable] = {}
        self._order = itertools.count()
        self._last_frame: dict[str, float] = {}

    def subscribe(self, session: object, number: int, kind: str, path: str) -> Future:
        """Let a session hear of the module at `path` under a `number` of its own.

        `kind` is "change" (of an attribute, also of the modules inside) or "curve" (of an acquisition). Raises
        UnknownAttribute where there is no such module, or it acquires no curves.
        """

        def work():
            module = self._exports.module(path)
            if kind == "curve" and not hasattr(_launcher(module), "display_curve"):
                raise UnknownAttribute(
                    f"{path or 'the board'} acquires no curves",
                    "rp.scope, networkanalyzer and spectrumanalyzer do",
                )
            with self._lock:
                mailbox = self._mailboxes.setdefault(session, Mailbox())
            mailbox.add(number, LISTENERS[kind](path))
            self._connect()

        return self._hardware.submit(work)

    def unsubscribe(self, session: object, number: int) -> None:
        """A session no longer listens under `number`."""
        with self._lock:
            mailbox = self._mailboxes.get(session)
        if mailbox is not None:
            mailbox.remove(number)
            self._connect_soon()

    def take(self, session: object, received: int, seconds: float) -> list:
        """What Mailbox.take gives; waits up to `seconds`. Raises SessionError for who never subscribed."""
        with self._lock:
            mailbox = self._mailboxes.get(session)
        if mailbox is None:
            raise SessionError(
                "the connection was lost, and the daemon ended the subscriptions", "subscribe again"
            )
        return mailbox.take(received, seconds)

    def leave(self, session: object) -> None:
        """The session ended: it listens no longer."""
        with self._lock:
            mailbox = self._mailboxes.pop(session, None)
        if mailbox is not None:
            self._connect_soon()

    def _connect_soon(self, *_) -> None:
        self._hardware.submit_behind(self._connect).add_done_callback(_report)

    def _connect(self) -> None:
        """Connect the signals that somebody wants to hear, and disconnect those that nobody does any more."""
        wanted = self._wanted()
        for key in self._connected.keys() - wanted.keys():
            slot = self._connected.pop(key)
            try:
                getattr(*key).disconnect(slot)
            except (TypeError, RuntimeError):
                pass  # PyRPL disconnects all signals of a module that it removes
        for key in wanted.keys() - self._connected.keys():
            getattr(*key).connect(wanted[key])
            self._connected[key] = wanted[key]

    def _wanted(self) -> dict[tuple[Any, str], Callable]:
        with self._lock:
            listeners = [listener for mailbox in self._mailboxes.values() for listener in mailbox.listeners()]
        wanted = {}
        for module in self._exports.modules() if listeners else ():
            launcher, path = _launcher(module), self._exports.path(module)
            heard = {type(listener) for listener in listeners if listener.hears(path)}
            slots = {}
            if ChangeListener in heard:
                slots |= self._change_slots(module)
            if CurveListener in heard:
                slots |= self._curve_slots(module)
            wanted |= {
                (launcher, name): _guarded(slot) for name, slot in slots.items() if hasattr(launcher, name)
            }
        return wanted

    def _change_slots(self, module) -> dict[str, Callable]:
        return {
            "update_attribute_by_name": lambda name, values: self._changed(module, name, values[0]),
            "change_ownership": lambda: self._changed(module, "owner", module.owner),
            "delete_widget": lambda: self._replaced(module),
            **dict.fromkeys(STRUCTURE_SIGNALS, self._connect_soon),
        }

    def _curve_slots(self, module) -> dict[str, Callable]:
        return {
            "display_curve": lambda _: self._frame(module),
            # the network analyzer's, which sends no display_curve
            "update_point": lambda _: self._frame(module, SWEEP_SECONDS),
            "scan_finished": lambda: self._frame(module),
        }

    def _changed(self, module, name: str, value: Any) -> None:
        known = self._exports.module_type(module).attributes
        if name.startswith("_"):
            # a public property that mirrors a private attribute: running_state
            name = name[1:]
            if not isinstance(inspect.getattr_static(type(module), name, None), property):
                return
            value = getattr(module, name)
        if name not in known:
            return
        try:
            plain = encode(value, self._exports.path)
        except NotTransferable:
            plain = repr(value)
        path = self._exports.path(module)
        shown = self._exports.path(module, as_typed=True)
        event = {
            "module": shown,
            "name": name,
            "value": plain,
            "who": self._hardware.who,
            "time": time.time(),
        }
        self._put(ChangeListener, path, event)

    def _replaced(self, module) -> None:
        """A lockbox is about to make room for one of another class, and will say nothing of it afterwards."""
        self._changed(module, "classname", module.classname)
        self._connect_soon()

    def _frame(self, module, pause: float = 0.0) -> None:
        """A new curve; left out if the last one is less than `pause` s ago."""
        path, now = self._exports.path(module), time.monotonic()
        if now - self._last_frame.get(path, 0.0) >= pause:
            self._last_frame[path] = now
            self._put(CurveListener, path, {"x": encode(module.data_x), "y": encode(module.data_avg)})

    def _put(self, kind: type[Listener], path: str, event: dict) -> None:
        with self._lock:
            mailboxes = list(self._mailboxes.values())
        order = next(self._order)
        for mailbox in mailboxes:
            mailbox.put(kind, path, order, event)


def _launcher(module) -> Any:
    """The object whose signals tell of a module; None for those without: the Pyrpl object, and rp."""
    return getattr(module, "_signal_launcher", None)


def _guarded(slot: Callable) -> Callable:
    """`slot`, but never raising: Qt would end the process."""

    def run(*args):
        try:
            slot(*args)
        except Exception:  # boundary: PyRPL, which sent the signal, has nothing to do with it
            log.exception("an event was lost")

    return run


def _report(future: Future) -> None:
    if future.exception() is not None:
        log.error("listening to PyRPL failed", exc_info=future.exception())
