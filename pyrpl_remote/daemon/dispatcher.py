"""The one dispatcher behind both doors: get, set and call on a module, by path and name.

Each is carried out in the hardware thread and answered with plain data (see wire.py).
"""

from __future__ import annotations

import functools
import inspect
import math
import numbers
from collections.abc import Generator, Iterable
from concurrent.futures import Future
from typing import Any

from .. import schema
from ..errors import UnknownAttribute
from ..wire import decode, encode
from .adapter.describe import Exports, edit_list, options_of, run
from .adapter.files import CHANGES, READS, Stored, curve_of
from .adapter.long_calls import PIECEWISE
from .qt.acquisitions import Acquisition, Acquisitions
from .qt.thread import HardwareThread, Outcome


class Dispatcher:
    """Carries out accesses in the hardware thread. Its methods may be called from any thread and give futures."""

    def __init__(self, exports: Exports, hardware: HardwareThread):
        self._exports = exports
        self._hardware = hardware
        self._acquisitions = Acquisitions()
        self._stored = Stored(exports.pyrpl.c)
        self._shape = exports.shape()
        self.generation = 0
        """Grows when modules come or go, or are replaced by others: then what `describe` gave is out of date."""

    def describe(self) -> Future:
        """The whole board's schema.Description, as plain data."""
        return self._hardware.submit(lambda: schema.to_data(self._exports.describe()))

    def acquiring(self) -> bool:
        """Whether any client acquires; to be called in the hardware thread."""
        return self._acquisitions.under_way()

    def get(self, path: str, name: str, private: bool = False) -> Future:
        """The value of an attribute, encoded; {"!method": name} for a method that only `private` clients reach."""

        def work():
            module = self._exports.module(path)
            self._require_attributes(module, path, [name], private)
            value = getattr(module, name)
            if name.startswith("_") and callable(value):
                return {"!method": name}
            return self._encode(value)

        return self._hardware.submit(work)

    def set(self, path: str, name: str, value: Any, private: bool = False) -> Future:
        """Set an attribute to the encoded `value`."""

        def work():
            module = self._exports.module(path)
            self._require_attributes(module, path, [name], private)
            self._set(module, path, {name: value})

        return self._hardware.submit(work)

    def options(self, path: str, name: str) -> Future:
        """The values that a select or filter attribute takes now."""

        def work():
            module = self._exports.module(path)
            self._require_attributes(module, path, [name])
            return self._encode(options_of(module, name))

        return self._hardware.submit(work)

    def get_many(self, path: str, names: list[str]) -> Future:
        """The encoded values of several attributes, in their order."""

        def work():
            module = self._exports.module(path)
            self._require_attributes(module, path, names)
            return [self._encode(getattr(module, name)) for name in names]

        return self._hardware.submit(work)

    def set_many(self, path: str, values: dict) -> Future:
        """Set several attributes in the order of `values`; none is set if one of them does not exist."""

        def work():
            module = self._exports.module(path)
            self._require_attributes(module, path, values)
            self._set(module, path, values)

        return self._hardware.submit(work)

    def edit(self, path: str, name: str, operation: str, args: list) -> Future:
        """Change a list attribute in place; gives the operation's result and all elements."""

        def work():
            module = self._exports.module(path)
            self._require_attributes(module, path, [name])
            value = getattr(module, name)
            result = edit_list(value, operation, [self._decode(a) for a in args])
            return self._encode((result, list(value)))

        return self._hardware.submit(work)

    def recall(self, what: str, args: list) -> Future:
        """Read what PyRPL keeps in files: `what` is one of stored.READS."""
        return self._file(READS, what, args)

    def store(self, what: str, args: list) -> Future:
        """Change what PyRPL keeps in files: `what` is one of stored.CHANGES."""
        return self._file(CHANGES, what, args)

    def call(
        self, path: str, name: str, args: list, kwargs: dict, holder: str, private: bool = False
    ) -> Future:
        """Call a method with encoded arguments; `holder` names the client that would hold an acquisition.

        What PyRPL offers as `x` and `x_async` is done by `x_async`: its plain form is a busy loop
        that keeps everyone else waiting.
        """

        def work(future: Future):
            module = self._exports.module(path)
            kind = self._exports.module_type(module)
            if name not in kind.methods and not (private and _is_private(module, name)):
                raise _unknown(path, name, kind.methods)
            decoded = [self._decode(a) for a in args], {k: self._decode(v) for k, v in kwargs.items()}
            if f"{name.removesuffix('_async')}_async" in kind.methods:
                self._acquire(module, path, name, *decoded, holder, future)
            elif (kind.name, name) in PIECEWISE:
                self._continue(PIECEWISE[kind.name, name](module, *decoded[0], **decoded[1]), future)
            else:
                try:
                    result = self._encode(getattr(module, name)(*decoded[0], **decoded[1]))
                finally:
                    self._compare_shape(path)
                future.set_result(result)

        return self._hardware.start(work)

    def abandon(self, future: Future) -> Future | Outcome:
        """Nobody waits for the call behind `future` any more: an acquisition is stopped."""
        return self._hardware.submit(lambda: self._acquisitions.abandon(future))

    def _acquire(self, module, path, name, args, kwargs, holder, future: Future) -> None:
        bound = _signature(type(module), name).bind(module, *args, **kwargs)
        timeout = None if name.endswith("_async") else _limit(bound.arguments.pop("timeout", None))
        start = getattr(module, f"{name.removesuffix('_async')}_async")
        stop = getattr(module, "stop", None) or getattr(module, "unlock", None)
        self._acquisitions.request(
            Acquisition(
                path=path,
                holder=holder,
                start=lambda: run(start(*bound.args[1:], **bound.kwargs)),
                stop=stop or (lambda: None),
                convert=self._encode,
                timeout=timeout,
                future=future,
            )
        )

    def _continue(self, pieces: Generator, future: Future) -> None:
        """Do the next piece of a long call, and post the rest behind what others have posted meanwhile."""
        try:
            next(pieces)
        except StopIteration as end:
            future.set_result(self._encode(end.value))
        except Exception as error:  # boundary: it travels to the client
            future.set_exception(error)
        else:
            self._hardware.submit_behind(lambda: self._continue(pieces, future))

    def _require_attributes(self, module, path: str, names: Iterable[str], private: bool = False) -> None:
        kind = self._exports.module_type(module)
        for name in names:
            if (
                name not in kind.attributes
                and name not in kind.submodules
                and not (private and _is_private(module, name))
            ):
                raise _unknown(path, name, kind.attributes)

    def _set(self, module, path: str, values: dict) -> None:
        for name in values:
            self._exports.require_writable(module, path, name)
        try:
            for name, value in values.items():
                decoded = self._decode(value)
                self._exports.require_number(module, path, name, decoded)
                setattr(module, name, decoded)
        finally:
            self._compare_shape(path)

    def _compare_shape(self, path: str) -> None:
        # hardware modules come and go with the gateware only
        if not path.startswith("rp") and (shape := self._exports.shape()) != self._shape:
            self._shape = shape
            self.generation += 1

    def _file(self, allowed: set[str], what: str, args: list) -> Future:
        def work():
            if what not in allowed:
                raise UnknownAttribute(f"there is no {what!r}", f"there is {', '.join(sorted(allowed))}")
            return self._encode(getattr(self._stored, what)(*[self._decode(a) for a in args]))

        return self._hardware.submit(work)

    def _encode(self, value: Any) -> Any:
        return encode(value, self._reference)

    def _reference(self, value: Any) -> str | dict | None:
        path = self._exports.path(value)
        return self._stored.tagged(value, self._encode) if path is None else path

    def _decode(self, plain: Any) -> Any:
        return decode(plain, {"!module": self._exports.module, "!curve": curve_of})


@functools.lru_cache(maxsize=256)
def _signature(cls: type, name: str) -> inspect.Signature:
    return inspect.signature(getattr(cls, name))


def _limit(timeout: Any) -> float | None:
    """A time limit in s, None for none. Raises TypeError or ValueError for what is no time."""
    if timeout is None or (isinstance(timeout, numbers.Real) and math.isinf(timeout)):
        return None
    if not isinstance(timeout, numbers.Real):
        raise TypeError(f"timeout is a number of seconds, or None, not {timeout!r}")
    if math.isnan(timeout):
        raise ValueError("timeout is a number of seconds, not NaN")
    return float(timeout)


def _is_private(module, name: str) -> bool:
    """Whether `name` is one of the module's names with an underscore; Python's own, with two, are never reached."""
    return name.startswith("_") and not name.startswith("__") and hasattr(module, name)


def _unknown(path: str, name: str, known) -> UnknownAttribute:
    return UnknownAttribute(f"{path or 'the board'} has no {name!r}", f"it has {', '.join(sorted(known))}")
