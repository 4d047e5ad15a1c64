"""A module's Pyro object, `pyrpl.<name>.<module>`, for any Pyro5 client.

It has PyRPL's attributes and methods. Its errors are of classes that every Pyro5 client has.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import Pyro5.api
from Pyro5 import errors as pyro_errors

from ...errors import PyrplRemoteError, UnknownAttribute
from ...schema import Attribute, Method, ModuleType
from ...transport.pyro_internals import has_left
from ..caller import Caller
from ..dispatcher import Dispatcher
from ..values import Values
from .clients import Clients
from .requests import Requests

Use = Callable[[str, Callable[[Caller], Any]], Any]
"""`use(verb, work)` runs `work(caller)` in the Qt thread and waits for its result, as plain data.

It raises an error unless the caller may use the verb.
"""


def module_object(
    path: str,
    kind: ModuleType,
    requests: Requests,
    dispatcher: Dispatcher,
    values: Values,
    clients: Clients,
) -> object:
    """A Pyro object for the module at `path`, of type `kind`."""

    def use(verb: str, work: Callable[[Caller], Any]) -> Any:
        connection = Pyro5.api.current_context.client
        caller: Caller = connection.caller
        begin = time.perf_counter()
        caller.sent.requests += 1
        try:
            caller.require(verb)
            clients.used(caller.session, path)
            return requests.wait_for(caller, partial(work, caller), partial(has_left, connection))
        except (PyrplRemoteError, *PLAIN_ERRORS) as error:
            requests.metrics.failed(error)
            raise _plain(error) from error
        except pyro_errors.ConnectionClosedError:
            raise  # the client has left: no reply is needed
        except Exception as error:  # boundary: a bare client cannot rebuild any other class
            requests.metrics.failed(error)
            raise pyro_errors.PyroError(f"{path}: {type(error).__name__}: {error}") from error
        finally:
            requests.metrics.note_elsewhere(verb, time.perf_counter() - begin)

    members: dict[str, Any] = {"__doc__": kind.doc}
    for attribute in kind.attributes.values():
        members[attribute.name] = _property(path, attribute, dispatcher, values, use)
    for method in kind.methods.values():
        if not method.name.startswith("_"):
            members[method.name] = _function(path, method, dispatcher, values, use)
    return Pyro5.api.expose(type(f"{kind.name}Object", (), members))()


def _property(path: str, attribute: Attribute, dispatcher: Dispatcher, values: Values, use: Use) -> property:
    name = attribute.name

    def fget(self: object) -> Any:
        return use("get", lambda caller: dispatcher.get(caller, path, name))

    def fset(self: object, value: Any) -> None:
        use("set", lambda caller: dispatcher.set(caller, path, name, values.decode(value)))

    # Pyro5 reads the name of the function
    fget.__name__ = fset.__name__ = name
    return property(fget, None if attribute.readonly else fset, doc=attribute.doc)


def _function(
    path: str, method: Method, dispatcher: Dispatcher, values: Values, use: Use
) -> Callable[..., Any]:
    def function(self: object, *args: Any, **kwargs: Any) -> Any:
        def work(caller: Caller) -> Any:
            return dispatcher.call(
                caller,
                path,
                method.name,
                [values.decode(value) for value in args],
                {key: values.decode(value) for key, value in kwargs.items()},
            )

        return use("call", work)

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
"""Builtin classes that every Pyro5 client can rebuild."""


def _plain(error: Exception) -> Exception:
    """`error` as one of the builtin classes that every Pyro5 client can rebuild."""
    if isinstance(error, UnknownAttribute):
        return AttributeError(str(error))
    for plain in PLAIN_ERRORS:
        if isinstance(error, plain):
            return plain(str(error))
    unknown: Exception = pyro_errors.PyroError(f"{type(error).__name__}: {error}")
    return unknown
