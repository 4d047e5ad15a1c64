"""Makes the classes of proxies from the schema, and proxies from these classes.

All modules of one type share a class, which is made at its first use: attributes become properties, methods
become functions with PyRPL's signatures and documentation, submodules become descriptors.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

from ...schema import ModuleType
from ..sessions.handle import Handle
from ..sessions.session import Session
from .board import RemotePyrpl
from .ipython import allow_completion
from .members import function_of, logger_of, property_of
from .module import RemoteDict, RemoteList, RemoteModule
from .parts import RemotePart
from .redpitaya import RemoteRedPitaya
from .shell import teach_running_shell
from .signals import SignalLauncher

BASES: dict[str, type[RemoteModule]] = {"list": RemoteList, "dict": RemoteDict, "": RemoteModule}
"""The base class for each value of ModuleType.container."""

OWN_BASES: dict[str, type[RemoteModule]] = {"": RemotePyrpl, "rp": RemoteRedPitaya}
"""The base class for the paths that have their own."""


def module_proxy(handle: Handle, path: str) -> RemoteModule:
    """The proxy of the module at `path`; "" is the board itself."""
    board: RemotePyrpl | None = handle.board_proxy()
    if board is None:
        return _make_proxy(handle, path)
    return board._module(path, _make_proxy) if path else board


def _make_proxy(handle: Handle, path: str) -> RemoteModule:
    return class_of(handle.session, path)(handle, path)


def class_of(session: Session, path: str) -> type[RemoteModule]:
    """The class for the proxy of the module at `path`; each session makes it once."""
    kind = session.type_of(path)
    key = session.description.modules[path]
    known: type[RemoteModule] | None = session.classes.get(key)
    if known is not None and known._kind == kind:
        return known
    made = session.classes[key] = make_class(kind, OWN_BASES.get(path, BASES[kind.container]))
    return made


def make_class(kind: ModuleType, base: type[RemoteModule]) -> type[RemoteModule]:
    """The class of all proxies of modules of one type."""
    members: dict[str, Any] = {"__slots__": (), "__doc__": kind.doc or base.__doc__, "_kind": kind}
    for attribute in kind.attributes.values():
        members[attribute.name] = property_of(attribute)
    for method in kind.methods.values():
        members[method.name] = function_of(method, kind)
    for name, logger_name in kind.loggers.items():
        members[name] = logger_of(logger_name)
    for name in kind.parts:
        members[name] = property(partial(_part, name))
    if kind.signals:
        members["_signal_launcher"] = property(_signal_launcher)
    for name in kind.submodules:
        members[name] = Submodule(name)
    for name in base._own:
        members.pop(name, None)
    members["_follow"] = _follow
    members["__class__"] = property(_pyrpl_class, _set_class)
    cls = type(kind.name, (base,), members)
    allow_completion(cls)
    teach_running_shell()
    return cls


def _part(name: str, proxy: RemoteModule) -> RemotePart:
    if not proxy._handle.private:
        raise proxy._unknown(name)
    return RemotePart(proxy._handle, f"{proxy._path}.{name}")


def _signal_launcher(proxy: RemoteModule) -> SignalLauncher:
    if not proxy._handle.private:
        raise proxy._unknown("_signal_launcher")
    return SignalLauncher(proxy._handle, proxy._path, proxy._kind.signals)


def _follow(proxy: RemoteModule, session: Session) -> None:
    """Give the proxy the class of the type that its module has now.

    Called by the session after it received a new description: PyRPL replaces the lockbox when its class
    changes.
    """
    if proxy._path in session.description.modules:
        object.__setattr__(proxy, "__class__", class_of(session, proxy._path))


def _pyrpl_class(proxy: RemoteModule) -> type:
    """PyRPL's class of the module, if this program has imported it: then isinstance() works as in PyRPL."""
    for name in proxy._kind.classes:
        module, _, name_in_module = name.rpartition(".")
        known = getattr(sys.modules.get(module), name_in_module, None)
        if isinstance(known, type):
            return known
    return type(proxy)


def _set_class(proxy: RemoteModule, cls: type[RemoteModule]) -> None:
    object.__dict__["__class__"].__set__(proxy, cls)


class Submodule:
    """The descriptor of a module inside a module.

    It is no property, because IPython's `?` would show the docstring of the property, not of the module.
    """

    def __init__(self, name: str):
        self.name = name

    def __get__(self, module: RemoteModule | None, owner: type | None = None) -> Any:
        if module is None:
            return self
        return module_proxy(module._handle, f"{module._path}.{self.name}" if module._path else self.name)

    def __set__(self, module: RemoteModule, value: Any) -> None:
        # as in PyRPL: assigning a dict sets up the module
        module._handle.set(module._path, self.name, value)
