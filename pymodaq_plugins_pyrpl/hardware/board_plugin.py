"""`BoardPlugin`: a plugin's connection to its board, the settings of its module, what others change there."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, cast

from pymodaq.control_modules.thread_commands import ThreadStatus
from pymodaq_gui.parameter import Parameter
from pymodaq_utils.utils import ThreadCommand
from qtpy.QtCore import QObject, QTimer

from pyrpl_remote import connect
from pyrpl_remote.errors import BoardLinkLost, PyrplRemoteError, RemoteError, SessionClosed

from . import health, ranges, settings_tree
from .background import REQUESTS, Background
from .board_settings import PUSH, SEEN, board_params, connect_arguments, pushed_at_init
from .following import Follower
from .health import one_line
from .settings_tree import module_group

__all__ = ["BoardPlugin", "board_params", "one_line"]

STATUS_MILLISECONDS = 2000
"""How often the state of daemon, link and clients is read."""

SAY_AGAIN_TICKS = 5
"""How often, in such periods, the reason of a lost link is shown again."""


class BoardPlugin:
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
    _subscription: Any = None
    _reading_state = False
    _ticks = 0

    @property
    def module_name(self) -> str:
        """The name of the module that the plugin works on."""
        return self.settings["module"] if len(self.modules) > 1 else self.modules[0]

    @property
    def module(self):
        """The proxy of the module that the plugin works on."""
        if self.controller is None:
            raise SessionClosed("the plugin is not initialized", "initialize it")
        board = self.controller
        return getattr(
            board if self.module_name in board.description().submodules else board.rp, self.module_name
        )

    def open_board(self, controller) -> tuple[str, bool]:
        """Connect to the board, or use the master's connection `controller`, and show the module's settings.

        Returns a message and whether it succeeded, as PyMoDAQ's `ini_stage` and `ini_detector` do.
        """
        self.background = Background(f"pyrpl {self._title}")
        self._follower = Follower(self._deliver)
        try:
            self.controller = self._connect() if self.is_master else controller
            self._follow_link()
            self._set_module()
        except PyrplRemoteError as error:
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
        subscriptions, self._subscription = self._subscription, None
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

    def module_changed(self) -> None:
        """Hook: another module was chosen, and is shown."""

    def link_lost(self, reason: str) -> None:
        """Hook: the link to the board, or its daemon, is lost."""

    def link_healed(self) -> None:
        """Hook: the link to the board is up again, and the settings show the board's values."""

    @property
    def followed(self) -> tuple[str, ...]:
        """The names of the attributes that are read again when somebody sets them, beside those shown."""
        return ()

    def before_release(self) -> None:
        """Hook: the board is about to be released. Runs in the background; `controller` is None already."""

    # connecting

    def _connect(self):
        board, arguments = self.settings["board"], connect_arguments(self.settings)
        limit = self.settings["connection", "limit"]
        progress = self._progress
        return self.ask(
            lambda: connect(board, progress=progress, **arguments),
            seconds=limit or None,
            undo=lambda p: p.close(),
        )

    def _progress(self, text: str) -> None:
        if self.background is not None:
            self.emit_status(ThreadCommand(ThreadStatus.UPDATE_STATUS, text))

    # the module's settings

    def _set_module(self) -> None:
        """Show the present module, after writing what is to be written at init."""
        name, module = self.module_name, self.module
        group = self._groups().get(name)
        if group is None:
            values = pushed_at_init(self.settings["board"], self.section)
        else:
            values = self._edited(group, everything=self.settings["connection", "at_init"] == PUSH)

        def write() -> tuple[dict, Any, list[PyrplRemoteError]]:
            refused: list[PyrplRemoteError] = []
            for attribute, value in values.items():
                try:
                    # writing an equal value could restart an acquisition or a signal that another user needs
                    if getattr(module, attribute) != value:
                        setattr(module, attribute, value)
                except RemoteError as error:
                    refused.append(error)
            subscription = module.on_change(self._post_change)
            return module_group(module, self.shown), subscription, refused

        described, subscription, refused = self.ask(write)
        for error in refused:
            self.report(error)
        self._replace_subscription(subscription)
        self._show_module(described)

    def _edited(self, group: Parameter, everything: bool) -> dict[str, Any]:
        """The values of a group that were edited since the board's were shown; `everything`: all of them."""
        seen = self._seen().get(group.name(), {})
        values = {}
        for name in self.shown:
            if name not in group.names:
                continue
            try:
                value = settings_tree.value_of(group.child(name), self._kind(name))
            except ValueError as error:
                self.report(error)
                continue
            if everything or (name in seen and _plain(value) != seen[name]):
                values[name] = value
        return values

    def _show_module(self, described: dict) -> None:
        """Show the present module's group with the values of the board, and hide those of the others."""
        groups = self._groups()
        for name, group in groups.items():
            group.show(name == self.module_name)
        if self.module_name not in groups:
            self.settings.addChild(described)
            group = self.settings.child(self.module_name)
        else:
            group = groups[self.module_name]
            for setting in described["children"]:
                if setting["name"] not in group.names:
                    continue
                child = group.child(setting["name"])
                if "limits" in setting and child.opts["limits"] != setting["limits"]:
                    child.setLimits(setting["limits"])
                if "children" in setting:
                    settings_tree.show(child, "filter", setting["value"])
                else:
                    child.setValue(setting["value"])
        self._note_seen(group)

    def _note_seen(self, group: Parameter) -> None:
        values = {
            name: _plain(settings_tree.value_of(group.child(name), self._kind(name))) for name in self.shown
        }
        self.settings.child("state", SEEN).setValue(json.dumps({**self._seen(), group.name(): values}))

    def _seen(self) -> dict[str, dict[str, Any]]:
        """By module, the board's values as they were shown last."""
        return json.loads(self.settings["state", SEEN] or "{}")

    def _groups(self) -> dict[str, Parameter]:
        return {child.name(): child for child in self.settings.children() if child.name() in self.modules}

    def _name_of(self, param: Parameter) -> str | None:
        """The name of the module's attribute that a setting edits; None if it edits none."""
        parent = param.parent()
        if parent is not None and parent.name() in self.shown:  # a stage of a filter
            param, parent = parent, parent.parent()
        inside = parent is not None and parent.name() == self.module_name
        return param.name() if inside and param.name() in self.shown else None

    def _kind(self, name: str) -> str:
        return self.module.description().attributes[name].kind

    def _set(self, name: str) -> None:
        """Write the setting `name`, and show what the board has then."""
        module, kind = self.module, self._kind(name)
        setting = self.settings.child(self.module_name, name)
        try:
            value = settings_tree.value_of(setting, kind)
        except ValueError as error:
            self.report(error)
            value = None

        def write() -> tuple[Any, RemoteError | None]:
            refused = None
            if value is not None:
                try:
                    setattr(module, name, value)
                except RemoteError as error:
                    # the connection works: the board's unchanged value is shown
                    refused = error
            return module.snapshot(name)[name], refused

        actual, refused = self.ask(write)
        if self.module is not module:
            return
        self._show({name: actual})
        if refused is not None:
            self.report(refused)

    def _show(self, values: dict[str, Any]) -> None:
        """Show values of the present module in the tree."""
        group = self._groups().get(self.module_name)
        if group is None:
            return
        known = [name for name in values if name in self.shown and name in group.names]
        for name in known:
            settings_tree.show(group.child(name), self._kind(name), values[name])
        if known:
            self._note_seen(group)

    # what others change

    def _follow_link(self) -> None:
        controller = self.controller
        self._link = self.ask(lambda: controller.on_link(lambda link: self._post("link", link)))

    def _post_change(self, change: Any) -> None:
        self._post((change.module, change.name), change)

    def _post(self, key: Any, event: Any) -> None:
        if self._follower is not None:
            self._follower.post(key, event)

    def _replace_subscription(self, subscription: Any) -> None:
        before, self._subscription = self._subscription, [self._link, subscription]
        if before is not None and self.background is not None:
            self.background.begin(before[1].close, lambda _: None)

    def _deliver(self, events: dict) -> None:
        """Events from the session, in the plugin's thread: read again what has changed."""
        if self.controller is None:
            return
        link = events.pop("link", None)
        if link is not None and not self._heed(link):
            return
        if any(change.lost for change in events.values()):
            self._read_again((*self.shown, *self.followed))
        own = f"rp.{self.module_name}", self.module_name
        names = [name for module, name in events if module in own]
        mirrored = [name for name in names if name in self.shown or name in self.followed]
        for (module, name), change in events.items():
            if module not in own or name not in mirrored:
                self.changed(module.removeprefix("rp."), name, change.value)
        if mirrored:
            self._read_again(tuple(mirrored))

    def _read_again(self, names: tuple[str, ...]) -> None:
        """Read attributes, after all that this plugin writes now, and show them.

        An event's own value may be older than a setting that was edited since, and would undo it.
        """
        module = self.module
        if self.background is None or not names:
            return

        def done(future: Future) -> None:
            if self.controller is None or future.exception() is not None or self.module is not module:
                return  # a lost link is reported by its own event
            values = future.result()
            self._show(values)
            for name, value in values.items():
                self.changed(self.module_name, name, value)

        self.background.begin(lambda: module.snapshot(*dict.fromkeys(names)), done)

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


def _end(before: Callable[[], None] | None, subscriptions: Any, controller: Any) -> None:
    """Release a board, in the background."""
    if before is not None:
        with contextlib.suppress(PyrplRemoteError):  # a board that is lost is released all the same
            before()
    if controller is not None:
        controller.close()
    else:
        for subscription in subscriptions or ():
            subscription.close()


def _plain(value: Any) -> Any:
    """The value as JSON returns it."""
    return json.loads(json.dumps(value, default=repr))
