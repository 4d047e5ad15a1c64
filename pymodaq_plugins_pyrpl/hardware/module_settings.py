"""`ModuleSettings`: the settings of a plugin's module in PyMoDAQ's tree, and how they are written."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pymodaq_gui.parameter import Parameter

from pyrpl_remote.errors import PyrplRemoteError, RemoteError, SessionClosed

from . import settings_tree
from .board_settings import PUSH, SEEN, connection_setting, pushed_at_init
from .settings_tree import module_group


class ModuleSettings:
    """Mixin with the settings of the module that a plugin works on.

    The group of the tree that has the module's name holds the attributes `shown`.
    """

    # of BoardPlugin
    ask: Callable[..., Any]
    controller: Any
    modules: tuple[str, ...]
    report: Callable[[Exception], None]
    section: str
    settings: Parameter
    shown: tuple[str, ...]
    _post_change: Callable[[Any], None]
    _replace_subscription: Callable[[Any], None]

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

    def _set_module(self) -> None:
        """Show the present module, after writing what is to be written at init."""
        name, module = self.module_name, self.module
        group = self._groups().get(name)
        if group is None:
            values = pushed_at_init(self.settings["board"], self.section)
        else:
            values = self._edited(group, everything=connection_setting(self.settings, "at_init") == PUSH)

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
        self.module_shown()

    def module_shown(self) -> None:
        """Hook: the module is shown, at init or because it was chosen."""

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


def _plain(value: Any) -> Any:
    """The value as JSON returns it."""
    return json.loads(json.dumps(value, default=repr))
