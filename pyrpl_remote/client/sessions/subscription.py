"""`Subscription`: what `on_change` and `on_curve` return."""

from __future__ import annotations

from ..staying import Staying
from .subscriptions import Subscriptions


class Subscription(Staying):
    """What `on_change`, `on_curve`, `on_link` and `on_lock` return; also a context manager that closes it.

    A program need not keep it: the subscription lasts as long as the board's proxy.
    """

    def __init__(self, handle: object, subscriptions: Subscriptions, number: int):
        """`handle` is stored so that the board's proxies work as long as the subscription exists."""
        self._handle = handle
        self._subscriptions = subscriptions
        self.number = number

    @property
    def closed(self) -> bool:
        """Whether it has ended: by close(), by the board's close(), or because another daemon refused it."""
        return self.number not in self._subscriptions

    def close(self) -> None:
        """End the subscription. A second call does nothing. A callback that is running is not interrupted."""
        self._subscriptions.end(self.number)

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
