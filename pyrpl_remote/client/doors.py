"""Doors: the functions of this package that users call. Errors leave them with a short traceback.

An error of pyrpl_remote says all that a user needs. So the frames between the user's line and the connection
to the daemon are cut, and the error that caused it is left out: of this package, a traceback shows the door's
own frame only. `property_of` and the other functions of proxies/ where every fraction of a microsecond counts
do without the decorator what it does.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from ..errors import PyrplRemoteError

Function = TypeVar("Function", bound=Callable[..., Any])


def door(function: Function) -> Function:
    """Decorate a function that users call, and that sends a request."""

    @functools.wraps(function)
    def entered(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except PyrplRemoteError as error:
            raise error.with_traceback(None) from None

    return entered  # type: ignore[return-value]  # it has the same signature
