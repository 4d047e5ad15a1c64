"""Values and documentation of attributes as texts."""

from __future__ import annotations

import html
import time
from typing import Any

from pyrpl_remote.schema import Attribute

from ...quantities import quantity
from .nodes import UNREAD, AttributeNode, ModuleNode, Node, StageNode

MOST_OPTIONS = 12
"""How many options the documentation names."""


def shown(attribute: Attribute, value: Any) -> str:
    """A value as the tree shows it."""
    return _text(attribute, value, exact=False)


def exact(attribute: Attribute, value: Any) -> str:
    """A value with all its digits, as it is typed: `typed_values.value_for` makes the same value of it."""
    return _text(attribute, value, exact=True)


def _text(attribute: Attribute, value: Any, exact: bool) -> str:
    if value is UNREAD:
        return ""
    if value is None:
        return "None"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (int, float)):
        return quantity(value, attribute.unit, None if exact else 6)
    if isinstance(value, complex):
        return _complex(value, exact)
    if isinstance(value, (list, tuple)):
        # in an editor a unit would stand for each number
        unit = "" if exact else attribute.unit
        inside = Attribute(attribute.name, attribute.kind, unit=unit)
        return f"[{', '.join(_text(inside, item, exact) for item in value)}]"
    return str(value)


def _complex(value: complex, exact: bool) -> str:
    if exact:
        return repr(value).strip("()")
    return f"{value:.6g}"


def limits(attribute: Attribute) -> str:
    """The limits with their unit, as "-1 V … 1 V"; the number of options of a choice."""
    if attribute.kind in ("select", "filter") and attribute.options:
        return f"{len(attribute.options)} choices" if len(attribute.options) > 1 else "1 choice"
    low, high = attribute.minimum, attribute.maximum
    if low is None and high is None:
        return ""
    if low is None:
        return f"≤ {quantity(high, attribute.unit)}"
    if high is None:
        return f"≥ {quantity(low, attribute.unit)}"
    return f"{quantity(low, attribute.unit)} … {quantity(high, attribute.unit)}"


def when(seconds: float) -> str:
    """A time as a person says it today."""
    then, now = time.localtime(seconds), time.localtime()
    return time.strftime("%H:%M:%S" if then[:3] == now[:3] else "%Y-%m-%d %H:%M:%S", then)


def changed(node: AttributeNode) -> str:
    """Who has changed an attribute last, and when; or why the last edit was refused."""
    if node.bad or node.remark:
        return (node.bad or node.remark).partition("\n")[0]
    return f"{when(node.time)}  {node.who}" if node.who else ""


def about(node: Node, muted: str, bad: str) -> str:
    """Everything that is known of a row, as HTML; the colours are those of lesser facts and of refusals."""
    if isinstance(node, StageNode):
        node = node.parent
    lines: list[str] = []
    if isinstance(node, AttributeNode):
        lines.append(f"<b>{html.escape(node.path)}</b> &nbsp; {_span('; '.join(_facts(node)), muted)}")
        lines += [_span(text, bad) for text in (node.refusal, node.unreadable, node.remark) if text]
        lines.append(html.escape(node.attribute.doc))
        if node.locked:
            lines.append(_span(f"Cannot be edited: {node.locked}.", muted))
        if node.who:
            lines.append(_span(f"Changed by {node.who}, {when(node.time)}", muted))
    elif isinstance(node, ModuleNode):
        lines.append(f"<b>{html.escape(node.path)}</b> &nbsp; {_span(node.kind.name, muted)}")
        if node.locked:
            lines.append(_span(f"{node.locked}.", bad))
        lines.append(html.escape(node.kind.doc.partition("\n\n")[0]))
    return "".join(f"<p style='margin: 0 0 4px 0'>{line}</p>" for line in lines if line).replace("\n", "<br>")


def _facts(node: AttributeNode) -> list[str]:
    attribute = node.attribute
    facts = [{"data": "value"}.get(attribute.kind, attribute.kind)]
    range_of = limits(attribute)
    if range_of:
        facts.append(range_of)
    if attribute.increment:
        facts.append(f"in steps of {quantity(attribute.increment, attribute.unit)}")
    if not range_of and not attribute.increment and attribute.unit:
        facts.append(f"in {attribute.unit}")
    options = node.offered
    if options and attribute.kind in ("select", "filter"):
        texts = [shown(attribute, option) for option in options[:MOST_OPTIONS]]
        facts.append(", ".join(texts) + (", …" if len(options) > MOST_OPTIONS else ""))
    return facts


def _span(text: str, colour: str) -> str:
    return f"<span style='color: {colour}'>{html.escape(text)}</span>" if text else ""
