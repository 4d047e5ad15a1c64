"""Which pages an open board has, in their order. Each is imported when a board is opened."""

from __future__ import annotations

import importlib

from .page import Page

PAGES: tuple[str, ...] = (
    "modules.page:ModulesPage",
    "look.scope_page:ScopePage",
    "look.spectrum_page:SpectrumPage",
    "look.network_page:NetworkPage",
    "lockbox.page:LockboxPage",
)
"""The classes of the pages, each as "module:Class", relative to this package."""


def page_classes() -> list[type[Page]]:
    """The classes of all pages."""
    classes = []
    for place in PAGES:
        module, name = place.split(":")
        classes.append(getattr(importlib.import_module(f".{module}", __package__), name))
    return classes
