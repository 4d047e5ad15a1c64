"""Merges what another program changed in a configuration file into the configuration in memory."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

ABSENT = object()
"""In place of the value of an entry that does not exist."""


@dataclass
class Merge:
    """What was merged: the entries taken from the file, and those that both sides changed.

    Entries are written as PyRPL writes them: "lockbox.classname". For an entry that both sides changed, the
    value in memory is kept; `disputed` has (entry, value kept, value in the file), ABSENT for none.
    """

    taken: list[str] = field(default_factory=list)
    disputed: list[tuple[str, Any, Any]] = field(default_factory=list)


def merge(
    memory: MutableMapping, ours: MutableMapping, base: MutableMapping, theirs: MutableMapping
) -> Merge:
    """Take into `memory` what another program changed in the file.

    `base`: the file as we last knew it; `theirs`: as it is now; `ours`: as it would be if `memory` were
    saved, so that all three have the types that YAML has. Lists are compared, and taken, as a whole.
    """
    result = Merge()
    _merge(memory, ours, base, theirs, (), result)
    return result


def _merge(
    memory: MutableMapping,
    ours: MutableMapping,
    base: MutableMapping,
    theirs: MutableMapping,
    path: tuple[str, ...],
    result: Merge,
) -> None:
    for key in [*theirs, *(key for key in base if key not in theirs)]:
        known, mine, new = (side.get(key, ABSENT) for side in (base, ours, theirs))
        entry = (*path, str(key))
        if _same(new, known) or _same(new, mine):
            continue
        if isinstance(mine, dict) and isinstance(new, dict):
            _merge(memory[key], mine, known if isinstance(known, dict) else {}, new, entry, result)
        elif not _same(mine, known):
            result.disputed.append((".".join(entry), mine, new))
        else:
            result.taken.append(".".join(entry))
            if new is ABSENT:
                del memory[key]
            else:
                memory[key] = new


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) or (one != one and other != other)  # NaN differs from itself
