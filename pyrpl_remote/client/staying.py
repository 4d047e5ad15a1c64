"""`Staying`: base of objects that belong to this process, as proxies do."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

from ..errors import NotTransferable

Self = TypeVar("Self")  # typing.Self came with Python 3.11


class Staying:
    """An object of which a copy is the object itself, and that cannot be pickled.

    It stands for something that the daemon has once: a module, a subscription, a call under way.
    """

    __slots__ = ()

    def __copy__(self: Self) -> Self:
        return self

    def __deepcopy__(self: Self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise NotTransferable(
            f"{self!r} belongs to this process and cannot be pickled",
            "call connect() in the other process: it gets proxies of the same board",
        )
