"""Makes events from PyRPL's Qt signals and puts them into the sessions' mailboxes.

Each module of PyRPL has a signal launcher, whose signals update PyRPL's own window. A signal is connected
only while a client has a subscription that needs it. All signals arrive in the Qt thread.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
import time
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

from ...board_status import LinkStatus
from ...errors import NotTransferable, UnknownAttribute
from ...schema import to_data
from ...wire import encode
from ..adapter.modules.modules import Modules
from ..qt.slots import guarded
from ..qt.thread import QtThread, log_failure
from .emissions import SignalSubscription, topic
from .mailbox import (
    ChangeSubscription,
    CurveSubscription,
    LinkSubscription,
    LockSubscription,
    Subscription,
)
from .mailboxes import Mailboxes

log = logging.getLogger(__name__)

FAILED = "an event was lost"
"""What the log says of a slot that raised."""

KINDS: dict[str, Callable[[str], Subscription]] = {
    "change": ChangeSubscription,
    "curve": CurveSubscription,
    "link": LinkSubscription,
    "lock": LockSubscription,
}
"""The kinds of subscriptions to a module, but for those to one of its signals."""

SIGNAL = "signal"
"""The kind of a subscription to one signal of a module."""

STRUCTURE_SIGNALS = (
    "output_created",
    "output_deleted",
    "add_input",
    "remove_input",
    "stage_created",
    "stage_deleted",
)
"""The signals that PyRPL sends when modules are added or removed."""

SWEEP_SECONDS = 0.05
"""The shortest time between two frames of a running sweep; the last frame is always sent."""


class Events:
    """Connects the signals that subscriptions need."""

    def __init__(self, modules: Modules, qt: QtThread, mailboxes: Mailboxes) -> None:
        self._modules = modules
        self._qt = qt
        self._mailboxes = mailboxes
        # (signal launcher, name of its signal, whether for subscriptions to the signal itself) -> slot
        self._connected: dict[tuple[Any, str, bool], Callable[..., None]] = {}
        self._last_frame: dict[str, float] = {}

    def subscribe(self, session: Hashable, number: int, kind: str, path: str, name: str = "") -> bool:
        """Subscribe a session to the module at `path`, under a `number` of the client; in the Qt thread.

        `kind` is "change" (of attributes of the module and of modules inside it), "curve" (of its
        acquisition), "link" (the state of the link to the board), "lock" (the watched lock) or "signal" (the
        Qt signal `name` of the module). Returns whether the session has had it before. Raises
        UnknownAttribute if there is no such module, kind or signal, or the module acquires no curves.
        """
        module = self._modules.module(path)
        if kind not in (*KINDS, SIGNAL):
            raise UnknownAttribute(f"there is no event {kind!r:.80}", f"there is {', '.join(KINDS)}")
        if kind == SIGNAL and name not in self._modules.module_type(module).signals:
            raise UnknownAttribute(f"{path or 'the board'} has no signal {name!r:.80}")
        if kind == "curve" and not hasattr(_launcher(module), "display_curve"):
            raise UnknownAttribute(
                f"{path or 'the board'} acquires no curves",
                "rp.scope, networkanalyzer and spectrumanalyzer do",
            )
        subscription = (
            SignalSubscription(session, number, path, name) if kind == SIGNAL else KINDS[kind](path)
        )
        kept = self._mailboxes.of(session).add(number, subscription)
        self._update()
        return kept

    def unsubscribe(self, session: Hashable, number: int) -> None:
        """End a session's subscription; from any thread."""
        mailbox = self._mailboxes.find(session)
        if mailbox is not None:
            mailbox.remove(number)
            self.update_soon()

    def drop_left(self) -> None:
        """Forget sessions that have ended long ago, and were kept because they had subscriptions."""
        if self._mailboxes.drop_left():
            log.info("a session that has ended did not come back: its subscriptions are dropped")
            self.update_soon()

    def link_changed(self, status: LinkStatus) -> None:
        """Send the new state of the link to the board; from any thread."""
        self._mailboxes.put(LinkSubscription, "", to_data(status))

    def restructured(self) -> None:
        """Report that modules were added, removed or replaced, as a change of the board's `modules`."""
        board = self._modules.pyrpl
        self._changed(board, "modules", board.modules)

    def update_soon(self, *_: object) -> None:
        """Post `_update` to the Qt thread; from any thread."""
        self._qt.post(self._update).add_done_callback(log_failure)

    def _update(self) -> None:
        """Connect the signals that subscriptions need, and disconnect the others."""
        wanted = self._wanted()
        for key in self._connected.keys() - wanted.keys():
            slot = self._connected.pop(key)
            # PyRPL disconnects all signals of a module that it removes
            with contextlib.suppress(TypeError, RuntimeError):
                getattr(*key[:2]).disconnect(slot)
        for key in wanted.keys() - self._connected.keys():
            getattr(*key[:2]).connect(wanted[key])
            self._connected[key] = wanted[key]

    def _wanted(self) -> dict[tuple[Any, str, bool], Callable[..., None]]:
        subscriptions = self._mailboxes.subscriptions()
        wanted: dict[tuple[Any, str, bool], Callable[..., None]] = {}
        for module in self._modules.modules() if subscriptions else ():
            launcher, path = _launcher(module), self._path(module)
            wanted_here = {type(subscription) for subscription in subscriptions if subscription.covers(path)}
            slots: dict[str, Callable[..., None]] = {}
            if ChangeSubscription in wanted_here:
                slots |= self._change_slots(module)
            if CurveSubscription in wanted_here:
                slots |= self._curve_slots(module)
            wanted |= {
                (launcher, name, False): guarded(slot, FAILED)
                for name, slot in slots.items()
                if hasattr(launcher, name)
            }
            wanted |= {
                (launcher, one.name, True): guarded(partial(self._emitted, path, one.name), FAILED)
                for one in subscriptions
                if isinstance(one, SignalSubscription) and one.module_path == path
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
            # the network analyser's, which sends no display_curve
            "update_point": lambda _: self._frame(module, SWEEP_SECONDS),
            "scan_finished": lambda: self._frame(module),
        }

    def _emitted(self, path: str, name: str, *arguments: Any) -> None:
        event = {"value": encode(list(arguments), self._modules.path)}
        self._mailboxes.put(SignalSubscription, topic(path, name), event)

    def _changed(self, module: Any, name: str, value: Any) -> None:
        known = self._modules.module_type(module).attributes
        if name.startswith("_"):
            # PyRPL reports _running_state; clients see the public property running_state
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
        self._mailboxes.put(ChangeSubscription, path, event)

    def _path(self, module: Any) -> str:
        path = self._modules.path(module)
        assert path is not None  # the module is one of this board
        return path

    def _replaced(self, module: Any) -> None:
        """Handle the last signal of a lockbox that PyRPL replaces by one of another class."""
        self._changed(module, "classname", module.classname)
        self.update_soon()

    def _frame(self, module: Any, pause: float = 0.0) -> None:
        """Put a frame into the mailboxes, unless the last one was less than `pause` s ago."""
        path, now = self._path(module), time.monotonic()
        if now - self._last_frame.get(path, 0.0) >= pause:
            self._last_frame[path] = now
            self._mailboxes.put(
                CurveSubscription, path, {"x": encode(module.data_x), "y": encode(module.data_avg)}
            )


def _launcher(module: Any) -> Any:
    """The object that sends a module's signals; None for the Pyrpl object and for rp, which have none."""
    return getattr(module, "_signal_launcher", None)
