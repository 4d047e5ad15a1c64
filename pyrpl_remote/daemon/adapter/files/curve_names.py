"""The name of a saved curve, read without its data, which takes twenty times as long.

PyRPL saves a curve as the pickle of [number, parameters, [x, y]]. The name is one of the parameters, which
come before the data. A file in any other form is loaded as a whole.
"""

from __future__ import annotations

import os
import pickle
import pickletools
from typing import IO, Any

FRAME = 0x95
"""The opcode before a frame: 8 bytes with its length follow, and the next frame begins behind it."""

START_BYTES = 2**16
"""How much of a file is read for the name."""

OBJECTS = {"GLOBAL", "STACK_GLOBAL", "REDUCE", "NEWOBJ", "NEWOBJ_EX", "INST", "OBJ", "BUILD", "PERSID"}
"""The opcodes that make objects, or find classes: a file with one before its data is loaded as a whole."""


def saved_name(curves: Any, number: int) -> str:
    """The name of a saved curve; `curves` is PyRPL's class CurveDB.

    Raises FileNotFoundError if there is none, ValueError or another OSError for a damaged file.
    """
    path = os.path.join(curves._dirname, f"{number}{curves.file_extension}")  # noqa: SLF001 - it has no other
    with open(path, "rb") as file:
        start = _start(file.read(START_BYTES)) if _is_complete(file) else None
    try:
        params = pickle.loads(start)[1] if start is not None else curves.get(number).params
        return str(params["name"])
    except (LookupError, TypeError) as error:
        raise ValueError(f"the saved curve {path} has no name") from error


def _is_complete(file: IO[bytes]) -> bool:
    """Whether a pickle consists of frames, the last of which ends with the file; rewinds it."""
    size = file.seek(0, os.SEEK_END)
    position = 2  # behind the number of pickle's protocol
    while position < size:
        file.seek(position)
        head = file.read(9)
        if len(head) < 9 or head[0] != FRAME:
            return False
        position += 9 + int.from_bytes(head[1:], "little")
    file.seek(0)
    return position == size


def _start(data: bytes) -> bytes | None:
    """The pickle of [number, parameters], None unless a curve in PyRPL's form begins with `data`."""
    copy, begin = b"", 0
    depth = 0  # how many items there are above the last mark
    depths: list[int] = []  # the same for the marks before
    try:
        for opcode, _, position in pickletools.genops(data):
            name, before, after = opcode.name, opcode.stack_before, opcode.stack_after
            if name in OBJECTS:
                return None
            if name == "EMPTY_LIST" and depth == 2 and len(depths) == 1:  # number and parameters are complete
                return copy + data[begin:position] + pickle.APPENDS + pickle.STOP
            if name == "FRAME" and position is not None:
                # the copy has no frames: their lengths would be wrong
                copy, begin = copy + data[begin:position], position + 9
            elif name == "MARK":
                depths.append(depth)
                depth = 0
            elif pickletools.markobject in before:
                depth = depths.pop() + len(after) - before.index(pickletools.markobject)
            else:
                depth += len(after) - len(before)
    except (ValueError, IndexError):  # it is not a pickle, or its start is longer than `data`
        pass
    return None
