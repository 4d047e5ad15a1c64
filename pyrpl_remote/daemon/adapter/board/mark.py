"""The mark on a board: a small file that says which daemon set up its FPGA, and what no register tells.

It lies beside the file in which the board notes the loaded gateware, and ends with it at a reboot. A gateware
that was loaded after the mark makes it invalid.
"""

from __future__ import annotations

import io
import json
import logging
import re
import socket
import time
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from ...._version import __version__
from ....machine.user_name import user_name
from .questions import ask

log = logging.getLogger(__name__)

PATH = "/tmp/pyrpl_remote.json"
"""The mark."""

GATEWARE_PATH = "/tmp/loaded_fpga.inf"
"""The file in which the board notes which gateware is loaded; PyRPL looks for `pyrpl` in it."""

CYCLES_ADDRESS = 0x4010015C
"""Two registers that count the cycles since the gateware was loaded (red_pitaya_scope.v)."""


@dataclass(frozen=True)
class Mark:
    """What the mark says.

    `configuration`: the board's name, as that of its configuration, and `file` the path of that, "" if it has
    none. `owner`: user and machine of the daemon; `time` in s since the epoch, `version` the daemon's.
    `loaded`: when the gateware was loaded, in s by the board's clock, "" if that is not known. `cycles`: its
    cycle counter when the mark was written. `software`: values of attributes that no register tells, for each
    module, and `changed` when the last of them changed.
    """

    configuration: str
    file: str = ""
    owner: str = ""
    time: float = 0.0
    version: str = ""
    loaded: str = ""
    cycles: int = 0
    software: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed: float = 0.0

    def __str__(self) -> str:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(self.time))
        return f"{self.configuration!r} of {self.owner}, {when}"


@dataclass(frozen=True)
class Found:
    """What a board says of itself: its `mark` if that is valid, and whether PyRPL's gateware is loaded."""

    mark: Mark | None = None
    alive: bool = False


def owner() -> str:
    """This process's user and machine, as user@machine."""
    return f"{user_name()}@{socket.gethostname()}"


def new_mark(configuration: str, file: str) -> Mark:
    """A mark of this process."""
    return Mark(configuration, file, owner(), time.time(), __version__)


def find(ssh: Any) -> Found:
    """What the board has; `ssh` is a paramiko.SSHClient. Raises as `ask` does."""
    text = ask(ssh, f"cat {GATEWARE_PATH} {PATH}")
    gateware, brace, rest = text.partition("{")
    if "pyrpl" not in gateware.lower():
        return Found()
    mark = parsed(brace + rest) if brace else None
    if mark is not None and mark.loaded != loaded(ssh):
        log.info("the mark on the board is older than its gateware: %s", mark)
        mark = None
    return Found(mark, alive=True)


def parsed(text: str) -> Mark | None:
    """The mark with this text, None if it is none."""
    try:
        content = json.loads(text)
        known = {one.name: content[one.name] for one in fields(Mark) if one.name in content}
        mark = Mark(**known)
        valid = all(isinstance(getattr(mark, one.name), type(one_of(one.name))) for one in fields(Mark))
    except (ValueError, TypeError, KeyError):
        valid = False
    if not valid:
        log.warning("the mark on the board, %s, cannot be read", PATH)
        return None
    return mark


def one_of(name: str) -> Any:
    """A value of the type of the Mark's field `name`."""
    return getattr(Mark(""), name)


def loaded(ssh: Any) -> str:
    """When the board's gateware was loaded, in s by its clock; "" if that is not known."""
    text = ask(ssh, f"date +%s -r {GATEWARE_PATH}").strip()
    return text if re.fullmatch(r"\d+", text) else ""


def write(ssh: Any, mark: Mark) -> None:
    """Put the mark on the board, whole or not at all. Raises as `ask` does, or SCPException."""
    from scp import SCPClient  # not at the top: PyRPL needs it, the command line does not

    text = json.dumps(asdict(mark), default=str) + "\n"
    with SCPClient(ssh.get_transport(), socket_timeout=5.0) as scp:
        scp.putfo(io.BytesIO(text.encode()), PATH + ".new")
    ask(ssh, f"mv -f {PATH}.new {PATH}")


def remove(ssh: Any) -> None:
    """Remove the mark: the board is about to be set up anew."""
    ask(ssh, f"rm -f {PATH}")
