"""A subscription as its user holds it."""

from __future__ import annotations

from .stream import Stream


class Subscription:
    """What `on_change` and `on_curve` return; also a context manager.

    It need not be kept: it goes on for as long as the board's proxy is kept.
    """

    def __init__(self, handle: object, stream: Stream, number: int):
        """`handle` is kept: a subscription that is kept keeps its board."""
        self._handle = handle
        self._stream = stream
        self._number = number

    @property
    def closed(self) -> bool:
        """Whether it ended: by close(), with the board's close(), or with the daemon."""
        return not self._stream.is_open(self._number)

    def close(self) -> None:
        """End it; a second time does nothing. A callback that is running now goes on to its end."""
        self._stream.unsubscribe(self._number)

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
