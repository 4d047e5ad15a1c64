"""Saves what clients write to hardware modules that have an owner, which PyRPL does not save.

PyRPL saves no module that another module owns, such as the PID of a lockbox's output: its owner sets it up.
What a client writes there would be lost with the board's power. It is kept in a section of its own, SECTION,
as long as the owner has not changed the attribute since, and set again by a start in which the module has
the same owner. PyRPL's own sections are not touched: they have what a module returns to when it is freed. A
module that a client took with pop() is free after a start, and is set up as it was before.
"""

# PyRPL's names of its tree, of its signals and of what it saves begin with an underscore
# ruff: noqa: SLF001

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from pyrpl.modules import HardwareModule

log = logging.getLogger(__name__)

SECTION = "pyrpl_remote_owned"
"""The section of the configuration: for each module its owner, and the values that clients wrote."""

LAST = ("output_direct", "on")
"""The attributes that are set last: with them the outputs change."""


class Owned:
    """What clients wrote to the owned modules of one board. To be used in the Qt thread only."""

    def __init__(self, pyrpl: Any, kept: bool = False):
        """To be made when PyRPL has started.

        A module is set as clients did before once it has its owner again: some take their modules later.
        `kept`: the FPGA was left as it was. Then the values of modules that have their owner are read.
        """
        self._kept = kept
        self._tree = pyrpl.c
        self._by_client: list[Any] = []  # the modules that clients are setting now
        self._watched: set[Any] = set()
        self._current: set[Any] = set()  # the modules that are as their entries say
        for name in list(self._tree._data.get(SECTION, ())):
            module = pyrpl.rp.modules.get(name)
            if module is None:
                self._tree[SECTION]._pop(name)
            else:
                self._watch(module)
                self._owner_changed(module)
        self._kept = False

    @contextlib.contextmanager
    def set_by_client(self, module: Any) -> Iterator[None]:
        """Save what the block sets in `module`, if that is a hardware module with an owner."""
        if not isinstance(module, HardwareModule) or module.owner is None:
            yield
            return
        self._watch(module)
        self._current.add(module)
        self._by_client.append(module)
        try:
            yield
        finally:
            self._by_client.remove(module)

    def _restore(self, module: Any, values: dict[str, Any]) -> None:
        if self._kept:
            self._current.add(module)
            for name in values:
                self._tree[SECTION][module.name]["values"][name] = getattr(module, name)
            return
        with self.set_by_client(module):
            for name in sorted(values, key=LAST.__contains__):
                try:
                    # what is so already is not disturbed
                    if not np.array_equal(getattr(module, name), values[name]):
                        setattr(module, name, values[name])
                except Exception:  # boundary: one value that PyRPL refuses must not end the start
                    log.warning(
                        "%s.%s could not be set to %r", module.name, name, values[name], exc_info=True
                    )

    def _watch(self, module: Any) -> None:
        if module not in self._watched:
            self._watched.add(module)
            module._signal_launcher.update_attribute_by_name.connect(partial(self._updated, module))
            module._signal_launcher.change_ownership.connect(partial(self._owner_changed, module))

    def _updated(self, module: Any, name: str, value: list[Any]) -> None:
        if name not in module._setup_attributes:
            return
        if module in self._by_client:
            saved = self._tree._get_or_create(f"{SECTION}.{module.name}")
            saved["owner"] = module.owner
            saved._get_or_create("values")[name] = value[0]
        elif name in self._values(module):
            self._tree[SECTION][module.name]["values"]._pop(name)

    def _owner_changed(self, module: Any) -> None:
        saved = self._tree._data.get(SECTION, {}).get(module.name)
        if saved is None:
            return
        if module.owner != saved["owner"]:
            if module.owner is not None or module in self._current:
                self._tree[SECTION]._pop(module.name)
        elif module not in self._current:
            self._restore(module, dict(saved["values"]))

    def _values(self, module: Any) -> Any:
        values: Any = self._tree._data.get(SECTION, {}).get(module.name, {}).get("values", {})
        return values
