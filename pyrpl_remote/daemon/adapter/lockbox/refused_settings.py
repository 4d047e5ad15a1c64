"""Finds the settings in a lockbox's section of the configuration that its class does not take.

PyRPL leaves the settings of the former class in the file when the lockbox gets another class: a unit, stages
that lock to inputs which the new class lacks. Its next start refuses some of them, and replaces others by
the first option there is. Found are settings with options, and those that are not meant without them:
the numbers in a refused unit.
"""

# PyRPL's names of a lockbox's parts begin with an underscore
# ruff: noqa: SLF001

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pyrpl.attributes import SelectProperty
from pyrpl.hardware_modules.dsp import InputSelectProperty

KINDS = ("input", "output")

OFF = (None, False, "off", "Off", "OFF")
"""What PyRPL takes for no class of an input or output."""

OPTIONS_SHOWN = 8
"""How many options a reason names."""

Path = tuple[str, ...]
"""The keys that lead to an entry of a lockbox's section."""


@dataclass(frozen=True)
class RefusedSetting:
    """An entry of the section at `path`, and the `reason` why the lockbox's class does not take it."""

    path: Path
    reason: str


def refused_settings(lockbox: Any, section: Any) -> list[RefusedSetting]:
    """The settings in `section`, the lockbox's section of the configuration, that its class does not take."""
    names = {kind: _names(lockbox, kind, section) for kind in KINDS}
    found = [*_of_lockbox(lockbox, section, names)]
    for kind in KINDS:
        found += _classes(lockbox, kind, section)
        for name, entries in _dict(section.get(f"{kind}s")).items():
            if name in names[kind]:
                chosen = _dict(section.get(f"{kind}_classes")).get(name)
                found += _of_signal(lockbox, kind, name, chosen, entries, names)
    refused_unit = any(one.path == ("setpoint_unit",) for one in found)
    if refused_unit and "is_locked_threshold" in section:
        found.append(RefusedSetting(("is_locked_threshold",), "it is in this unit"))
    reason = "its set points are in this unit" if refused_unit else _against_sequence(section, names)
    if reason and not _has_no_values(section.get("sequence")):
        found.append(RefusedSetting(("sequence",), reason))
    return found


def _names(lockbox: Any, kind: str, section: Any) -> set[str]:
    """The names of the inputs or outputs that the lockbox has when PyRPL has loaded the section."""
    names = set(type(lockbox)._default_signal_map(f"{kind}s"))
    available, signals = lockbox._available_signal_classes(kind), lockbox._signal_container(kind)
    for name, class_name in _dict(section.get(f"{kind}_classes")).items():
        if class_name in OFF:
            if name in signals:  # as PyRPL asks before it removes one: some releases never do
                names.discard(name)
        elif class_name in available:
            names.add(name)
    return names


def _of_lockbox(lockbox: Any, section: Any, names: dict[str, set[str]]) -> Iterator[RefusedSetting]:
    for key, value in section.items():
        if key != "classname":  # PyRPL makes the lockbox of it
            reason = _against(lockbox, type(lockbox), key, value, names)
            if reason:
                yield RefusedSetting((key,), reason)


def _classes(lockbox: Any, kind: str, section: Any) -> Iterator[RefusedSetting]:
    available, signals = lockbox._available_signal_classes(kind), lockbox._signal_container(kind)
    own = type(lockbox)._default_signal_map(f"{kind}s")
    for name, class_name in _dict(section.get(f"{kind}_classes")).items():
        if class_name in OFF:
            continue
        if class_name not in available:
            yield RefusedSetting((f"{kind}_classes", name), _options(available))
        elif name in own and name not in signals:  # as PyRPL asks before it adds one
            yield RefusedSetting((f"{kind}_classes", name), f"it has an {kind} of this name itself")


def _of_signal(
    lockbox: Any, kind: str, name: str, chosen: Any, entries: Any, names: dict[str, set[str]]
) -> Iterator[RefusedSetting]:
    """The refused settings of one input or output; `chosen`: the name of its class, if the section has it."""
    signals = dict(lockbox._signal_container(kind).items())
    cls = lockbox._available_signal_classes(kind).get(chosen, type(signals.get(name)))
    # PyRPL makes inputs and outputs of other classes when it loads the section: others of this lockbox have
    # the same options
    like = signals[name] if isinstance(signals.get(name), cls) else next(iter(signals.values()), None)
    for key, value in _dict(entries).items():
        reason = _against(like, cls, key, value, names) if like is not None else ""
        if reason:
            yield RefusedSetting((f"{kind}s", name, key), reason)
            if key == "unit" and "dc_gain" in entries:
                yield RefusedSetting((f"{kind}s", name, "dc_gain"), "it is in this unit")


def _against(module: Any, cls: type, key: str, value: Any, names: dict[str, set[str]]) -> str:
    """Why the attribute `key` of `cls` does not take `value`; "" if it does, or has no options.

    `module`: of this class, or one that has the same options.
    """
    attribute = inspect.getattr_static(cls, key, None)
    if not isinstance(attribute, SelectProperty) or not isinstance(value, (str, int, float)):
        return ""
    if isinstance(module, cls):
        options = list(attribute.options(module))
    else:
        known = attribute.default_options
        options = list(known(module) if callable(known) else known)
    if value in options or any(value in of_kind for of_kind in names.values()):
        return ""
    if isinstance(attribute, InputSelectProperty):
        signals = [f"{kind}s.{name}" for kind, of_kind in names.items() for name in of_kind]
        # PyRPL takes the end of a signal's name for the signal
        if any(str(one).endswith(str(value)) for one in [*options, *signals]):
            return ""
        if any(str(value).endswith(f".{one}") for one in signals):
            return ""
    return _options(options)


def _against_sequence(section: Any, names: dict[str, set[str]]) -> str:
    """Why the stages cannot lock as they did, "" if they can."""
    stages = section.get("sequence")
    for number, stage in enumerate(stages if isinstance(stages, list) else ()):
        name = _dict(stage).get("input")
        if isinstance(name, str) and not any(one.endswith(name) for one in names["input"]):
            return f"stage {number} locks to {name!r}; {_options(names['input'])}"
        for output, entries in _dict(_dict(stage).get("outputs")).items():
            drives = _dict(entries).get("lock_on") or _dict(entries).get("reset_offset")
            if drives and output not in names["output"]:
                return f"stage {number} drives {output!r}; {_options(names['output'])}"
    return ""


def _has_no_values(entries: Any) -> bool:
    """Whether a branch has none: PyRPL makes one for each stage and output."""
    if isinstance(entries, dict):
        entries = list(entries.values())
    return entries is None or (isinstance(entries, list) and all(map(_has_no_values, entries)))


def _options(options: Iterable[Any]) -> str:
    texts = sorted(map(str, options))
    more = f" and {len(texts) - OPTIONS_SHOWN} more" if len(texts) > OPTIONS_SHOWN else ""
    return f"it has {', '.join(texts[:OPTIONS_SHOWN]) or 'none'}{more}"


def _dict(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}
