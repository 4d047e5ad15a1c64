"""Keeps what is taken out of a configuration file in a file beside it, such as lab.yml.iir.aside."""

from __future__ import annotations

import datetime
from typing import Any

from pyrpl import memory

from .free_path import free_path


def keep_aside(path: str, section: str, entries: Any) -> str:
    """Write the `entries` of the file at `path`, with all keys above them; returns the path of the new file.

    `section` is for its name. Its YAML can be pasted back. Raises OSError.
    """
    aside = free_path(f"{path}.{section}.aside")
    when = datetime.datetime.now().strftime("%Y-%m-%d %H:%M:%S")
    with open(aside, "x", encoding="utf-8") as file:
        file.write(f"# set aside from {path} on {when}\n{memory.save(entries).decode()}")
    return aside
