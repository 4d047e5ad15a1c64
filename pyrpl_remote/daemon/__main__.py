"""The daemon's process, as a client starts it (client/finding/launch.py): the module `pyrpl_remote.daemon`.

It reads one JSON object on stdin: the fields of a Request, and grace. It reports on stdout, one JSON object a
line: {"progress": text} and {"warning": text} while it starts, {"records": those of PyRPL} if there are any,
then {"ready": fields of the Entry}, or {"served": fields of the Entry} if another daemon serves the board, or
{"error": error as plain data}. All other output goes to its log.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import logging
import os
import sys
import traceback
from typing import TextIO

from .. import lab_file, settings
from ..error_data import describe
from ..errors import DaemonFailed, PyrplRemoteError
from ..machine.log_file import LogFile
from .adapter.starting.start import Request
from .life.claim import AlreadyServed
from .records import Cause, run_for
from .service import Service


def main() -> int:
    """Serve one board; the exit code is 1 if it did not start."""
    asked = json.load(sys.stdin)
    grace = asked.pop("grace")
    request = Request(**asked)
    reports = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # stdout and stderr go to the log too, also what C libraries print
    log = LogFile(settings.log_path(request.name), request.name, descriptors=(1, 2))
    sys.stdout = sys.stderr = _Log()
    logging.basicConfig(level=logging.INFO, handlers=[log], force=True)
    warnings = _Warnings(reports)
    logging.getLogger("pyrpl_remote").addHandler(warnings)
    if log.problem:
        _report(reports, warning=f"board {request.name!r} has no log: {log.problem}")
    logging.info("starting board %s (pid %d)", request.name, os.getpid())
    try:
        service = _start(request, grace, reports)
    except AlreadyServed as served:
        logging.info("board %s: %s", request.name, served.message)
        _report(reports, served=dataclasses.asdict(served.entry))
        return 1
    except PyrplRemoteError as error:
        logging.exception("board %s did not start", request.name)
        _report(reports, error=describe(error))
        return 1
    except Exception as error:  # boundary: the process that starts it gets the error
        logging.exception("board %s did not start", request.name)
        failed = DaemonFailed(
            f"the daemon of board {request.name!r} failed to start: {type(error).__name__}: {error}",
            f"the log {settings.log_path(request.name)} has the traceback:\n{traceback.format_exc(limit=-2)}",
        )
        _report(reports, error=describe(failed))
        return 1
    logging.getLogger("pyrpl_remote").removeHandler(warnings)
    _report(reports, ready=dataclasses.asdict(service.entry))
    with contextlib.suppress(OSError):  # what the client that has ended did not read
        reports.close()
    service.run()
    return 0


def _start(request: Request, grace: float | None, reports: TextIO) -> Service:
    """Start the service. PyRPL's warnings until then are reported to the client that starts the daemon."""
    starter = Cause(None, lambda session, record: None)
    try:
        return run_for(
            starter,
            lambda: Service(
                request,
                grace,
                lambda text: _report(reports, progress=text),
                lab_file.metrics_port(request.name),
            ),
        )
    finally:
        if (caused := starter.take()) is not None:
            _report(reports, records=caused[0])


class _Log(io.TextIOBase):
    """The log, as stdout and stderr. What cannot be written, as on a full disk, is dropped."""

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            os.write(2, text.encode(errors="backslashreplace"))
        return len(text)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 2


class _Warnings(logging.Handler):
    """Reports what is logged as a warning while the board starts: the client that starts it logs it too."""

    def __init__(self, reports: TextIO):
        super().__init__(logging.WARNING)
        self._reports = reports

    def emit(self, record: logging.LogRecord) -> None:
        # the errors that end the start are reported as such
        if record.exc_info is None:
            _report(self._reports, warning=record.getMessage())


def _report(reports: TextIO, **content: object) -> None:
    try:
        # one write: another thread may report a warning meanwhile
        print(json.dumps(content) + "\n", end="", file=reports, flush=True)
    except OSError:  # a broken pipe, which Windows calls an invalid argument
        logging.info("the client that started this daemon has ended; the start continues")


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    # not sys.exit: PyRPL crashes when Python destroys Qt's objects in any order, and Pyro5's worker threads
    # may still be busy
    os._exit(code)
