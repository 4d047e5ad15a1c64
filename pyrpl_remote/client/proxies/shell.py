"""What a running IPython or Jupyter learns at the first connection, and `%load_ext` teaches it before that.

Inside quotes, Tab offers the options of an attribute: `p.rp.pid0.input = "<Tab>`, also in a comparison and in
`setup(input="<Tab>`. After `p.c.` it offers the entries of the configuration. `p.rp.pid0.setpoint?` shows the
value, the limits and the options of an attribute.
"""

from __future__ import annotations

import re
import sys
from typing import Any

from ...errors import PyrplRemoteError
from .config_tree import ConfigBranch
from .ipython import allow_completion
from .members import AttributeProperty, documentation
from .module import RemoteModule

OPEN_QUOTE = re.compile(
    r"""(?P<before>.*?)(?P<name>[A-Za-z]\w*)\s*(?P<sign>=|==|!=)\s*(?P<quote>["'])(?P<typed>[^"']*)$""",
    re.DOTALL,
)
"""The text before the cursor, if it ends inside the quotes of a value: `p.rp.pid0.input = "in`."""

PATH = re.compile(r"([A-Za-z_]\w*(?:\.\w+|\[-?\d+\])*)$")
"""A module at the end of a text: `p.rp.pid0`, `scope`, `p.lockbox.sequence[0]`."""

STEP = re.compile(r"\.(\w+)|\[(-?\d+)\]")
"""One step of such a path: a name, or an index."""


def load_ipython_extension(shell: Any) -> None:
    """Teach a shell. IPython calls this for `%load_ext pyrpl_remote.client.proxies.shell`."""
    try:
        from IPython.core.completer import SimpleCompletion, context_matcher
        from IPython.core.oinspect import InspectorHookData  # noqa: F401 - hooks had other arguments before it
    except ImportError:
        return  # an older IPython, which shows and completes what Python itself offers
    completer, inspector = shell.Completer, shell.inspector
    if "text/plain" in inspector.mime_hooks or any(
        getattr(matcher, "matcher_identifier", "") == "pyrpl_remote" for matcher in completer.custom_matchers
    ):
        return

    @context_matcher(identifier="pyrpl_remote")  # type: ignore[untyped-decorator]  # IPython has no types for it
    def matcher(context: Any) -> dict[str, Any]:
        lines = context.full_text.split("\n")[: context.cursor_line]
        text = "\n".join([*lines, context.text_until_cursor])
        typed, options = options_at(text, shell.user_ns)
        if not options:
            typed, options = keys_at(text, shell.user_ns)
        found = [SimpleCompletion(text=option, type="option") for option in options]
        return {"completions": found, "matched_fragment": typed, "suppress": bool(found)}

    for cls in [ConfigBranch, *_classes_from(RemoteModule)]:
        allow_completion(cls)
    completer.custom_matchers.append(matcher)
    inspector.mime_hooks["text/plain"] = help_on_attribute


def _classes_from(cls: type) -> list[type]:
    """The classes that are derived from `cls`: those of proxies that were made before IPython was loaded."""
    derived: list[type] = cls.__subclasses__()
    return [*derived, *(one for made in derived for one in _classes_from(made))]


def teach_running_shell() -> None:
    """Teach the shell in which this process runs, if there is one."""
    if "IPython" in sys.modules:
        from IPython.core.getipython import get_ipython

        shell = get_ipython()
        if shell is not None:
            load_ipython_extension(shell)


def options_at(text: str, names: dict[str, Any]) -> tuple[str, list[str]]:
    """What is typed inside the quotes at the end of `text`, and the options that begin with it.

    `names` are the user's variables. Of them only proxies are read; nothing is evaluated.
    """
    found = OPEN_QUOTE.match(text)
    if found is None:
        return "", []
    typed = found["typed"]
    before = found["before"]
    if before.endswith("."):
        module = _proxy_at(before[:-1], names)
    else:
        called = before[: _open_bracket(before)].rstrip() if found["sign"] == "=" else ""
        path, _, method = called.rpartition(".")
        module = _proxy_at(path, names) if method in ("setup", "update", "set_setup_attributes") else None
    if not isinstance(module, RemoteModule) or found["name"] not in module._kind.attributes:
        return typed, []
    try:
        options = module.options_of(found["name"])
    except PyrplRemoteError:
        return typed, []  # a Tab is no place for an error: the next access raises it
    return typed, [option for option in options if isinstance(option, str) and option.startswith(typed)]


def keys_at(text: str, names: dict[str, Any]) -> tuple[str, list[str]]:
    """What is typed of a name in the configuration at the end of `text`, and the names that begin with it.

    Jedi, where it is installed, would not read `p.c` to find them.
    """
    path, dot, typed = text.rpartition(".")
    branch = _proxy_at(path, names) if dot and (not typed or typed.isidentifier()) else None
    if not isinstance(branch, ConfigBranch):
        return "", []
    try:
        keys = dir(branch)
    except PyrplRemoteError:
        return "", []
    shown = [key for key in keys if key.isidentifier() and key.startswith(typed)]
    return typed, [key for key in shown if typed or not key.startswith("_")]


def help_on_attribute(asked: Any) -> list[tuple[str, str]] | None:
    """The help on an attribute of a module; None for anything else, which IPython shows itself."""
    module = None if asked.info is None else asked.info.parent
    if not isinstance(asked.obj, AttributeProperty) or not isinstance(module, RemoteModule):
        return None
    attribute = asked.obj.attribute
    try:
        value = repr(getattr(module, attribute.name))
        options = module.options_of(attribute.name) if attribute.options is not None else []
    except (PyrplRemoteError, AttributeError) as error:
        value, options = f"({error})", attribute.options or []
    parts = [
        ("Attribute", f"{module._path}.{attribute.name}".lstrip(".")),
        ("Value", f"{value} {attribute.unit}"),
        ("Type", f"{attribute.kind}, read-only" if attribute.readonly else attribute.kind),
        ("Limits", f"{attribute.limits()} {attribute.unit}" if attribute.limits() else ""),
        ("Step", f"{attribute.increment:g} {attribute.unit}" if attribute.increment is not None else ""),
        ("Options", ", ".join(map(repr, options))),
        ("Board", module._handle.board),
        ("Docstring", attribute.doc or documentation(attribute)),
    ]
    return [(head, text.strip()) for head, text in parts if text]


def _proxy_at(text: str, names: dict[str, Any]) -> RemoteModule | ConfigBranch | None:
    """The module, or the branch of the configuration, whose path ends `text`; None if there is none."""
    path = PATH.search(text)
    if path is None:
        return None
    first = re.split(r"[.\[]", path[1])[0]
    proxy = names.get(first)
    for name, index in STEP.findall(path[1][len(first) :]):
        if not isinstance(proxy, (RemoteModule, ConfigBranch)):
            return None
        try:
            proxy = proxy[int(index)] if index else getattr(proxy, name)  # type: ignore[index]  # of a list
        except (PyrplRemoteError, AttributeError, TypeError, LookupError):
            return None
    return proxy if isinstance(proxy, (RemoteModule, ConfigBranch)) else None


def _open_bracket(text: str) -> int:
    """The index of the last bracket in `text` that is not closed, 0 if there is none."""
    quote = ""
    opened: list[int] = []
    for index, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "([{":
            opened.append(index)
        elif character in ")]}" and opened:
            opened.pop()
    return opened[-1] if opened and text[opened[-1]] == "(" else 0
