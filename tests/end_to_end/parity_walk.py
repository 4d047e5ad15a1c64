"""Compares all public members of PyRPL's modules, read directly and through proxies.

It runs in a separate process, which is a board's daemon with PyRPL in its main thread and a client of that
daemon in another thread. So both read the same objects at the same time.
"""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import KeysView, Mapping
from typing import Any

import numpy as np

EXCEPTIONS = {
    (
        "CurveViewer",
        "m",
    ): "a second configuration tree, without a file, made from the text in `params`",
    ("RedPitaya", "parameters"): "the password is masked",
    ("Scope", "math_formula"): "a text that is no formula is refused",
    ("StageListElement", "function_call"): "a text that names no method is refused",
}
"""Members that may differ, as (class, name), and why."""

ATTEMPTS = 5
"""How often a value is read that changes by itself between two readings, as noise does."""

END_SECONDS = 20.0
"""How long the client's thread may take to end after the daemon has ended."""


def main() -> dict:
    """Start a board, compare everything, and end it.

    Returns `differences` (texts), `compared` (counts by kind) and `seconds` (the duration of the comparison).
    """
    from pyrpl_remote.daemon.adapter.starting.start import Request
    from pyrpl_remote.daemon.service import Service

    service = Service(Request("parity", "parity", None, {"hostname": "virtual"}), None, lambda text: None)
    outcome: dict[str, Any] = {}

    def client():
        from pyrpl_remote import connect

        try:
            with connect("parity") as p:
                walk = Walk(service, p)
                start = time.monotonic()
                walk.all()
                outcome.update(
                    differences=walk.differences, compared=walk.compared, seconds=time.monotonic() - start
                )
        finally:
            service.stop()

    thread = threading.Thread(target=client)
    thread.start()
    service.run()
    thread.join(END_SECONDS)
    return outcome


class Walk:
    """One comparison of everything on a board."""

    def __init__(self, service, p) -> None:
        self._run = lambda work: service._qt.post(work).result()
        self._pyrpl = service._board.pyrpl
        self._p = p
        self._module_of: dict[int, Any] = {}  # proxies by the identity of the module that they stand for
        self.differences: list[str] = []
        self.compared = {"values": 0, "errors": 0, "methods": 0, "writes": 0, "local only": 0}

    def all(self) -> None:
        """Compare every module."""
        modules = list(self._modules("", self._pyrpl, self._p))
        self._module_of = {id(local): remote for _, local, remote in modules}
        for path, local, remote in modules:
            for name in self._run(lambda local=local: names(local)):
                if (type(local).__name__, name) not in EXCEPTIONS:
                    self._member(f"{path}.{name}".lstrip("."), local, remote, name)

    def _modules(self, path: str, local, remote):
        from pyrpl_remote.daemon.adapter.modules.paths import submodules

        yield path, local, remote
        for name in self._run(lambda: submodules(local)):
            yield from self._modules(
                f"{path}.{name}".lstrip("."),
                self._run(lambda name=name: getattr(local, name)),
                getattr(remote, name),
            )
        if isinstance(local, list):
            for index in range(len(local)):
                yield from self._modules(f"{path}[{index}]", local[index], remote[index])

    def _member(self, path: str, local, remote, name: str) -> None:
        from pyrpl.attributes import BaseAttribute, ModuleAttribute

        from pyrpl_remote.daemon.adapter.modules.not_remote import local_only_of
        from pyrpl_remote.errors import NotRemote

        if name in local_only_of(type(local)):
            self._count(
                "local only",
                path,
                None if isinstance(outcome(lambda: getattr(remote, name)), NotRemote) else "is no NotRemote",
            )
            return
        declared = inspect.getattr_static(type(local), name, None)
        if inspect.isroutine(declared):
            self._count(
                "methods", path, method_differs(getattr(local, name), outcome(lambda: getattr(remote, name)))
            )
            return
        for _ in range(ATTEMPTS):
            before, there, after = (
                self._look(local, name),
                outcome(lambda: getattr(remote, name)),
                self._look(local, name),
            )
            found = self._differs(before, there)
            if found is None or (
                self._differs(before, after, local=True) is not None and type_differs(before, there) is None
            ):
                found = None
                break
        self._count("errors" if isinstance(before, Exception) else "values", path, found)
        if (
            isinstance(declared, BaseAttribute)
            and not isinstance(declared, ModuleAttribute)
            and not isinstance(before, Exception)
        ):
            self._count("writes", path, self._write_differs(local, remote, name, before))

    def _write_differs(self, local, remote, name: str, value) -> str | None:
        here = self._run(lambda: outcome(lambda: setattr(local, name, "no such value")))
        there = outcome(lambda: setattr(remote, name, "no such value"))
        self._run(lambda: outcome(lambda: setattr(local, name, value)))
        if isinstance(here, Exception):
            return self._differs(here, there)
        return f"refused by {there!r}" if isinstance(there, Exception) else None

    def _look(self, local, name: str):
        return self._run(lambda: frozen(outcome(lambda: getattr(local, name))))

    def _count(self, kind: str, path: str, difference: str | None) -> None:
        self.compared[kind] += 1
        if difference is not None:
            self.differences.append(f"{path}: {difference}")

    def _differs(self, here: Any, there: Any, local: bool = False) -> str | None:
        """How `there` differs from `here`, None if it does not. `local`: both were read directly."""
        from pyrpl.memory import MemoryBranch

        if isinstance(here, Exception):
            if not isinstance(there, type(here)):
                return f"raises {type(here).__name__} here, returns {there!r:.100} there"
            return (
                None
                if [*map(str, here.args)] == [*map(str, there.args)]
                else f"raises {here!r} here, {there!r} there"
            )
        if isinstance(there, Exception):
            return f"is {here!r:.60} here, raises {there!r:.160} there"
        if local:
            return (
                None
                if repr(here) == repr(there)
                and (not isinstance(here, np.ndarray) or np.array_equal(here, there))
                else "moves"
            )
        if id(here) in self._module_of:
            return None if there == self._module_of[id(here)] else f"is {there!r} there"
        if isinstance(here, MemoryBranch):
            own = self._run(lambda: masked(here._data))
            return None if there._data == own else f"is {there!r} there"
        if isinstance(here, np.generic):
            here = here.item()
        found = type_differs(here, there)
        if found is not None:
            return found
        if isinstance(here, np.ndarray):
            return (
                None if np.array_equal(here, there, equal_nan=here.dtype.kind in "fc") else "other elements"
            )
        if isinstance(here, Mapping):
            if list(here) != list(there):
                return f"has keys {list(here)} here, {list(there)} there"
            return next(
                (f"[{k!r}] {d}" for k in here if (d := self._differs(here[k], there[k])) is not None), None
            )
        if isinstance(here, (list, tuple, KeysView)):
            pairs = list(zip(here, there))
            if len(here) != len(there):
                return f"has {len(here)} elements here, {len(there)} there"
            return next(
                (f"[{i}] {d}" for i, (a, b) in enumerate(pairs) if (d := self._differs(a, b)) is not None),
                None,
            )
        return (
            None
            if here == there or (here != here and there != there)
            else f"is {here!r} here, {there!r} there"
        )


def names(module) -> list[str]:
    """All public names of a module and of its instance, without its submodules."""
    from pyrpl_remote.daemon.adapter.modules.assigned import instance_names
    from pyrpl_remote.daemon.adapter.modules.paths import submodules

    known = {*dir(type(module)), *vars(module), *instance_names(type(module))}
    return sorted(name for name in known - set(submodules(module)) if not name.startswith("_"))


def masked(data: Any) -> Any:
    """A copy of a configuration without its password."""
    if not isinstance(data, Mapping):
        return data
    return {key: "********" if key == "password" else masked(value) for key, value in data.items()}


def outcome(work) -> Any:
    """What `work()` returns, or the exception that it raises."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - boundary: exceptions are compared like values
        return error


def frozen(value: Any) -> Any:
    """A copy of containers that PyRPL may change before they are compared."""
    if type(value) is list:
        return [frozen(item) for item in value]
    return value.copy() if isinstance(value, (dict, np.ndarray)) else value


def type_differs(here: Any, there: Any) -> str | None:
    """How the types differ, None if they do not.

    PyRPL's own lists and views of keys arrive as lists, dicts of any class as dicts, all else as it is.
    """
    if isinstance(here, np.generic):
        here = here.item()
    plain = next(
        (kind for kind in (bool, int, float, str, bytes, tuple, dict) if isinstance(here, kind)), type(here)
    )
    if isinstance(here, (list, KeysView)):
        plain = list
    if isinstance(there, plain) if plain is list else type(there) is plain:
        return None
    return f"is a {type(here).__name__} here, a {type(there).__name__} there ({there!r:.100})"


def method_differs(here: Any, there: Any) -> str | None:
    """How a method's proxy differs in documentation or signature, None if it does not."""
    if not callable(there):
        return f"is a method here, {there!r:.100} there"
    if (inspect.getdoc(here) or "") != (inspect.getdoc(there) or ""):
        return "is documented differently"
    expected = outcome(lambda: inspect.signature(here))
    if isinstance(expected, ValueError):  # a method of list, of which Python does not know the parameters
        return None
    found = inspect.signature(there)
    if [p.kind for p in expected.parameters.values()] == [
        inspect.Parameter.VAR_KEYWORD
    ] and here.__name__ in (
        "setup",
        "set_setup_attributes",
    ):  # the proxies' have the setup attributes in place of **kwds
        kinds = {p.kind for p in found.parameters.values()} - {inspect.Parameter.KEYWORD_ONLY}
        return f"has no keywords only: {found}" if kinds else None
    same = [(p.name, p.kind) for p in expected.parameters.values()] == [
        (p.name, p.kind) for p in found.parameters.values()
    ]
    return None if same and str(expected) == str(found) else f"{expected} here, {found} there"
