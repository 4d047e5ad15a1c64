"""The changes of a configuration that are not in its file yet: they are noted, and written to its journal."""

from __future__ import annotations

import contextlib
import logging
import os
from typing import Any

import yaml
from qtpy import QtCore

from .free_path import free_path
from .journal import Journal, apply, change_line, find_journal
from .saving import Saving
from .tracked import Path

log = logging.getLogger(__name__)

JOURNAL_SECONDS = 0.5
"""How long a change that no request caused may wait until it is in the journal."""

NAMES_SHOWN = 10
"""How many entries a message names."""


class Changes:
    """The unsaved changes of one configuration. To be used in the Qt thread only.

    Attributes: `held` (how many operations are running whose changes may be undone: meanwhile nothing is
    written), `saving` (the status that clients see).
    """

    def __init__(self, filename: str | None, data: Any, content: str):
        """`data`: the configuration; `content`: the text of its file. A journal that was left is merged."""
        self.held = 0
        self.saving = Saving(filename)
        self._filename = filename
        self._data = data
        self._content = content
        self._paths: dict[Path, None] = {}  # that are in neither
        self._written: dict[Path, None] = {}  # that are in the journal
        self._file_failure = self._journal_failure = ""
        self._journal: Journal | None = None
        self._timer = QtCore.QTimer()
        self._timer.setSingleShot(True)
        self._timer.setInterval(int(JOURNAL_SECONDS * 1000))
        self._timer.timeout.connect(self._write)
        if filename is not None:
            self._journal = Journal(filename)

    def note(self, path: Path) -> None:
        """Note that the entry at `path` changes."""
        if self._journal is not None:
            self._paths[path] = None
            if not self._timer.isActive():
                self._timer.start()

    def write_journal(self) -> None:
        """Write what has changed to the journal; to be called before a reply is sent. Never raises OSError.

        After a failure it does nothing: the journal is tried again every JOURNAL_SECONDS.
        """
        if self._paths and not self._journal_failure:
            self._write()

    def take_from_journal(self) -> bool:
        """Make the changes in a journal that a killed daemon has left; returns whether there are any."""
        if self._filename is None:
            return False
        found = find_journal(self._filename, self._content)
        if found.outdated:
            _keep_unused(self._filename, found.paths)
            return False
        if not found.changes:
            return False
        names = apply(found.changes, self._data)
        more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
        log.info(
            "%s: its last changes were not saved; they are taken from the journal %s: %s%s",
            self._filename,
            " and ".join(found.paths),
            ", ".join(names[:NAMES_SHOWN]),
            more,
        )
        if self._journal is not None:
            with contextlib.suppress(OSError):  # a read-only disk
                self._journal.append("", self._content)  # it goes on
        return True

    def merged(self, content: str) -> None:
        """Note that another program changed the file's text to `content`, which was merged."""
        self._content = content
        if self._journal is not None:
            self._journal.belongs_to(content)

    def about_to_save(self, content: str) -> None:
        """Note that all changes are in a file with the text `content`, which is about to be written."""
        if self._journal is not None:
            self._journal.saving(content)

    def saved(self, content: str) -> None:
        """Note that the file was written, with the text `content`."""
        self._content = content
        self._paths, self._written = {}, {}
        self._file_failure = self._journal_failure = ""
        if self._journal is not None:
            self._journal.remove()
        self.saving.set("")

    def not_saved(self, error: Exception) -> None:
        """Note that the file could not be written because of `error`; the changes go to the journal."""
        self._file_failure = f"{self._filename} cannot be written: {_reason(error)}"
        if self._journal is not None and self._journal.is_lost():
            self._paths = {**self._written, **self._paths}
        self._write()
        self._set_saving()

    def _write(self) -> None:
        paths = self._paths
        if not paths or self._journal is None:
            return
        if self.held:
            self._timer.start()
            return
        lines = []
        for path in paths:
            # an entry inside another one that changed as a whole is written with that
            if len(paths) == 1 or not any(path[:length] in paths for length in range(1, len(path))):
                try:
                    lines.append(change_line(path, self._data))
                except (TypeError, ValueError, yaml.YAMLError) as error:  # the file cannot have it either
                    log.warning("%s cannot be saved: %s", ".".join(map(str, path)), error)
        try:
            self._journal.append("".join(lines), self._content)
        except OSError as error:
            self._journal_failure = _reason(error)
            self._timer.start()
            self._set_saving()
        else:
            self._written.update(paths)
            self._paths = {}
            if self._journal_failure:
                self._journal_failure = ""
                self._set_saving()

    def _set_saving(self) -> None:
        parts = [self._file_failure] if self._file_failure else []
        if self._journal_failure:
            parts.append(
                f"the journal of {self._filename} cannot be written: {self._journal_failure}: what has "
                "changed is lost if the daemon is killed"
            )
        elif self._file_failure:
            parts.append("what has changed is kept in its journal")
        self.saving.set("; ".join(parts))


def _keep_unused(filename: str, paths: list[str]) -> None:
    """Move journals of an older state of the file aside, and say so."""
    for path in paths:
        aside = free_path(f"{path}.unused")
        try:
            os.replace(path, aside)
        except OSError as error:
            log.warning("%s is newer than its journal %s, which is not used: %s", filename, path, error)
            with contextlib.suppress(OSError):
                os.truncate(path, 0)
        else:
            log.warning(
                "%s is newer than its journal: the changes there are not used, and are kept in %s",
                filename,
                aside,
            )


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
