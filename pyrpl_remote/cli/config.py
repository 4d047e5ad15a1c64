"""`config`: the folders and files in use, what chose each, and those of one board. It makes none."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from Pyro5 import config as pyro_config

from .. import lab_file, settings
from .._version import __version__
from ..client.finding import elsewhere
from ..client.finding.configuration import board_name, find_configuration, user_config_folder
from ..errors import BadParameter, NameServerError, NameServerSilent, PyrplRemoteError
from ..file_parameters import FROM_ENVIRONMENT
from ..names import directory
from ..transport.lan import paired_hosts
from .boards import Json
from .completion import complete_board

VARIABLES = (
    *("PYRPL_REMOTE_DIR", "PYRPL_REMOTE_LAB", "PYRPL_REMOTE_LOCKS", "PYRPL_REMOTE_GRACE"),
    *("PYRPL_REMOTE_METRICS", "PYRPL_REMOTE_PROGRESS", "PYRPL_REMOTE_TRANSPORT"),
    *("PYRO_NS_HOST", "PYRO_NS_PORT", "PYRPL_USER_DIR", "NUMBA_CACHE_DIR"),
)
"""The environment variables in docs/environment.md."""

OF_BOARDS = tuple(f"REDPITAYA_{name.upper()}" for name in FROM_ENVIRONMENT)
"""Those that PyRPL reads in place of a board's parameters."""

DEFAULT = "default"
"""What is said where no environment variable chose a place."""

HIDDEN = "(not shown)"
"""What stands for a password."""


@dataclass(frozen=True)
class Place:
    """A folder or file: what it has, and the environment variable that may choose another one.

    `note` says something about its contents.
    """

    what: str
    path: Path
    variable: str = ""
    note: str = ""

    def facts(self) -> dict[str, Any]:
        """All about it, for JSON; `bytes` is the size of a file, else None."""
        try:
            found = self.path.stat()
            exists, size, problem = True, found.st_size if self.path.is_file() else None, ""
        except (FileNotFoundError, NotADirectoryError):
            exists, size, problem = False, None, ""
        except OSError as error:  # a folder above is not this user's to read
            exists, size, problem = None, None, error.strerror or str(error)
        return {
            "what": self.what,
            "path": str(self.path),
            "exists": exists,
            "bytes": size,
            "chosen_by": self.variable if os.environ.get(self.variable) else DEFAULT,
            "note": problem or self.note,
        }


def config(
    board: Annotated[
        str | None,
        typer.Argument(
            metavar="[BOARD]",
            help="A board, whose files are shown too: its name, or its configuration file.",
            autocompletion=complete_board,
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the folders and files in use, the name server, and the environment variables that are set.

    Example: pyrpl-remote config virtual
    """
    name, on = elsewhere.split(board or "")
    if on not in ("", elsewhere.HERE):
        raise BadParameter(f"the files of {name!r} are on {on}", f"`pyrpl-remote config {name}` there")
    server = _name_server()
    result: dict[str, Any] = {
        "version": __version__,
        "python": sys.executable,
        "package": str(Path(__file__).resolve().parent.parent),
        "name_server": server,
        "places": [place.facts() for place in _places()],
        "environment": {name: _shown(name) for name in (*VARIABLES, *OF_BOARDS) if name in os.environ},
    }
    if name:
        result["board"] = _of_board(name, server["state"] == "runs")
    if as_json:
        print(json.dumps(result))
    else:
        _print(result)


def _shown(variable: str) -> str:
    return HIDDEN if "PASSWORD" in variable else os.environ[variable]


def _name_server() -> dict[str, Any]:
    """Where the name server is looked for, what chose that, and whether it runs."""
    try:
        with directory.name_server():
            state = "runs"
    except NameServerSilent:
        state = "runs, but does not answer"
    except NameServerError:
        state = "does not run"
    chosen = [name for name in ("PYRO_NS_HOST", "PYRO_NS_PORT") if name in os.environ]
    return {
        "host": pyro_config.NS_HOST,
        "port": pyro_config.NS_PORT,
        "chosen_by": ", ".join(chosen) or DEFAULT,
        "state": state,
    }


def _places() -> Iterator[Place]:
    """The folders and files of this user."""
    configurations = Path(user_config_folder())
    state = settings.state_dir_path()
    yield Place("PyRPL's folder", configurations.parent, "PYRPL_USER_DIR")
    yield Place("configurations", configurations, "PYRPL_USER_DIR")
    yield Place("curves", configurations.parent / "curve", "PYRPL_USER_DIR")
    yield Place("lab.toml", lab_file.path(), "PYRPL_REMOTE_LAB", _note(_boards_of_lab))
    yield Place("logs and locks", state, "PYRPL_REMOTE_DIR")
    yield Place("secret", state / "secret", "PYRPL_REMOTE_DIR")
    yield Place("paired hosts", state / "lan" / "peers.json", "PYRPL_REMOTE_DIR", _note(_paired))
    yield Place("recordings", state / "recordings", "PYRPL_REMOTE_DIR")
    yield Place("locks of all users", settings.host_locks_dir_path(), "PYRPL_REMOTE_LOCKS")
    cache = Path(os.environ.get("NUMBA_CACHE_DIR") or settings.cache_dir_path())
    yield Place("compiled virtual FPGA", cache, "NUMBA_CACHE_DIR")


def _boards_of_lab() -> str:
    return ", ".join(lab_file.read().boards)


def _paired() -> str:
    return ", ".join(one.name for one in paired_hosts.peers())


def _note(about: Callable[[], str]) -> str:
    """What `about()` says of a file, or why it cannot be read: that is no reason to show nothing."""
    try:
        return about()
    except PyrplRemoteError as error:
        return error.message


def _of_board(text: str, may_be_served: bool) -> dict[str, Any]:
    """A board's name, the files that it has or may get, and what lab.toml says of it."""
    name = board_name(text)
    served = [one.file for one in directory.boards() if one.name == name] if may_be_served else []
    configuration = find_configuration(text)
    files: list[Place] = []
    # a daemon that runs says which file it uses
    if file := next(filter(None, served), configuration.path if configuration else ""):
        files += [Place("configuration", Path(file)), *_beside(Path(file), "beside it")]
    if settings.state_dir_path().is_dir():  # else these functions would make it
        log = settings.log_path(name)
        files += [Place("log", log), *_beside(log, "earlier log")]
        files.append(Place("jobs", settings.jobs_path(name)))
        files.append(Place("lock history", settings.lock_history_path(name)))
        if settings.stop_note_path(name).exists():
            files.append(Place("note of who stopped it", settings.stop_note_path(name)))
    try:
        said = lab_file.read().of_board(name)
    except PyrplRemoteError:  # the place of lab.toml says why
        said = {}
    return {"name": name, "files": [one.facts() for one in files], "lab_toml": said}


def _beside(path: Path, what: str) -> Iterator[Place]:
    """The files whose names begin with that of `path`: backups, journals, earlier logs."""
    try:
        found = sorted(one for one in path.parent.iterdir() if one.name.startswith(f"{path.name}."))
    except OSError:  # there is no such folder, or it is not this user's to read
        return
    yield from (Place(what, one) for one in found)


def _print(result: dict[str, Any]) -> None:
    server = result["name_server"]
    print(f"pyrpl_remote {result['version']} in {result['package']}, with {result['python']}")
    print(
        f"name server {server['host']}:{server['port']} ({', '.join([server['state'], *_chosen(server)])})\n"
    )
    _print_places(result["places"])
    if result["environment"]:
        print("\nenvironment variables")
        for variable, value in result["environment"].items():
            print(f"  {variable}={value}")
    if "board" in result:
        print(f"\nboard {result['board']['name']}")
        _print_places(result["board"]["files"])
        for key, value in result["board"]["lab_toml"].items():
            print(f"  lab.toml: {key} = {json.dumps(value)}")


def _print_places(places: list[dict[str, Any]]) -> None:
    """One line each, which a terminal may break: what stands in a table could not be copied."""
    width = max((len(one["what"]) for one in places), default=0)
    for one in places:
        state = {True: "", False: "does not exist", None: "cannot be read"}[one["exists"]]
        size = "" if one["bytes"] is None else f"{one['bytes']} bytes"
        facts = ", ".join(filter(None, [state, size, one["note"], *_chosen(one)]))
        print(f"  {one['what']:<{width}}  {one['path']}" + (f"  ({facts})" if facts else ""))


def _chosen(one: dict[str, Any]) -> list[str]:
    return [] if one["chosen_by"] == DEFAULT else [f"by {one['chosen_by']}"]
