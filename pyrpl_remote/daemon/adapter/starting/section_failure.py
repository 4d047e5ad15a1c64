"""Finds the section of the configuration that PyRPL could not load, in the traceback of its error."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from types import FrameType
from typing import Any

SHORT = reprlib.Repr()
SHORT.maxdict = SHORT.maxother = SHORT.maxstring = 60
SHORT.maxlist = 3


@dataclass(frozen=True)
class SectionFailure:
    """The `section` as it is written in the file, such as "iir" or "pyrpl.modules", and its `value`.

    `entry` is the entry inside it that was refused, such as "iir.input"; it is the section itself if its
    values were refused together.
    """

    section: str
    entry: str
    value: str


def section_failure(error: BaseException) -> SectionFailure | None:
    """The section that PyRPL was loading when it raised `error`, None if it was doing something else."""
    frames = _frames(error)
    made = next((frame for frame in frames if frame.f_code.co_name == "load_software_modules"), None)
    loaded = [frame.f_locals["self"] for frame in frames if frame.f_code.co_name == "_load_setup_attributes"]
    if made is None and not loaded:
        return None
    # PyRPL's setup() sets one attribute after the other, and calls _setup() with all of them in the end
    for frame, inner in zip(reversed(frames), [None, *reversed(frames)]):
        inside = frame.f_locals
        together = inner is not None and inner.f_code.co_name == "_setup"
        if frame.f_code.co_name == "setup" and "value" in inside and not together:
            path = [*_path(inside["self"]), inside["key"]]
            return SectionFailure(path[0], ".".join(path), _short(inside["value"]))
    if loaded:
        path = _path(loaded[-1])
        return _whole(path[0], loaded[-1].parent.c)
    assert made is not None
    pyrpl = made.f_locals["self"]
    if "cls" in made.f_locals:  # PyRPL was making this module
        return _whole(str(made.f_locals["name"]), pyrpl.c)
    modules = pyrpl.c._data["pyrpl"].get("modules")  # noqa: SLF001 - as below
    return SectionFailure("pyrpl.modules", "pyrpl.modules", _short(modules))


def _whole(section: str, branch: Any) -> SectionFailure:
    tree = branch._root  # noqa: SLF001 - PyRPL's names for the tree of a branch, and for what is in it
    return SectionFailure(section, section, _short(tree._data.get(section)))  # noqa: SLF001


def _path(module: Any) -> list[str]:
    """The names of a module and of those that contain it, as in the configuration."""
    names: list[str] = []
    while hasattr(module, "_setup_attributes"):  # the Pyrpl and RedPitaya objects are no sections
        names.insert(0, str(module.name))
        module = module.parent
    return names


def _frames(error: BaseException) -> list[FrameType]:
    frames = []
    traceback = error.__traceback__
    while traceback is not None:
        frames.append(traceback.tb_frame)
        traceback = traceback.tb_next
    return frames


def _short(value: Any) -> str:
    return SHORT.repr(_plain(value))


def _plain(value: Any) -> Any:
    """`value` with ordinary dicts in place of ordered ones, which are hard to read."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
