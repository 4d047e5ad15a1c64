"""`connect`: begin or join this process's session with a board; the daemon is found or started."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from .. import lab_file, settings
from ..board_status import OTHER_GATEWARE, TAKEN
from ..errors import BadParameter, UnknownBoard
from ..names import directory, paired
from ..names.directory import Entry
from ..progress import ignore, shown
from .finding.configuration import Configuration, board_name, find_configuration, find_source
from .finding.elsewhere import HERE, split
from .finding.launch import launch
from .finding.locate import Locator
from .finding.parameters import (
    require_gateware,
    require_grace,
    require_plant_fits,
    require_restore,
    require_section,
    require_variables,
    valid_parameters,
)
from .finding.places import Place, PlaceLocator, place_of, require_no_parameters
from .finding.wanted import Wanted
from .get_back import get_back
from .proxies.board import RemotePyrpl
from .proxies.classes import module_proxy
from .proxies.decoders import DECODERS
from .sessions.handle import Handle
from .sessions.session import Session, join

if TYPE_CHECKING:
    from .proxies.board_types import Pyrpl


def connect(
    config: str | os.PathLike[str] | None = None,
    source: str | os.PathLike[str] | None = None,
    *,
    private: bool = False,
    grace: float | None = None,
    progress: Callable[[str], None] | bool | None = None,
    set_aside: str = "",
    take_over: bool = False,
    gateware: str | None = None,
    restore: str | None = None,
    on: str | None = None,
    via: str | None = None,
    **redpitaya_parameters: Any,
) -> Pyrpl:
    """Connect to a board; returns a proxy of its Pyrpl object, which all clients of the board share.

    Takes the arguments of `Pyrpl(config, source, **redpitaya_parameters)`: `hostname`, `user`, `password`,
    `sshport`, `port`, `reloadfpga`, `gui`, `loglevel`... If no daemon serves the board, one is started with
    these arguments; otherwise they only select the board. `config` is the name or the path of PyRPL's
    configuration file, found as PyRPL finds it, and the board is named after that file. With `config=""`
    there is no file. Without a file the hostname is the name; without both, the only board that is served is
    used. `connect("virtual")`, or `hostname="virtual"`, connects to a virtual Red Pitaya; `plant="cavity"` is
    what a new one has between its outputs and inputs (settings.PLANTS, or your own "module:Class").

    - `private`: also allow names that start with an underscore, which PyRPL may change in any release.
    - `grace`: seconds that a daemon started by this call waits after its last client has left (default 10, or
      as PYRPL_REMOTE_GRACE or lab.toml say).
    - `progress`: whether to show how far the start of a daemon is, in one line on stderr; by default on a
      terminal and in a notebook (or as PYRPL_REMOTE_PROGRESS says). A function is called with the text of
      each step instead.
    - `set_aside`: section of the configuration, such as "iir", that PyRPL cannot load. A daemon that this
      call starts does without it, and moves it to a file beside the configuration (lab.yml.iir.aside).
    - `take_over`: take the board also from a program that is no client of ours, such as a colleague's PyRPL;
      without it that is an error, BoardTaken.
    - `gateware`: what the daemon does when another gateware has replaced PyRPL's while it runs: "say" so (the
      default, unless lab.toml says otherwise), or "restore" PyRPL's by itself. Where a daemon serves the
      board, but has lost it in one of these ways, it gets it back now.
    - `restore`: what a daemon that this call starts does with the FPGA. By default it leaves it as it is if a
      daemon with the same configuration set it up before, and otherwise loads the configuration; with
      "registers" it leaves it as it is, with "file" it loads the configuration, as PyRPL does.
    - `on`: the paired host that has the board (see docs/lan.md), "localhost" for this machine; the name
      `lab@daq2` says the same. Without it, paired hosts are searched too.
    - `via`: the address, as `ssh://user@host`, of a host to which you may log in.

    Raises AccessDenied if a host or a board does not let this machine do that, or a StartError (see
    pyrpl_remote.errors): UnknownBoard, BoardUnreachable, BoardTaken, WrongPassword, PyrplMissing,
    ConfigurationError..., and BadParameter for an invalid name or parameter.
    """
    if isinstance(config, str) and on is None and via is None:
        config, named = split(config, must_be_paired="hostname" not in redpitaya_parameters)
        on = named or None
    wanted, parameters = board_of(config, redpitaya_parameters, on or via)
    file = wanted.configuration.path if wanted.configuration else None
    if on is None and via is None and redpitaya_parameters.get("hostname") is None:
        on = lab_file.read().boards.get(wanted.name, {}).get("on")
    if grace is None:
        grace = lab_file.grace_seconds(wanted.name)
    if gateware is None:
        gateware = lab_file.gateware(wanted.name)
    require_grace(grace)
    if set_aside != "":
        require_section(set_aside)
    if not isinstance(take_over, bool):
        raise BadParameter(f"take_over={take_over!r} is not valid", "it must be True or False")
    require_gateware(gateware)
    require_restore(restore, parameters.get("reloadfpga"))
    said: list[Callable[[], None]] = []
    try:
        place = place_of(wanted, on, via)
        with shown(progress, f"board {place.name}") as report:
            if place.on:
                require_no_parameters(place, redpitaya_parameters)
                locator: Locator = PlaceLocator(place, wanted, report)
                p = join(locator, private, board_proxy, _locator_there)
                _get_back_if_asked(p, take_over, gateware)
                return cast("Pyrpl", p)
            start = partial(
                launch,
                wanted.name,
                file,
                find_source(source),
                parameters,
                grace,
                report,
                said,
                set_aside=set_aside,
                take_over=take_over,
                gateware=gateware,
                restore=restore,
            )
            again = partial(_locator_for, parameters=parameters, grace=grace, gateware=gateware)
            p = join(Locator(wanted, start, report), private, board_proxy, again)
            _get_back_if_asked(p, take_over, gateware)
            return cast("Pyrpl", p)
    finally:
        for log_again in said:
            log_again()


def _get_back_if_asked(p: RemotePyrpl, take_over: bool, gateware: str) -> None:
    """The daemon may have been there before, without its board: get that back."""
    for asked, state in ((take_over, TAKEN), (gateware == settings.RESTORE, OTHER_GATEWARE)):
        if asked and p.status().link.state == state:
            get_back(p._handle.session, state)  # noqa: SLF001 - a proxy's own names have an underscore


def _locator_there(entry: Entry) -> Locator:
    """What finds the daemon of a session with a board on another host again, or lets that host start one."""
    return PlaceLocator(Place(entry.on, entry.name))


def _locator_for(entry: Entry, parameters: dict[str, Any], grace: float, gateware: str) -> Locator:
    """What finds the daemon of a session again, or starts another one with the file that it had.

    `parameters`, `grace` and `gateware` are those of the connect() that began the session. The FPGA is left
    as it is.
    """
    given = {**parameters, "reloadfpga": "auto", "reloadserver": False}

    def start(with_parameters: dict[str, Any]) -> Entry:
        said: list[Callable[[], None]] = []
        try:
            return launch(
                entry.name, entry.file or None, None, with_parameters, grace, ignore, said, gateware=gateware
            )
        finally:
            for log_again in said:
                log_again()

    def start_again() -> Entry:
        if entry.file and entry.host != settings.VIRTUAL:
            with contextlib.suppress(UnknownBoard):  # its file may not have been saved yet
                return start(given)
        return start({**_where(entry), **given})

    configuration = Configuration(entry.file, entry.file) if entry.file else None
    return Locator(Wanted(entry.name, configuration=configuration, fileless=not entry.file), start_again)


def _where(entry: Entry) -> dict[str, Any]:
    """The hostname of a board, as its daemon has registered it, and its SSH port."""
    if entry.host == settings.VIRTUAL:
        return {"hostname": settings.VIRTUAL}
    simulated = {hostname.lower(): hostname for hostname in settings.SIMULATED}
    names = [
        alias
        for alias in entry.aliases
        if not (directory.MAC_ADDRESS.fullmatch(alias) or directory.MAC_HOSTNAME.fullmatch(alias))
    ]
    hostname = simulated.get(entry.host) or (names[0] if names else entry.host)
    return {"hostname": hostname, "sshport": entry.sshport}


def board_of(config: Any, given: Mapping[str, Any], host: str | None = None) -> tuple[Wanted, dict[str, Any]]:
    """The board for `config` and the parameters that are `given`, and those with values that PyRPL takes.

    To these belong those that lab.toml has for the board, unless it is on another `host`.

    Raises BadParameter, or UnknownBoard if neither says which board.
    """
    parameters = valid_parameters(given)
    require_variables()
    configuration = None if config is None else find_configuration(config)
    if configuration is None and "hostname" not in parameters:
        if config is not None and (hostname := os.environ.get("REDPITAYA_HOSTNAME")):
            parameters["hostname"] = hostname
        else:
            return Wanted(_only_board()), parameters
    if configuration is not None and configuration.text == settings.VIRTUAL:
        parameters.setdefault("hostname", settings.VIRTUAL)
    name = board_name(configuration.text if configuration else parameters["hostname"])
    if host in (None, HERE):
        known = valid_parameters(lab_file.read().parameters(name))
        if parameters.get("hostname") in (None, known.get("hostname", parameters.get("hostname"))):
            parameters = {**known, **parameters}  # else they are those of another board
    require_plant_fits(parameters)
    return (
        Wanted(
            name,
            parameters.get("hostname"),
            parameters.get("sshport"),
            configuration,
            fileless=config is not None and configuration is None,
        ),
        parameters,
    )


def board_proxy(session: Session) -> RemotePyrpl:
    """The proxy of the session's board, with a handle of its own."""
    proxy = module_proxy(Handle(session, DECODERS), "")
    assert isinstance(proxy, RemotePyrpl)
    return proxy


def _only_board() -> str:
    names = sorted({entry.name for entry in paired.discover()})
    if len(names) == 1:
        return names[0]
    raise UnknownBoard(
        "connect() was called without a board, and "
        + (f"these are served: {', '.join(names)}" if names else "none is served"),
        'name one, as in connect("virtual") or connect("lab", hostname="rp-f08d6c.local")',
    )
