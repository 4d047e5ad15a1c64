"""Changes of PyRPL's modules that PyRPL may refuse: then settings and configuration are as they were before.

PyRPL keeps and saves a value before it uses it. If it then refuses it, as an IIR filter of too high an order,
the value remains, and the next start fails with the saved one.
"""

# the names of PyRPL's tree, and of what its modules are made of, begin with an underscore
# ruff: noqa: SLF001

from __future__ import annotations

import contextlib
import inspect
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import lru_cache
from types import FunctionType
from typing import Any

import numpy as np
from pyrpl import attributes
from pyrpl.module_attributes import ModuleList
from pyrpl.modules import HardwareModule, Module

from ..configuration.merge import ABSENT
from .assigned import assigned_by

log = logging.getLogger(__name__)

Base = attributes.BaseProperty


@lru_cache(maxsize=4096)
def may_be_kept(cls: Any, name: str) -> bool:
    """Whether PyRPL may keep and save a value of this attribute before it refuses it."""
    member = inspect.getattr_static(cls, name, None)
    if name == "setup_attributes" or isinstance(member, attributes.ProxyProperty):
        return True
    if not isinstance(member, Base):
        return False
    kind = type(member)
    if member.call_setup or kind.value_updated is not Base.value_updated:
        return True
    if isinstance(member, (attributes.BasePropertyListProperty, attributes.ModuleAttribute)):
        return True
    # those of hardware modules, which would have to be read from the board before, refuse a value before they
    # write it
    return not issubclass(cls, HardwareModule) and kind.set_value not in (
        Base.set_value,
        attributes.SelectProperty.set_value,
    )


def set_attribute(module: Any, name: str, value: Any) -> None:
    """`module.name = value`; if PyRPL raises an error, what it had changed is restored."""
    if getattr(module, "_owner", None) is None:
        _set_attribute(module, name, value)
    else:
        with _saved_although_owned(module):
            _set_attribute(module, name, value)


def _set_attribute(module: Any, name: str, value: Any) -> None:
    cls: Any = type(module)
    if not may_be_kept(cls, name):
        setattr(module, name, value)
        return
    names = value if name == "setup_attributes" and isinstance(value, Mapping) else (name,)
    with restored_if_refused(module, names):
        setattr(module, name, value)


def call_method(module: Any, name: str, args: list[Any], kwargs: Mapping[str, Any]) -> Any:
    """`module.name(*args, **kwargs)`; if PyRPL refuses new settings, what it had changed is restored."""
    changed, names = _changed_by(module, name, args, kwargs)
    if changed is None:
        return getattr(module, name)(*args, **kwargs)
    with restored_if_refused(changed, names), _saved_although_owned(changed):
        return getattr(module, name)(*args, **kwargs)


def _saved_although_owned(module: Any) -> AbstractContextManager[None]:
    owned = getattr(module.parent.c, "_owned", None)
    return contextlib.nullcontext() if owned is None else owned.set_by_client(module)


def _changed_by(
    module: Any, name: str, args: list[Any], kwargs: Mapping[str, Any]
) -> tuple[Module | None, Iterable[str]]:
    """The module and the attributes that a method sets; (None, ()) for a method that sets none."""
    if not isinstance(module, Module):
        return None, ()
    if isinstance(module, ModuleList):
        if name == "__setitem__" and len(args) == 2 and isinstance(args[1], Mapping):
            with contextlib.suppress(LookupError, TypeError):  # PyRPL raises it again
                return module[args[0]], args[1]
        return (module, ()) if name in ("insert", "append", "extend") else (None, ())
    if name == "setup":
        return module, kwargs
    return (module, module._setup_attributes) if name in ("load_state", "set_yml") else (None, ())


@contextlib.contextmanager
def restored_if_refused(module: Any, names: Iterable[str]) -> Iterator[None]:
    """Restore the attributes `names`, and what the module's setup assigns, if the block raises an error."""
    if not isinstance(module, Module):
        yield
        return
    before = _Before(module, names)
    with before.tree._unsaved():
        try:
            yield
        except OSError:
            raise  # the board is gone, and nothing can be restored there
        except Exception:
            before.restore()
            raise


class _Before:
    """Settings of a module before a change, and the section of the configuration that it belongs to."""

    def __init__(self, module: Module, names: Iterable[str]):
        self._module = module
        top = module
        while isinstance(top.parent, Module):
            top = top.parent
        self._owner = top.parent  # the Pyrpl or RedPitaya object
        self.tree = top.parent.c
        self._name = top.name
        self._section = _copy(self.tree._data.get(top.name, ABSENT))
        saved = self._section if top is module and module.owner is None else ABSENT
        cls: Any = type(module)
        self._values = {name: _value(module, name, saved) for name in {*names, *_assigned_in_setup(cls)}}
        self._elements = list(module) if isinstance(module, ModuleList) else []

    def restore(self) -> None:
        """Set everything as it was before."""
        if getattr(self._owner, self._name, None) is None:
            self._make_lockbox_again()
            return
        # PyRPL would set the module up with each value
        vars(self._module)["setup"] = lambda **_: None
        try:
            for name, value in self._values.items():
                self._restore_value(name, value)
        finally:
            del vars(self._module)["setup"]
        if isinstance(self._module, ModuleList):
            self._remove_new_elements()
        self._restore_section()

    def _restore_value(self, name: str, value: Any) -> None:
        try:
            if value is ABSENT:
                vars(self._module).pop(name, None)
            elif not _equal(_value(self._module, name, ABSENT), value):
                setattr(self._module, name, value)
        except Exception:  # boundary: the error that travels on is the one of the refusal
            log.warning("%s.%s could not be restored", self._name, name, exc_info=True)

    def _remove_new_elements(self) -> None:
        elements = self._module
        for index in reversed(range(len(elements))):
            if not any(elements[index] is element for element in self._elements):
                # its last step fails for an element that was not saved yet
                with contextlib.suppress(LookupError):
                    del elements[index]

    def _restore_section(self) -> None:
        if self._section is ABSENT:
            self.tree._data.pop(self._name, None)
        else:
            self.tree._data[self._name] = self._section
        self.tree._note((self._name,))
        self.tree._save()

    def _make_lockbox_again(self) -> None:
        """Replace a lockbox that PyRPL has removed, because the one of another class could not be made."""
        self._restore_section()
        lockbox = type(self._module)(self._owner, self._name)
        setattr(self._owner, self._name, lockbox)
        self._owner.software_modules.append(lockbox)
        lockbox._load_setup_attributes()


@lru_cache(maxsize=256)
def _assigned_in_setup(cls: Any) -> frozenset[str]:
    """What PyRPL's setup assigns: setup attributes, and Python objects such as the design of a filter."""
    setup = getattr(cls, "_setup", None)
    return frozenset(
        name
        for name in (assigned_by(setup) if isinstance(setup, FunctionType) else ())
        if name in cls._setup_attributes
        or not isinstance(inspect.getattr_static(cls, name, None), attributes.BaseAttribute)
    )


def _value(module: Module, name: str, saved: Any) -> Any:
    """A copy of the value of an attribute, ABSENT if it has none.

    `saved`: the module's section of the configuration; a register that is saved there is not read.
    """
    member = inspect.getattr_static(type(module), name, None)
    if isinstance(member, attributes.BaseRegister) and isinstance(saved, dict) and name in saved:
        return _copy(saved[name])
    try:
        value = getattr(module, name)
    except Exception:  # noqa: BLE001 - boundary: some of PyRPL's attributes raise before they are first set
        return ABSENT
    return _copy(value.setup_attributes if isinstance(value, Module) else value)


def _copy(value: Any) -> Any:
    """A copy of settings, which are dicts and lists of values."""
    if isinstance(value, dict):
        copied = type(value)()
        copied.update((key, _copy(item)) for key, item in value.items())
        return copied
    if isinstance(value, list):
        return [_copy(item) for item in value]
    return value.copy() if isinstance(value, np.ndarray) else value


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    return bool(one == other)
