"""What IPython and Jupyter show of proxies, and what they must know of them."""

from __future__ import annotations

import html
import sys
from typing import Any

from ...schema import Attribute, ModuleType


def allow_completion(cls: type) -> None:
    """Let IPython complete `p.rp.scope.` by Tab.

    It evaluates no attribute of a class with a `__getattr__` of its own unless the class is listed as harmless; those of
    proxies are.
    """
    if "IPython" in sys.modules:
        from IPython.core.guarded_eval import EVALUATION_POLICIES

        EVALUATION_POLICIES["limited"].allowed_getattr.add(cls)


def table_html(title: str, kind: ModuleType, values: dict[str, Any]) -> str:
    """A module's attributes with values, units and limits or options, as HTML."""
    rows = "".join(
        f"<tr><td><code>{html.escape(name)}</code></td><td>{html.escape(_short(value))}</td>"
        f"<td>{html.escape(kind.attributes[name].unit)}</td><td>{html.escape(_range(kind.attributes[name]))}</td></tr>"
        for name, value in values.items()
    )
    head = "<tr><th>attribute</th><th>value</th><th>unit</th><th>limits or options</th></tr>"
    return f"<div><b>{html.escape(title)}</b><table>{head}{rows}</table></div>"


def _short(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _range(attribute: Attribute) -> str:
    if attribute.options:
        return _short_list([str(option) for option in attribute.options])
    return attribute.limits()


def _short_list(options: list[str]) -> str:
    return (
        ", ".join(options)
        if len(options) <= 6
        else ", ".join(options[:5]) + f", ... ({len(options)} options)"
    )
