"""Carries out the verbs that access modules: for our own clients, and for the modules' Pyro objects.

Its functions take and return values. They run in the Qt thread; serving/requests.py calls them there.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from typing import Any

from .. import schema
from ..errors import AcquisitionCancelled, UnknownAttribute
from .acquiring import acquisition_of
from .adapter.modules.describe_attribute import options_of, taking_no_iq
from .adapter.modules.long_calls import PIECEWISE, coroutine_of, follow, run
from .adapter.modules.modules import Modules
from .adapter.modules.refused import call_method, restored_if_refused, set_attribute
from .adapter.modules.reserved import Reserved
from .adapter.modules.values import edit_list
from .caller import Caller
from .qt.acquisitions import Acquisitions
from .values import Plain, PrivateMethod

NUMBERS = (float, int, bool)
"""The types of most values that are set: a number is harmless."""

SIMPLE = (float, int, bool, str, type(None))
"""The types of most values that are read."""

MAX_NAMES = 1000
"""How many attributes one request may read."""


class Dispatcher:
    """Accesses to the modules of one board. To be used in the Qt thread only."""

    def __init__(self, modules: Modules, post: Callable[[Callable[[], object]], object]):
        """`post(work)` runs `work()` in the Qt thread, after all work that was posted before."""
        self._modules = modules
        self._post = post
        self._acquisitions = Acquisitions()
        self.reserved = Reserved()
        self._shape = modules.shape()
        self.generation = 0
        """Increases when modules are added, removed or replaced: then earlier descriptions are out of
        date."""
        self.restructured: Callable[[], object] = _do_nothing
        """Is called each time that happens."""

    def acquiring(self) -> bool:
        """Whether any acquisition is running."""
        return self._acquisitions.under_way()

    def holders(self) -> list[tuple[str, str]]:
        """The path and the holder's label of each acquisition; from any thread."""
        return self._acquisitions.holders()

    def describe(self, caller: Caller) -> Plain:
        """The whole board's schema.Description."""
        return Plain(schema.to_data(self._modules.describe()))

    def module_type(self, path: str) -> schema.ModuleType:
        """The description of the module at `path`."""
        return self._modules.module_type(self._modules.module(path))

    def get(self, caller: Caller, path: str, name: str) -> Any:
        """The value of an attribute; a PrivateMethod for a method whose name has a leading underscore."""
        if caller.private and (part := self._modules.part(path)) is not None:
            value = getattr(part, _own_name(path, name))
            return PrivateMethod(path, name) if callable(value) else value
        module = self._modules.module(path)
        if name not in self._modules.module_type(module).attributes:
            self._require_attributes(module, path, (name,), caller.private)
        value = getattr(module, name)
        if name.startswith("_") and callable(value):
            return PrivateMethod(path, name)
        return value if type(value) in SIMPLE else self._modules.shown(name, value)

    def get_many(self, caller: Caller, path: str, names: list[str]) -> list[Any]:
        """The values of several attributes, in their order.

        A look at all of an analyser takes no iq from its owner, which the first use of the analyser does.
        """
        if len(names) > MAX_NAMES:
            raise ValueError(f"at most {MAX_NAMES} attributes are read at once, not {len(names)}")
        module = self._modules.module(path)
        self._require_attributes(module, path, names)
        with taking_no_iq(module):
            return [self._modules.shown(name, getattr(module, name)) for name in names]

    def access_counts(self, caller: Caller) -> list[int]:
        """How often PyRPL has read from the board, and written to it."""
        return self._modules.access_counts()

    def options(self, caller: Caller, path: str, name: str) -> list[Any]:
        """The values that a select or filter attribute accepts now."""
        module = self._modules.module(path)
        self._require_attributes(module, path, (name,))
        return options_of(module, name)

    def set(self, caller: Caller, path: str, name: str, value: Any) -> None:
        """Set an attribute."""
        if caller.private and (part := self._modules.part(path)) is not None:
            self._modules.require_plain_member(part, path, _own_name(path, name))
            setattr(part, name, value)
            return
        module = self._modules.module(path)
        self._require_attributes(module, path, (name,), caller.private)
        if name.startswith("_"):
            self._modules.require_plain_member(module, path, name)
        self._set(module, path, {name: value})

    def set_many(self, caller: Caller, path: str, values: dict[str, Any]) -> None:
        """Set several attributes in the order of `values`; none is set if one of them does not exist."""
        module = self._modules.module(path)
        self._require_attributes(module, path, values)
        self._set(module, path, values)

    def edit(
        self, caller: Caller, path: str, name: str, operation: str, args: list[Any]
    ) -> tuple[Any, list[Any]]:
        """Change a list attribute in place; returns the operation's result and all elements."""
        module = self._modules.module(path)
        self._require_attributes(module, path, (name,))
        self._modules.require_harmless(module, name, args)
        value = getattr(module, name)
        with restored_if_refused(module, (name,)):
            return edit_list(value, operation, args), list(value)

    def call(
        self,
        caller: Caller,
        path: str,
        name: str,
        args: list[Any],
        kwargs: dict[str, Any],
        replaceable: bool = False,
    ) -> Any:
        """Call a method; returns its result, or the future of the result of an acquisition or a long call.

        `setup` also sets attributes that PyRPL's own ignores, such as a PID's ival.
        `replaceable`: the caller does not wait for the result now, so a later acquisition of the same program
        on the module may take the place of this one.

        If PyRPL has a method both as `x` and as `x_async`, `x_async` is called: `x` is a busy loop that would
        block all clients.
        """
        if caller.private and (part := self._modules.part(path)) is not None:
            return getattr(part, _own_name(path, name))(*args, **kwargs)
        module = self._modules.module(path)
        kind = self._modules.module_type(module)
        if name not in kind.methods:
            if not (caller.private and _is_private(module, name)):
                raise _unknown(path, name, kind.methods)
            self._modules.require_open(module, path, name)
        self._modules.require_harmless_call(module, name, args, kwargs)
        beside = self._modules.beside_setup(module, name, kwargs)
        kwargs = {key: value for key, value in kwargs.items() if key not in beside} if beside else kwargs
        self._modules.require_known_names(module, path, name, args, kwargs)
        if f"{name.removesuffix('_async')}_async" in kind.methods:
            acquisition = acquisition_of(caller, module, path, name, args, kwargs, replaceable)
            self._acquisitions.request(acquisition)
            return acquisition.future
        if (coroutine := coroutine_of(module, name)) is not None:
            return follow(run(coroutine(*args, **kwargs)))
        if (kind.name, name) in PIECEWISE:
            future: Future[Any] = Future()
            self._continue(PIECEWISE[kind.name, name](module, *args, **kwargs), future)
            return future
        try:
            result = call_method(module, name, args, kwargs)
            if name == "pop":
                self.reserved.popped(caller.session, result)
            if beside:
                self._set(module, path, beside)
            return result
        finally:
            self._compare_shape(path)

    def release(self, future: Future[Any]) -> None:
        """Let a call go on, by its future, for which nobody waits: an acquisition gives up its place."""
        self._acquisitions.release(future)

    def abandon(self, future: Future[Any]) -> None:
        """Give up a call, by its future: an acquisition is stopped, a long call ends."""
        self._acquisitions.abandon(future)
        if not future.done():
            future.set_exception(AcquisitionCancelled("the call was given up"))

    def _continue(self, pieces: Generator[None, None, Any], future: Future[Any]) -> None:
        """Do the next piece of a long call, and post the rest, so that other posted work runs before it."""
        if future.done():  # it was given up
            return
        try:
            next(pieces)
        except StopIteration as end:
            future.set_result(end.value)
        except Exception as error:  # noqa: BLE001 - boundary: it travels to the client
            future.set_exception(error)
        else:
            self._post(lambda: self._continue(pieces, future))

    def _require_attributes(
        self, module: Any, path: str, names: Iterable[str], private: bool = False
    ) -> None:
        kind = self._modules.module_type(module)
        for name in names:
            if name in kind.attributes or name in kind.submodules:
                continue
            if not (private and _is_private(module, name)):
                raise _unknown(path, name, kind.attributes)
            self._modules.require_open(module, path, name)

    def _set(self, module: Any, path: str, values: dict[str, Any]) -> None:
        for name, value in values.items():
            self._modules.require_writable(module, path, name)
            if type(value) not in NUMBERS:
                self._modules.require_harmless(module, name, value)
            if isinstance(value, (dict, list)):
                self._modules.require_known_values(module, path, name, value)
        try:
            for name, value in values.items():
                self._modules.require_number(module, path, name, value)
                set_attribute(module, name, value)
        finally:
            self._compare_shape(path)

    def _compare_shape(self, path: str) -> None:
        # hardware modules never change: only paths of software modules need the comparison
        if not path.startswith("rp") and (shape := self._modules.shape()) != self._shape:
            self._shape = shape
            self.generation += 1
            self.restructured()


def _do_nothing() -> None:
    pass


def _is_private(module: Any, name: str) -> bool:
    """Whether the module has `name` and it begins with one underscore; names with two are Python's own."""
    return name.startswith("_") and not name.startswith("__") and hasattr(module, name)


def _own_name(path: str, name: str) -> str:
    """`name`; raises UnknownAttribute for those of Python itself, as `__init__`."""
    if name.startswith("__"):
        raise UnknownAttribute(f"{path} has no {name!r:.80} for clients")
    return name


def _unknown(path: str, name: str, known: Iterable[str]) -> UnknownAttribute:
    return UnknownAttribute(
        f"{path or 'the board'} has no {name!r:.200}", f"it has {', '.join(sorted(known))}"
    )
