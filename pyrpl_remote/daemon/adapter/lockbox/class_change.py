"""A lockbox that gets another class leaves a configuration file with which PyRPL starts again.

The settings that the class does not take (refused_settings.py) are moved to a file beside the configuration,
with a warning that names them: when the class changes, and at a start with a file that has such settings.
"""

# PyRPL's names of its modules' parts begin with an underscore
# ruff: noqa: SLF001

from __future__ import annotations

import contextlib
import copy
import functools
import inspect
import logging
import reprlib
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from pyrpl import Pyrpl
from pyrpl.module_attributes import ModuleDict
from pyrpl.software_modules.lockbox import Lockbox

from ..configuration.aside import keep_aside
from .inputs_of_others import inputs_from, keep_inputs
from .refused_settings import Path, RefusedSetting, refused_settings

log = logging.getLogger(__name__)

client_log = logging.getLogger("pyrpl.lockbox")
"""What PyRPL's loggers say while a request is carried out is sent to its client."""


def amend_lockboxes() -> None:
    """Let all lockboxes of this process change their class, and lose a signal, as this file says."""
    original = Lockbox._classname_changed
    if hasattr(original, "__wrapped__"):
        return

    @functools.wraps(original)
    def changed(lockbox: Any) -> None:
        if lockbox.classname == type(lockbox).__name__:
            original(lockbox)
            return
        pyrpl, name = lockbox.pyrpl, lockbox.name
        units, inputs = _units(lockbox), inputs_from(lockbox)
        original(lockbox)
        try:
            _move_refused(getattr(pyrpl, name), units, client_log)
        except OSError as error:
            client_log.warning(
                "%s: settings of its former class remain in the configuration: %s", name, error
            )
        keep_inputs(inputs)

    Lockbox._classname_changed = changed
    delete = ModuleDict.__delitem__

    @functools.wraps(delete)
    def deleted(container: Any, name: str) -> None:
        inputs = inputs_from(container.parent) if isinstance(container.parent, Lockbox) else []
        delete(container, name)
        keep_inputs(inputs)

    ModuleDict.__delitem__ = deleted


@contextlib.contextmanager
def settings_moved_at_start() -> Iterator[None]:
    """Within the block, Pyrpl(...) moves what its lockbox refuses out of its file before it loads this.

    Raises OSError if it cannot be moved: then the configuration is as it was.
    """
    original = Pyrpl.load_software_modules

    @functools.wraps(original)
    def made(pyrpl: Any) -> None:
        original(pyrpl)
        for module in pyrpl.software_modules:
            if isinstance(module, Lockbox):
                _move_refused(module, {}, log)

    Pyrpl.load_software_modules = made
    try:
        yield
    finally:
        Pyrpl.load_software_modules = original


def _move_refused(lockbox: Any, units: dict[str, Any], logger: logging.Logger) -> None:
    """Move what the lockbox's class refuses to a file, and say so to `logger`.

    `units`: of the numbers in the section, for a section that lacks them. Raises OSError.
    """
    tree = lockbox.parent.c
    section = tree._data.get(lockbox.name)
    if not isinstance(section, dict) or not tree._filename:
        return
    filled = copy.deepcopy(section)
    if "setpoint_unit" in units:
        filled.setdefault("setpoint_unit", units["setpoint_unit"])
    for name, entries in (filled.get("outputs") or {}).items():
        if isinstance(entries, dict) and name in units.get("outputs", {}):
            entries.setdefault("unit", units["outputs"][name])
    try:
        refused = refused_settings(lockbox, filled)
    except Exception:  # boundary: the code of a user's own lockbox; PyRPL's own start then says what it lacks
        logger.warning("%s: its settings in the configuration cannot be checked", lockbox.name, exc_info=True)
        return
    moved = [one for one in refused if _has(section, one.path)]
    if not moved:
        return
    entries = OrderedDict[str, Any]()
    for one in refused:
        _put(entries, (lockbox.name, *one.path), _value(filled, one.path))
    aside = keep_aside(tree._filename, lockbox.name, entries)
    for one in moved:
        branch = tree[lockbox.name]
        for key in one.path[:-1]:
            branch = branch[key]
        if one.path == ("sequence",):
            _reset_stages(lockbox)
            # PyRPL needs a branch for each stage that it has made
            branch["sequence"] = [{"outputs": {}} for _ in lockbox.sequence]
        else:
            branch._pop(one.path[-1])
    logger.warning(
        "%s: settings that the lockbox's class %s does not take are kept in %s, its defaults are used: %s",
        tree._filename,
        type(lockbox).__name__,
        aside,
        ", ".join(_shown(lockbox.name, one, filled) for one in moved),
    )


def _reset_stages(lockbox: Any) -> None:
    """Set what stages do with outputs to the defaults: PyRPL has loaded it when it made the stages."""
    for stage in lockbox.sequence:
        for output in stage.outputs:
            for name in output._setup_attributes:
                default = inspect.getattr_static(type(output), name).default
                if getattr(output, name) != default:
                    setattr(output, name, default)


def _units(lockbox: Any) -> dict[str, Any]:
    """The units that the lockbox's numbers have now; a section has those only that are not the default."""
    units: dict[str, Any] = {"outputs": {}}
    with contextlib.suppress(ValueError):  # PyRPL refuses to read one that is no option any more
        units["setpoint_unit"] = lockbox.setpoint_unit
    for output in lockbox.outputs:
        with contextlib.suppress(ValueError):
            units["outputs"][output.name] = output.unit
    return units


def _has(section: Any, path: Path) -> bool:
    for key in path:
        if key not in section:
            return False
        section = section[key]
    return True


def _value(section: Any, path: Path) -> Any:
    return functools.reduce(lambda entries, key: entries[key], path, section)


def _put(entries: dict[str, Any], path: Path, value: Any) -> None:
    for key in path[:-1]:
        entries = entries.setdefault(key, OrderedDict())
    entries[path[-1]] = value


def _shown(name: str, setting: RefusedSetting, section: Any) -> str:
    value = _value(section, setting.path)
    shown = "" if isinstance(value, (dict, list)) else f" = {reprlib.repr(value)}"
    return f"{'.'.join((name, *setting.path))}{shown} ({setting.reason})"
