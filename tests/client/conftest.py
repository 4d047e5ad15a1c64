"""Boards that a client finds by hostname and port, beside those that a daemon starts itself."""

from ..virtual.conftest import launch_board  # noqa: F401
