"""`BoardPlugin`: a plugin's connection to its board, the settings of its module, what others change there."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, cast

from pymodaq.control_modules.thread_commands import ThreadStatus
from pymodaq_gui.parameter import Parameter
from pymodaq_utils.utils import ThreadCommand
from qtpy.QtCore import QObject, QTimer

from pyrpl_remote import connect
from pyrpl_remote.errors import BoardLinkLost, PyrplRemoteError, SessionClosed

from . import health, ranges
from .background import REQUESTS, Background
from .board_settings import board_params, connect_arguments, connection_setting
from .following import Follower
from .health import one_line
from .module_settings import ModuleSettings

__all__ = ["BoardPlugin", "board_params", "one_line"]

STATUS_MILLISECONDS = 2000
"""How often the state of daemon, link and clients is read."""

RELEASE_SECONDS = 2.0
"""How long a plugin that is closed may take to end what it started, before the board is released."""

SAY_AGAIN_TICKS = 5
"""How often, in such periods, the reason of a lost link is shown again."""


class BoardPlugin(ModuleSettings):
    """Mixin for plugins that work on one module of a board.

    `controller` is the `pyrpl_remote` proxy of the board; a slave uses its master's.
    """

    # of PyMoDAQ's DAQ_Move_base and DAQ_Viewer_base
    controller: Any
    emit_status: Callable[[ThreadCommand], None]
    is_master: bool
    parent: Any
    settings: Parameter
    _title: str

    modules: tuple[str, ...]
    """The modules that the plugin can work on."""

    shown: tuple[str, ...]
    """PyRPL's names of the attributes that are shown as settings."""

    section: str
    """The section of the configuration file with the values that are set at init."""

    background: Background | None = None
    link_reason = ""
    """Why the link to the board is lost; "" while it is up."""
    _follower: Follower | None = None
    _timer: QTimer | None = None
    _subscriptions: Sequence[Any] = ()
    _reading_state = False
    _ticks = 0

    def open_board(self, controller) -> tuple[str, bool]:
        """Connect to the board, or use the master's connection `controller`, and show the module's settings.

        Returns a message and whether it succeeded, as PyMoDAQ's `ini_stage` and `ini_detector` do.
        """
        self.background = Background(f"pyrpl {self._title}")
        self._follower = Follower(self._deliver)
        health.call_at_end_of_thread(self, self.close_board)
        try:
            self.controller = self._connect() if self.is_master else controller
            self._follow_link()
            self._set_module()
        except Exception as error:  # noqa: BLE001 - boundary: PyMoDAQ would keep the worker
            self.report(error)
            self.close_board()
            health.end_after_failed_init(self, error)
            return one_line(error), False
        self.link_reason = ""
        self._timer = QTimer(cast(QObject, self))
        self._timer.timeout.connect(self._read_state)
        self._timer.start(STATUS_MILLISECONDS)
        self._read_state()
        return f"{self.module_name} of {self.controller!r}", True

    def close_board(self) -> None:
        """Release the board, without waiting for it. The connection is closed by the master only."""
        if self._follower is not None:
            self._follower.close()
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.deleteLater()  # in its own thread: PyMoDAQ closes a slave in the windows' thread
        subscriptions, self._subscriptions = self._subscriptions, ()
        controller, self.controller = self.controller, None
        background, self.background = self.background, None
        if background is not None:
            master = self.is_master
            release = self.before_release if controller is not None else None
            background.close(lambda: _end(release, subscriptions, controller if master else None))
        if controller is not None:
            health.retire_slave(self)

    def ask(self, function: Callable[[], Any], lane: str = REQUESTS, **limits: Any) -> Any:
        """Call `function()`, which makes remote calls, in the background; returns its result.

        Qt's events of this thread are processed meanwhile. Raises what it raises; SessionClosed if the plugin
        is closed, BoardLinkLost if the link to the board is lost meanwhile. `limits` are as for Background.
        """
        if self.background is None:
            raise SessionClosed("the plugin is not initialized", "initialize it")
        return self.background.ask(function, lane, **limits)

    def commit_settings(self, param: Parameter) -> None:
        """Write a changed setting to the module, and show the value that the board has set."""
        if self.controller is None:
            return
        try:
            if param.name() == "module":
                self._set_module()
                self.module_changed()
            elif (name := self._name_of(param)) is not None:
                self._set(name)
        except PyrplRemoteError as error:
            self.report(error)

    def report(self, error: Exception) -> None:
        """Show `error` in the status bar, and write it with its traceback to PyMoDAQ's log."""
        health.report(self, error)

    def to_volts(self, signal: str | None, value: Any) -> tuple[Any, str]:
        """A `value` of PyRPL's `signal` in the unit that the settings have for it, and that unit."""
        factor, unit = ranges.scale(self.settings, signal)
        return value * factor, unit

    def changed(self, module: str, name: str, value: Any) -> None:
        """Hook: the attribute `name` of `module` has a new `value`, whoever set it. Called in this thread."""

    def is_shown(self, name: str, value: Any) -> bool:
        """Hook: whether an attribute of the module, which was set to `value`, needs no reading."""
        return False

    def module_changed(self) -> None:
        """Hook: another module was chosen, and is shown, while the plugin is initialized."""

    def link_lost(self, reason: str) -> None:
        """Hook: the link to the board, or its daemon, is lost."""

    def link_healed(self) -> None:
        """Hook: the link is up again, and the settings show the board's values."""

    @property
    def followed(self) -> tuple[str, ...]:
        """The names of the attributes that are read again when somebody sets them, beside those shown."""
        return ()

    def before_release(self) -> None:
        """Hook: the board is about to be released. Runs in the background; `controller` is None already."""

    # connecting

    def _connect(self):
        board, arguments = self.settings["board"], connect_arguments(self.settings)
        limit = connection_setting(self.settings, "limit")
        progress = self._progress
        return self.ask(
            lambda: connect(board, progress=progress, **arguments),
            seconds=limit or None,
            undo=lambda p: p.close(),
        )

    def _progress(self, text: str) -> None:
        if self.background is not None:
            self.emit_status(ThreadCommand(ThreadStatus.UPDATE_STATUS, text))

    # what others change

    def _follow_link(self) -> None:
        controller = self.controller
        self._subscriptions = [self.ask(lambda: controller.on_link(lambda link: self._post("link", link)))]

    def _post_change(self, change: Any) -> None:
        self._post((change.module, change.name), change)

    def _post(self, key: Any, event: Any) -> None:
        if self._follower is not None:
            self._follower.post(key, event)

    def _replace_subscription(self, subscription: Any) -> None:
        link, *before = self._subscriptions
        self._subscriptions = [link, subscription]
        for one in before:
            if self.background is not None:
                self.background.begin(one.close, lambda _: None)

    def _deliver(self, events: dict) -> None:
        """Events from the session, in the plugin's thread: read again what has changed."""
        if self.controller is None:
            return
        link = events.pop("link", None)
        if link is not None and not self._heed(link):
            return
        if any(change.lost for change in events.values()):
            self._read_again((*self.shown, *self.followed))
        mirrored, again = (*self.shown, *self.followed), []
        for (module, name), change in events.items():
            if (short := module.removeprefix("rp.")) != self.module_name or name not in mirrored:
                self.changed(short, name, change.value)
            elif not self.is_shown(name, change.value):
                again.append(name)
        self._read_again(tuple(again))

    def _read_again(self, names: tuple[str, ...]) -> None:
        """Read attributes, after all that this plugin writes now, and show them.

        An event's own value may be older than a setting that was edited since, and would undo it.
        """
        module = self.module
        known = [name for name in dict.fromkeys(names) if name in module.description().attributes]
        if self.background is None or not known:
            return

        def done(future: Future) -> None:
            if self.controller is None or future.exception() is not None or self.module is not module:
                return  # a lost link is reported by its own event
            values = future.result()
            self._show(values)
            for name, value in values.items():
                self.changed(self.module_name, name, value)

        self.background.begin(lambda: module.snapshot(*known), done)

    def _heed(self, link: Any) -> bool:
        """Show a change of the link; returns whether it is up."""
        if link.state == health.UP:
            if self.link_reason:
                self.link_reason = ""
                text = f"the board is back: {link.reason}" if link.reason else "the board is back"
                self.emit_status(ThreadCommand(ThreadStatus.UPDATE_STATUS, text))
                self._read_again((*self.shown, *self.followed))
                self.link_healed()
            self._read_state()
            return True
        error = BoardLinkLost(f"board {self.settings['board']!r}: {link.state}: {link.reason}", "")
        self.link_reason = error.message
        health.show_lost(self.settings, link)
        self.report(error)
        self.link_lost(error.message)
        return False

    def _read_state(self) -> None:
        """Show the state of daemon and link, and who else uses the board."""
        if self.background is None or self.controller is None:
            return
        if self.link_reason:
            self._ticks += 1
            if self._ticks % SAY_AGAIN_TICKS == 0:  # other messages have taken its place
                self.emit_status(ThreadCommand(ThreadStatus.UPDATE_STATUS, self.link_reason))
            return
        if self._reading_state:
            return
        self._reading_state = True
        controller = self.controller

        def done(future: Future) -> None:
            self._reading_state = False
            if self.controller is not None and future.exception() is None:
                health.show_state(self.settings, future.result(), os.getpid())

        self.background.begin(controller.status, done, lane="state")


def _end(before: Callable[[], None] | None, subscriptions: Sequence[Any], controller: Any) -> None:
    """Release a board, in the background."""

    def release() -> None:
        if controller is not None:
            controller.close()

    limit = threading.Timer(RELEASE_SECONDS, release)
    limit.daemon = True
    limit.start()
    try:
        if before is not None:
            with contextlib.suppress(PyrplRemoteError):  # a board that is lost is released all the same
                before()
    finally:
        limit.cancel()
        release()
    if controller is None:
        for subscription in subscriptions:
            subscription.close()
