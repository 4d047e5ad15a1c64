"""The file with the jobs of a board, from which the next daemon starts them again."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ... import settings
from ...errors import StateFolderError
from ...machine import files_in_use

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class KeptJob:
    """A job as it is stored.

    `id` is its number, `kind` and `parameters` say what it does; `by` is the label of who started it, `since`
    when, in s since the epoch.
    """

    id: int
    kind: str
    by: str
    since: float
    parameters: dict[str, Any] = field(default_factory=dict)


class KeptJobs:
    """The file of one board."""

    def __init__(self, board: str) -> None:
        self._path = settings.jobs_path(board)

    def read(self) -> tuple[int, list[KeptJob]]:
        """The number of the next job, and all jobs. A file that cannot be read is put aside."""
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
            jobs = [KeptJob(**one) for one in data["jobs"]]
            if not all(type(job.id) is int and isinstance(job.parameters, dict) for job in jobs):
                raise TypeError("it has jobs without number or parameters")
            return max([int(data["next"]), *(job.id + 1 for job in jobs)]), jobs
        except FileNotFoundError:
            return 1, []
        except (OSError, ValueError, TypeError, KeyError) as error:
            aside = self._path.with_name(f"{self._path.name}.damaged")
            log.error(
                "%s cannot be read (%s): its jobs do not go on; it becomes %s", self._path, error, aside
            )
            self._put_aside(aside)
            return 1, []

    def write(self, following: int, jobs: Iterable[KeptJob]) -> None:
        """Replace the file by one with these jobs; `following` is the next one's number.

        Raises StateFolderError.
        """
        data = {"next": following, "jobs": [dataclasses.asdict(job) for job in jobs]}
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            with open(beside, "w", encoding="utf-8") as file:
                json.dump(data, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            files_in_use.replace(beside, self._path)
        except OSError as error:
            raise StateFolderError(
                f"the jobs of the board cannot be stored in {str(self._path)!r}: {error.strerror or error}",
                "make the folder one that you may write to, with free space",
            ) from error

    def _put_aside(self, aside: Path) -> None:
        try:
            os.replace(self._path, aside)
        except OSError as error:
            log.error("%s cannot be put aside: %s", self._path, error)
