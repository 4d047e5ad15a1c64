"""How IPython and Jupyter complete and display proxies."""

from __future__ import annotations

import html
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from ...schema import Attribute, ModuleType

LONGEST_TEXT = 60
"""Longest text of a value in a table; longer ones are cut."""

MOST_OPTIONS = 6
"""If there are more options, a table shows the first ones and how many there are."""


def allow_completion(cls: type) -> None:
    """Let IPython complete `p.rp.scope.` by Tab; nothing happens in a process without IPython.

    IPython evaluates attributes of a class with `__getattr__` for completion only if the class is in a list
    of safe ones. Reading attributes of proxies is safe.
    """
    if "IPython" in sys.modules:
        from IPython.core.guarded_eval import EVALUATION_POLICIES, SelectivePolicy

        policy = EVALUATION_POLICIES["limited"]
        if isinstance(policy, SelectivePolicy):
            policy.allowed_getattr.add(cls)


def table_html(title: str, kind: ModuleType, values: dict[str, Any]) -> str:
    """A module's attributes with values, units and limits or options, as HTML."""
    head = "<tr><th>attribute</th><th>value</th><th>unit</th><th>limits or options</th></tr>"
    rows = "".join(_row(kind.attributes[name], value) for name, value in values.items())
    return f"<div><b>{html.escape(title)}</b><table>{head}{rows}</table></div>"


def plain_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of texts, as HTML."""
    shown = "".join(
        "".join(f"<td>{html.escape(text)}</td>" for text in row).join(("<tr>", "</tr>")) for row in rows
    )
    titles = "".join(f"<th>{html.escape(text)}</th>" for text in head)
    return f"<table><tr>{titles}</tr>{shown}</table>"


def cells(attribute: Attribute, value: Any) -> list[str]:
    """An attribute's value, unit, and limits or options, as the texts of a table."""
    return [_short(value), attribute.unit, _limits_or_options(attribute)]


def _row(attribute: Attribute, value: Any) -> str:
    shown = "".join(f"<td>{html.escape(text)}</td>" for text in cells(attribute, value))
    return f"<tr><td><code>{html.escape(attribute.name)}</code></td>{shown}</tr>"


def _short(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else repr(value)
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 3]}..."


def _limits_or_options(attribute: Attribute) -> str:
    if not attribute.options:
        return attribute.limits()
    options = [str(option) for option in attribute.options]
    if len(options) <= MOST_OPTIONS:
        return ", ".join(options)
    return f"{', '.join(options[: MOST_OPTIONS - 1])}, ... ({len(options)} options)"
