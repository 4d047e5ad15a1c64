"""`Refused`: what a plugin does not do, because the result would be wrong or would disturb somebody."""

from __future__ import annotations

from pyrpl_remote.errors import PyrplRemoteError


class Refused(PyrplRemoteError):
    """The plugin did not begin; nothing was changed on the board. The remedy says what to do instead."""
