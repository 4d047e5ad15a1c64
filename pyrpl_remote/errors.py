"""Every error that pyrpl_remote raises.

```
PyrplRemoteError
├── StartError               no session with the board could be started
│   ├── BadParameter         a name or a parameter is invalid; nothing was started (also a ValueError)
│   ├── UnknownBoard         nothing runs under the name, and no hostname is known
│   ├── BoardNameTaken       the name belongs to another board, or the board is in use with another file
│   ├── BoardTaken           a program that is no client of ours uses the board; it was not taken from it
│   ├── BoardUnreachable     the host does not answer, or is no Red Pitaya
│   ├── WrongPassword        the board refused user and password
│   ├── PyrplMissing         PyRPL, or a virtual board's library, is missing where the daemon would run
│   ├── StateFolderError     the folder for logs and locks cannot be used
│   ├── ConfigurationError   PyRPL cannot load the board's configuration file
│   ├── NameServerError      no name server answers and none could be started
│   │   └── NameServerSilent it runs, but does not answer (also a TimeoutError)
│   ├── ReleaseMismatch      client and daemon are of releases that cannot work together
│   ├── AmbiguousBoard       several hosts have a board of this name
│   ├── HostUnreachable      a paired host does not answer (also a ConnectionError)
│   └── DaemonFailed         the daemon ended, or stopped reporting, before it was ready
├── SessionError             the session with a running daemon failed
│   ├── BoardGone            the daemon no longer answers (also a ConnectionError)
│   │   └── DaemonStopped    somebody has stopped the daemon: it is not started again by itself
│   ├── DaemonSilent         the daemon runs, but does not answer (also a TimeoutError)
│   ├── OutcomeUnknown       the connection broke before a write or a call was answered
│   ├── BoardLinkLost        the daemon lost its board (also a ConnectionError)
│   └── SessionClosed        the proxy was used after close()
├── AccessDenied             a host or a board does not let this client do that (also a PermissionError)
├── PairingFailed            an invitation, or the name of a paired host, is invalid
├── UnknownAttribute         misspelt or absent; nothing was sent (also an AttributeError)
├── BadValue                 a text is no value of the attribute; nothing was sent (also a ValueError)
├── NotTransferable          the value cannot travel between processes (also a TypeError)
│   └── NotRemote            windows, signals, loggers...: in the daemon only (also an AttributeError)
├── ModuleBusy               another client's acquisition holds the module (also a TimeoutError)
├── AcquisitionCancelled     a setting or stop() ended the acquisition
├── JobError                 there is no such job, or no room for another one
├── ControlError             a virtual board refused a request on its control channel (also a RuntimeError)
└── RemoteError              PyRPL raised; also an instance of the class that PyRPL raised
```

Each message names the board, the step that failed and what to do.
"""

from __future__ import annotations

from typing import Any

from .tracebacks import rendered


class PyrplRemoteError(Exception):
    """Base of all errors of pyrpl_remote.

    `message` says what failed, `remedy` what to do about it.
    """

    def __init__(self, message: str, remedy: str = ""):
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n  -> {self.remedy}" if self.remedy else self.message

    def _render_traceback_(self, *_: object) -> list[str]:
        """The traceback for IPython, which calls this."""
        return rendered(self)


class StartError(PyrplRemoteError):
    """No session with the board could be started."""


class BadParameter(StartError, ValueError):
    """A board's name, or a parameter of it, is invalid; nothing was started."""


class UnknownBoard(StartError):
    """Nothing runs under the name, and no hostname is known for it."""


class BoardNameTaken(StartError):
    """The name belongs to a running daemon of another board, or with another configuration file."""


class BoardTaken(StartError):
    """Another program, such as a colleague's PyRPL, uses the board; the message says where and since when."""


class BoardUnreachable(StartError, ConnectionError):
    """The board's host does not answer, or what answers is no Red Pitaya."""


class WrongPassword(StartError):
    """The board refused user and password."""


class PyrplMissing(StartError, ImportError):
    """PyRPL, or a library that it or a virtual board needs, cannot be imported where the daemon would run."""


class StateFolderError(StartError):
    """The folder for logs and locks cannot be made or written to."""


class ConfigurationError(StartError):
    """PyRPL cannot load the board's configuration file, or a section of it."""


class NameServerError(StartError):
    """No name server answers, and none could be started."""


class NameServerSilent(NameServerError, TimeoutError):
    """The name server's process runs, but does not answer; the message has its pid. It may be suspended."""


class ReleaseMismatch(StartError):
    """The board's daemon is of a release that this client cannot work with; it continues to serve others."""


class AmbiguousBoard(StartError):
    """Several hosts have a board of this name; the message names them."""


class HostUnreachable(StartError, ConnectionError):
    """A paired host does not answer, or what answers is not that host."""


class DaemonFailed(StartError):
    """The daemon ended, or stopped reporting, before it was ready."""


class SessionError(PyrplRemoteError):
    """The session with a running daemon failed."""


class BoardGone(SessionError, ConnectionError):
    """The daemon that owned the board no longer answers."""


class DaemonStopped(BoardGone):
    """Somebody has stopped the daemon; the message says who. connect() starts another one."""


class DaemonSilent(SessionError, TimeoutError):
    """The daemon's process runs, but does not answer; the message has its pid. It may be suspended."""


class OutcomeUnknown(SessionError):
    """The connection broke before a write or a call was answered: it may or may not have happened."""


class BoardLinkLost(SessionError, ConnectionError):
    """The daemon lost the connection to its board."""


class SessionClosed(SessionError):
    """A proxy was used after close()."""


class AccessDenied(PyrplRemoteError, PermissionError):
    """A host or a board does not let this client do that; nothing was done."""


class PairingFailed(PyrplRemoteError):
    """An invitation is no longer valid, or there is no paired host of this name."""


class UnknownAttribute(PyrplRemoteError, AttributeError):
    """The module has no such attribute or method; nothing was sent or created."""


class BadValue(PyrplRemoteError, ValueError):
    """A text on the command line is no value of the attribute; nothing was sent."""


class NotTransferable(PyrplRemoteError, TypeError):
    """The value cannot travel between processes."""


class NotRemote(NotTransferable, AttributeError):
    """A member of PyRPL that exists in the daemon only; the remedy says what to use instead."""


class ModuleBusy(PyrplRemoteError, TimeoutError):
    """Another client's acquisition holds the module, and did not end within the time limit."""


class AcquisitionCancelled(PyrplRemoteError):
    """A setting, a stop() or another acquisition ended this one before its data arrived."""


class JobError(PyrplRemoteError):
    """There is no such job, or the board has as many jobs of this kind as it may have."""


class ControlError(PyrplRemoteError, RuntimeError):
    """A virtual board refused a request on its control channel."""


class RemoteError(PyrplRemoteError):
    """PyRPL raised an exception while it served this client.

    The exception is an instance of this class *and* of the class that PyRPL raised, or of that class's
    builtin base if this process has not imported it: `except ValueError` catches a ValueError of PyRPL, as it
    would locally. It also has the fields that PyRPL's exception has, such as `errno` and `filename`.

    Attributes: `type_name` (the remote class as "module.Name"), `builtin` (the name of the builtin class),
    `args` (the original arguments), `where` (board and step), `remote_traceback` (text: where in PyRPL's
    code it was raised).
    """

    def __init__(self, *args: Any) -> None:
        Exception.__init__(self, *args)
        self.message = str(args[0]) if args else ""
        self.remedy = ""
        self.type_name = ""
        self.builtin = "Exception"
        self.where = ""
        self.remote_traceback = ""
        self._text = self.message
        self._fields: dict[str, Any] = {}

    def __str__(self) -> str:
        return f"{self._text}\n  -> {self.where}" if self.where else self._text


OWN = {
    kind.__name__: kind
    for kind in list(globals().values())
    if isinstance(kind, type) and issubclass(kind, PyrplRemoteError)
}
"""Every error class of this file, by its name."""
