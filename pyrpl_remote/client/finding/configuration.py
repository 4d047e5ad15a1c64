"""A board's configuration file, found as PyRPL finds it, and the board's name, which is made from it.

A client has no PyRPL, and the daemon has another working folder: the client finds the file, and the daemon
gets its absolute path.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from ... import settings
from ...errors import BadParameter

EXTENSION = ".yml"

FILE_NAME_BYTES = 251
"""The longest name of a configuration file: most systems accept 255 bytes, and PyRPL appends .tmp or .bak."""

NAME_LENGTH = 100
"""The longest name of a board, in characters."""

NO_WINDOWS_FILE = '<>:"|?*'
"""Characters that a file's name cannot have on Windows, or that mean something else there."""

_NO_NAME = re.compile(r"[^\w.-]+")
"""Characters that a board's name cannot have: a Pyro URI has no spaces, a shell interprets many others."""


@dataclass(frozen=True)
class Configuration:
    """A configuration file of PyRPL: its absolute `path`, and the `text` that the user wrote for it.

    PyRPL creates the file if it does not exist.
    """

    path: str
    text: str

    @property
    def exists(self) -> bool:
        """Whether there is such a file."""
        return os.path.isfile(self.path)

    @property
    def is_bare_name(self) -> bool:
        """Whether the user wrote a name only, and the file is in the user's folder of PyRPL."""
        in_folder = os.path.dirname(self.path) == user_config_folder()
        return in_folder and self.text.removesuffix(EXTENSION) == _stem(self.path)


def find_configuration(config: Any) -> Configuration | None:
    """The configuration file that PyRPL opens for `config`; None if it uses no file, as for "".

    That is the file at the path `config`, with .yml appended if it is missing; otherwise the file of this
    name in PyRPL's folder. Raises BadParameter.
    """
    text = _text(config)
    if text == "" or text.endswith(f"/{EXTENSION}"):
        return None
    board_name(text)
    _require_file_name(_stem(text))
    given = text if text.endswith(EXTENSION) else text + EXTENSION
    if os.path.isfile(given):
        return _as_in_its_folder(os.path.abspath(given), text)
    return _as_in_its_folder(os.path.join(user_config_folder(), os.path.basename(given)), text)


def _as_in_its_folder(path: str, text: str) -> Configuration:
    """The configuration at `path`, spelled as the folder has it: one file is one board.

    Windows and macOS find Lab.yml as lab.yml, too.
    """
    folder, name = os.path.split(path)
    if os.path.isfile(path):
        found = os.listdir(folder)
        same = [] if name in found else [one for one in found if _folded(one) == _folded(name)]
        if same:
            given = re.split(r"[\\/]", text)[-1]
            written = same[0] if given.endswith(EXTENSION) else same[0][: -len(EXTENSION)]
            return Configuration(os.path.join(folder, same[0]), text[: len(text) - len(given)] + written)
    return Configuration(path, text)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _require_file_name(stem: str) -> None:
    """Raise BadParameter if the system can have no file of this name: Windows may take it as a device."""
    if os.name == "nt" and (settings.WINDOWS_DEVICE.match(stem) or set(stem) & set(NO_WINDOWS_FILE)):
        raise BadParameter(
            f"{stem[:120]!r} cannot be the name of a configuration: Windows has no file of this name",
            f"choose another one, without {' '.join(NO_WINDOWS_FILE)}, and none of its devices, such as con",
        )


def find_source(source: Any) -> str | None:
    """The template of a new configuration file: its absolute path, if it is a path of the working folder.

    Raises BadParameter.
    """
    if source is None:
        return None
    text = _text(source)
    given = text if text.endswith(EXTENSION) else text + EXTENSION
    return os.path.abspath(given) if os.path.isfile(given) else text


def board_name(text: Any) -> str:
    """The name of the board with the configuration, or the hostname, `text`.

    It is the last part of a path without .yml, and has letters, digits, '.', '-' and '_' for any other
    character: 'data/My Lab (2).yml' is called My_Lab_2. Raises BadParameter.
    """
    text = _text(text)
    stem = _stem(text)
    try:
        too_long = len(os.fsencode(stem + EXTENSION)) > FILE_NAME_BYTES
    except UnicodeEncodeError:
        too_long = True
    if not stem or too_long or "\0" in stem or not text.isprintable():
        raise BadParameter(
            f"{text[:120]!r} cannot be the name of a board",
            'name its configuration, as in connect("lab"), or its file; '
            f"a file's name is text of at most {FILE_NAME_BYTES} bytes",
        )
    stem = unicodedata.normalize("NFC", stem)
    if _NO_NAME.search(stem):
        stem = _NO_NAME.sub("_", stem).strip("_")
    # a name that begins with a dash would be an option on the command line
    name = stem.lstrip("-")[:NAME_LENGTH]
    return name or f"board-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def user_config_folder() -> str:
    """PyRPL's folder for configurations of this user."""
    folder = os.environ.get("PYRPL_USER_DIR", os.path.join(os.path.expanduser("~"), "pyrpl_user_dir"))
    return os.path.abspath(os.path.join(folder, "config"))


def is_path(text: str) -> bool:
    """Whether `text` is written as the path of a file, and not as a name only."""
    return text.endswith(EXTENSION) or os.path.basename(text) != text


def same_file(one: str, other: str) -> bool:
    """Whether two paths lead to the same file, also through links."""
    return os.path.normcase(os.path.realpath(one)) == os.path.normcase(os.path.realpath(other))


def _text(value: Any) -> str:
    text = os.fspath(value) if isinstance(value, os.PathLike) else value
    if not isinstance(text, str):
        raise BadParameter(
            f"{str(value)[:120]!r} cannot be the name of a board",
            'name its configuration, as in connect("lab"), or its file',
        )
    return text


def _stem(path: str) -> str:
    # both separators on every system: a Windows path makes the same name everywhere
    return re.split(r"[\\/]", path)[-1].removesuffix(EXTENSION)
