"""The Pyro objects of a board: `pyrpl.<name>` for our client, `pyrpl.<name>.<module>` for any Pyro5 client.

Both lead to the same dispatcher. Our client is answered with plain data that its proxies decode, errors included; any
other client gets properties, methods, and errors as exceptions that every Pyro5 client knows.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

import Pyro5.api
from Pyro5 import errors as pyro_errors

from ... import settings
from ...errors import AcquisitionCancelled, PyrplRemoteError, UnknownAttribute, describe
from ...schema import Method, ModuleType
from ..dispatcher import Dispatcher
from ..events.signals import Events
from ..qt.thread import Outcome
from .clients import Registry
from .deferred import Later


class Calls:
    """Calls under way: their futures by session and the number that the client gave them."""

    def __init__(self, dispatcher: Dispatcher):
        self._dispatcher = dispatcher
        self._lock = threading.Lock()
        self._under_way: dict[tuple[object, int], tuple[Future, str]] = {}
        self._unwanted: set[tuple[object, int]] = set()

    def keep(self, session: object, number: int, future: Future, step: str) -> None:
        """Remember `future` until its answer is given or no longer wanted; `step` says what it is, for errors."""
        with self._lock:
            unwanted = (session, number) in self._unwanted
            if unwanted:
                self._unwanted.discard((session, number))
            else:
                self._under_way[session, number] = future, step
        if unwanted:
            self._dispatcher.abandon(future)

    def find(self, session: object, number: int) -> tuple[Future, str]:
        """Future and step behind a number; KeyError if there is none."""
        return self._under_way[session, number]

    def drop(self, session: object, number: int) -> None:
        """The client has its answer."""
        with self._lock:
            self._under_way.pop((session, number), None)

    def abandon(self, session: object, number: int) -> Future | Outcome:
        """The client no longer wants an answer, of a call that may be about to begin on another connection of it.

        What is returned says when the call has been stopped.
        """
        with self._lock:
            future, _ = self._under_way.pop((session, number), (None, ""))
            if future is None:
                self._unwanted.add((session, number))
        return Outcome() if future is None else self._dispatcher.abandon(future)

    def leave(self, session: object) -> None:
        """The session ended: nobody waits for its calls any more."""
        with self._lock:
            self._unwanted = {key for key in self._unwanted if key[0] != session}
            futures = [self._under_way.pop(key)[0] for key in list(self._under_way) if key[0] == session]
        for future in futures:
            self._dispatcher.abandon(future)


@Pyro5.api.expose
class BoardDoor:
    """A board, for pyrpl_remote's client: verbs that address modules by path (rp.scope, lockbox.sequence[0])."""

    def __init__(
        self,
        board: str,
        dispatcher: Dispatcher,
        events: Events,
        registry: Registry,
        status: Callable[[], dict],
        stop,
    ):
        self._board = board
        self._dispatcher = dispatcher
        self._events = events
        self._registry = registry
        self._status = status
        self._stop = stop
        self._calls = Calls(dispatcher)
        self._described: dict[object, int] = {}  # the generation that each session knows

    def describe(self) -> dict:
        """All modules and their types (schema.Description as plain data)."""
        self._described[_session()] = self._dispatcher.generation
        return self._answer(self._dispatcher.describe(), "being described")

    def get(self, path: str, name: str) -> Any:
        """Read an attribute of a module."""
        return self._answer(self._dispatcher.get(path, name, _private()), "reading {}.{}", path, name)

    def set(self, path: str, name: str, value: Any) -> Any:
        """Write an attribute of a module."""
        future = self._dispatcher.set(path, name, value, _private())
        return self._answer(future, "setting {}.{} to {!s:.80}", path, name, value)

    def get_many(self, path: str, names: list[str]) -> Any:
        """Read several attributes of a module in one round trip."""
        return self._answer(self._dispatcher.get_many(path, names), "reading {} of {}", names, path)

    def set_many(self, path: str, values: dict) -> Any:
        """Write several attributes of a module in one round trip."""
        return self._answer(self._dispatcher.set_many(path, values), "setting {} of {}", list(values), path)

    def options(self, path: str, name: str) -> Any:
        """The values that an attribute takes now."""
        return self._answer(self._dispatcher.options(path, name), "reading the options of {}.{}", path, name)

    def edit(self, path: str, name: str, operation: str, args: list) -> Any:
        """Change a list attribute in place; gives the operation's result and all elements."""
        return self._answer(self._dispatcher.edit(path, name, operation, args), "changing {}.{}", path, name)

    def recall(self, what: str, args: list) -> Any:
        """Read what PyRPL keeps in files (stored.READS)."""
        return self._answer(self._dispatcher.recall(what, args), "reading {}{!s:.80}", what, tuple(args))

    def store(self, what: str, args: list) -> Any:
        """Change what PyRPL keeps in files (stored.CHANGES)."""
        return self._answer(self._dispatcher.store(what, args), "doing {}{!s:.80}", what, tuple(args))

    def call(self, path: str, name: str, args: list, kwargs: dict, number: int) -> Any:
        """Call a method of a module; `number` is what the client may give up, from another connection."""
        self.begin(path, name, args, kwargs, number)
        return self.collect(number)

    def begin(self, path: str, name: str, args: list, kwargs: dict, number: int) -> None:
        """Begin to call a method; `collect` gives its answer."""
        session = _session()
        future = self._dispatcher.call(path, name, args, kwargs, self._registry.name(session), _private())
        self._calls.keep(session, number, future, f"calling {path}.{name}()")

    def collect(self, number: int) -> Any:
        """The answer of a call that was begun, when it is there."""
        session = _session()
        try:
            future, step = self._calls.find(session, number)
        except KeyError:
            gone = AcquisitionCancelled(
                f"board {self._board!r}: the call was given up by its client", "call again"
            )
            return {"!error": describe(gone)}
        if _may_wait():
            concurrent.futures.wait([future])
        collected = partial(self._collected, session, number, step)
        return collected(future) if future.done() else Later(future, collected)

    def abandon(self, number: int) -> Any:
        """The answer of a call is no longer wanted; an acquisition is stopped when this is answered."""
        return self._answer(self._calls.abandon(_session(), number), "giving up a call")

    def subscribe(self, number: int, kind: str, path: str) -> Any:
        """Listen to a module, under a number that the client chooses; `kind` is "change" or "curve"."""
        return self._answer(self._events.subscribe(_session(), number, kind, path), "subscribing to {}", path)

    def unsubscribe(self, number: int) -> None:
        """Listen no longer."""
        self._events.unsubscribe(_session(), number)

    def events(self, received: int) -> Any:
        """[number, events]: what there is to tell, after a while if there is nothing; `received`: the last answer's number."""
        try:
            return self._events.take(_session(), received, settings.EVENTS_SECONDS if _may_wait() else 0.0)
        except PyrplRemoteError as error:  # who never subscribed
            return {"!error": describe(error)}

    def heartbeat(self, modules: list[str] | None = None) -> Any:
        """A sign of life; `modules`: those that the client's proxies now hold, if they changed."""
        self._registry.heard(_session(), modules)
        return self._with_news(None)

    def status(self) -> dict:
        """The board, its daemon and its clients."""
        return self._status()

    def stop(self) -> None:
        """End the daemon; the board stays as it is."""
        self._stop()

    # not exposed: underscore names never are
    def _session_ended(self, session: object) -> None:
        self._calls.leave(session)
        self._events.leave(session)
        self._described.pop(session, None)

    def _collected(self, session: object, number: int, step: str, future: Future) -> Any:
        self._calls.drop(session, number)
        return self._answer(future, "{}", step)

    def _answer(self, future: Future, step: str, *details: Any) -> Any:
        """What comes of `future`; `step` with its `details`, put in words only where it failed: they may be arrays."""
        try:
            answer = future.result()
        except Exception as error:  # boundary: it travels to the client
            trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
            return {"!error": describe(error, f"board {self._board!r}, {step.format(*details)}", trace)}
        return self._with_news(answer)

    def _with_news(self, answer: Any) -> Any:
        generation = self._dispatcher.generation
        # whoever changed it: this client must ask for the description again
        return (
            answer if self._described.get(_session(), generation) == generation else {"!restructured": answer}
        )


def _session() -> object:
    """The session of the connection that is being served."""
    return Pyro5.api.current_context.client.session


def _may_wait() -> bool:
    """Whether an answer may wait: not on a connection that the hardware thread serves."""
    return not Pyro5.api.current_context.client.quick


def _private() -> bool:
    """Whether the connection that is being served may reach names with an underscore."""
    return Pyro5.api.current_context.client.private


def module_door(path: str, kind: ModuleType, dispatcher: Dispatcher, registry: Registry) -> object:
    """A Pyro object for one module: PyRPL's attributes as properties, its methods as methods."""

    def wait(future: Future) -> Any:
        registry.used(_session(), path)
        try:
            return future.result()
        except (PyrplRemoteError, *PLAIN_ERRORS) as error:
            raise _plain(error) from error
        except Exception as error:  # boundary: any other class would be unknown to the other client
            raise pyro_errors.PyroError(f"{path}: {type(error).__name__}: {error}") from error

    members: dict[str, Any] = {"__doc__": kind.doc}
    for attribute in kind.attributes.values():
        members[attribute.name] = _property(path, attribute, dispatcher, wait)
    for method in kind.methods.values():
        if not method.name.startswith("_"):
            members[method.name] = _function(path, method, dispatcher, registry, wait)
    return Pyro5.api.expose(type(f"{kind.name}Door", (), members))()


def _property(path, attribute, dispatcher, wait) -> property:
    name = attribute.name

    def fget(self):
        return wait(dispatcher.get(path, name))

    def fset(self, value):
        wait(dispatcher.set(path, name, value))

    # Pyro5 asks the function for its name
    fget.__name__ = fset.__name__ = name
    return property(fget, None if attribute.readonly else fset, doc=attribute.doc)


def _function(path, method: Method, dispatcher, registry, wait):
    def function(self, *args, **kwargs):
        future = dispatcher.call(path, method.name, list(args), kwargs, registry.name(_session()))
        return wait(future)

    function.__name__ = method.name
    function.__doc__ = method.doc
    return function


PLAIN_ERRORS = (
    ValueError,
    TypeError,
    AttributeError,
    KeyError,
    IndexError,
    TimeoutError,
    NotImplementedError,
)


def _plain(error: Exception) -> Exception:
    """`error` as the builtin class that every Pyro5 client can rebuild."""
    if isinstance(error, UnknownAttribute):
        return AttributeError(str(error))
    with contextlib.suppress(StopIteration):
        return next(plain for plain in PLAIN_ERRORS if isinstance(error, plain))(str(error))
    return pyro_errors.PyroError(f"{type(error).__name__}: {error}")
