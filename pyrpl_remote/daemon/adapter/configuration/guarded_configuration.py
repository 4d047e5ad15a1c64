"""What clients may read and write of PyRPL's configuration, and the YAML texts that they may send.

The branch `redpitaya` says how the daemon reaches its board: a client that could change it would lead the
next start to another host, or let the board run another program. The tree's own names begin with an
underscore: an entry of such a name would replace them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from pyrpl.memory import load

from ....errors import NotTransferable

LINK = "redpitaya"
"""The branch with the parameters of the connection to the board."""

SETTABLE = {
    "autostart", "delay", "frequency_correction", "gui", "leds_off", "reloadfpga", "reloadserver",
    "silence_env", "timeout",
}  # fmt: skip
"""Its entries that clients may change."""

MASKED = "********"
"""What a client reads in place of a password."""

MAX_KEY = 200
"""The longest key, in characters."""

MAX_DEPTH = 20
MAX_ITEMS = 20_000
MAX_TEXT = 256 * 2**10
"""How deep, how many and how long (in characters) the values of one write may be."""

MAX_SCALAR = 10_000
"""The longest single value in a YAML text, in characters: PyRPL turns it into a number if it can."""

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def masked(value: Any) -> Any:
    """A value of the configuration without passwords: a copy where it has one."""
    if isinstance(value, dict):
        copy = type(value)()  # YAML sorts the keys of other dicts
        copy.update((k, MASKED if k == "password" and item else masked(item)) for k, item in value.items())
        return copy
    return [masked(item) for item in value] if isinstance(value, list) else value


def steps(keys: Sequence[Any]) -> list[Any]:
    """The keys from the root, each for one branch: PyRPL takes "a.b" for two. Raises KeyError for others."""
    if not isinstance(keys, (list, tuple)) or len(keys) > MAX_DEPTH:
        raise KeyError(f"at most {MAX_DEPTH} keys lead to an entry of the configuration, not {keys!r:.80}")
    found: list[Any] = []
    for key in keys:
        require_key(key)
        found += key.split(".") if isinstance(key, str) else [key]
    return found


def require_key(key: Any) -> None:
    """Raise KeyError unless `key` may be the key of an entry."""
    if type(key) in (int, float, bool):
        return
    if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY or not key.isprintable():
        raise KeyError(
            f"a key of the configuration is a text of at most {MAX_KEY} characters, not {key!r:.80}"
        )
    if key.startswith("_") or "._" in key:
        raise KeyError(f"{key!r:.80} is none: names that start with an underscore are PyRPL's own")


def require_bounded(value: Any) -> None:
    """Raise NotTransferable for a value that is too large, too deep, or has a key that is none."""
    items, text = 0, 0
    rest = [(value, 0)]
    while rest:
        one, depth = rest.pop()
        items += 1
        text += len(one) if isinstance(one, (str, bytes)) else 0
        if items > MAX_ITEMS or text > MAX_TEXT or depth > MAX_DEPTH:
            raise NotTransferable(
                "PyRPL's configuration cannot hold such a large value",
                f"at most {MAX_ITEMS} values, {MAX_TEXT} characters and {MAX_DEPTH} levels fit in one write",
            )
        if isinstance(one, Mapping):
            for key, item in one.items():
                require_key(key)
                rest.append((item, depth + 1))
        elif isinstance(one, (list, tuple, set, frozenset)):
            rest += [(item, depth + 1) for item in one]


def require_yaml_text(text: Any) -> None:
    """Raise ValueError unless `text` is YAML that is short, not too deep, and has no aliases.

    A few lines of aliases of aliases become a value that fills all memory.
    """
    if not isinstance(text, str):
        raise TypeError(f"YAML is a text, not {text!r:.80}")
    if len(text) > MAX_TEXT:
        raise ValueError(f"a YAML text has at most {MAX_TEXT} characters, not {len(text)}")
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise ValueError(f"a YAML text has no aliases: *{event.anchor:.80} is one")
        if depth > MAX_DEPTH:
            raise ValueError(f"a YAML text has at most {MAX_DEPTH} levels")
        if isinstance(event, yaml.ScalarEvent) and len(event.value) > MAX_SCALAR:
            raise ValueError(f"a value in a YAML text has at most {MAX_SCALAR} characters")


def require_settable(tree: Any, path: Sequence[Any], value: Any) -> None:
    """Raise PermissionError if setting the entry at `path` to `value` would change the link to the board."""
    if not path or path[0] != LINK:
        return
    if len(path) == 1:
        present = tree.get(LINK)
        if not isinstance(value, Mapping):
            raise _refused(LINK)
        for name in {*value, *(present or {})}:
            require_settable(tree, [LINK, name], value.get(name, present.get(name) if present else None))
    elif len(path) > 2 or not _is_setting(path[1], value):
        present = tree.get(LINK, {}).get(path[1])
        if len(path) > 2 or (value != present and not (path[1] == "password" and value == MASKED)):
            raise _refused(path[1])


def checked_yaml(tree: Any, path: Sequence[Any], text: str) -> Any:
    """The content of a YAML text that replaces the branch at `path`, with the passwords that it masks.

    Raises ValueError or YAMLError for a text that cannot be taken, PermissionError as require_settable does.
    """
    if not path:  # PyRPL would make a branch without a name of it
        raise ValueError("a YAML text replaces one branch of the configuration: p.c.pid0._set_yml(text)")
    require_yaml_text(text)
    content = load(text)
    if content is not None and not isinstance(content, (dict, list)):
        raise ValueError(f"a branch of the configuration has entries, not {content!r:.80}")
    require_bounded(content)
    require_settable(tree, path, content)
    if list(path) == [LINK] and isinstance(content, dict) and content.get("password") == MASKED:
        content["password"] = tree[LINK]["password"]
    return content


def _is_setting(name: Any, value: Any) -> bool:
    return name in SETTABLE and (type(value) in (bool, int, float, type(None)) or value == "auto")


def _refused(name: Any) -> PermissionError:
    return PermissionError(
        f"{LINK}.{name} of the configuration is not set by clients: it says how the daemon reaches its "
        "board. Pass it to connect(), when no daemon serves the board"
    )
