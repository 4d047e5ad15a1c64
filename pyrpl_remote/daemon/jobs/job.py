"""`Job`, the base of all kinds of jobs, which kinds.py lists."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from .job_board import JobBoard, JobEnded

__all__ = ["Job", "JobBoard", "JobEnded"]


class Job(ABC):
    """One job. It is made and run in threads other than the Qt thread.

    `kind` is its kind's name for users. `parameters` are stored, and the job that the next daemon makes gets
    them: a kind may replace those that it was given by what it has made of them. They are plain data.
    """

    kind: ClassVar[str]

    def __init__(self, parameters: Mapping[str, Any], board: JobBoard) -> None:
        """Check the parameters, which a client or the daemon before this one chose (`board.resumed`).

        Raises TypeError or ValueError, or an error of pyrpl_remote: the client gets it, and nothing is
        started. It may use the board, but must not take long: the client waits.
        """
        self.parameters = dict(parameters)
        self.board = board

    @abstractmethod
    def run(self, ending: threading.Event) -> None:
        """Do it, until it is done or `ending` is set; in a thread of its own.

        An error ends it: the job has failed then. `JobEnded` is no failure. Where the board is lost, it waits
        and goes on (see `JobBoard.wait_for_link`).
        """

    @abstractmethod
    def text(self) -> str:
        """What it does now, in one line; from any thread, at any time."""

    def shown_parameters(self) -> dict[str, Any]:
        """The parameters for the status, which every client may read: without secrets."""
        return dict(self.parameters)

    def data(self) -> dict[str, Any]:
        """What it has counted or found, as plain data for clients; from any thread."""
        return {}
