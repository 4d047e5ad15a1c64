"""The settings that a plugin has before it is connected: which board, how it is reached, what init does.

Defaults come from the configuration file: of all boards, and of each board by its name.
"""

from __future__ import annotations

from typing import Any

from pymodaq_gui.parameter import Parameter
from pymodaq_utils.logger import get_module_name, set_logger

from pyrpl_remote.errors import ConfigurationError
from pyrpl_remote.lab import configuration

from .. import config
from .editors import unmasked
from .ranges import ranges_params

logger = set_logger(get_module_name(__file__))

SEEN = "seen"
"""The hidden setting with the board's values, as they were shown last: what differs was edited since."""

READ = "read the board"
PUSH = "push the tree"


def board_params(modules: tuple[str, ...]) -> list[dict]:
    """The settings, as dicts. At init a group with those of the module is added, under the module's name."""
    default = defaults(common_section()["name"])
    params = [
        {
            "title": "Board:",
            "name": "board",
            "type": "pyrpl_board",
            "value": common_section()["name"],
            "tip": "Name of the board's PyRPL configuration: choose one that is served, or type one. "
            "Takes effect at init.",
        },
        {
            "title": "Hostname:",
            "name": "hostname",
            "type": "str",
            "value": default["hostname"],
            "tip": "Address of the board; not needed for a board that was used before, or that stands in the "
            "configuration file. Takes effect at init.",
        },
    ]
    if len(modules) > 1:
        params.append(
            {
                "title": "Module:",
                "name": "module",
                "type": "list",
                "limits": list(modules),
                "value": modules[0],
            }
        )
    return [*params, _connection(default), ranges_params(), _state()]


def _connection(default: dict[str, Any]) -> dict:
    def number(title: str, name: str, tip: str, unit: str = "") -> dict:
        kind = "float" if unit else "int"
        value = {
            "value": default[name],
            "min": -1 if name == "grace" else 0,
            "tip": f"{tip} Takes effect at init.",
        }
        return {"title": title, "name": name, "type": kind, **value, **({"suffix": unit} if unit else {})}

    def text(title: str, name: str, tip: str) -> dict:
        shown = {"value": default[name], "tip": f"{tip} Takes effect at init."}
        return {"title": title, "name": name, "type": "str", **shown}

    return {
        "title": "Connection:",
        "name": "connection",
        "type": "group",
        "expanded": False,
        "children": [
            number("SSH port:", "sshport", "0 for that of PyRPL's configuration, which is 22 by default."),
            number("Monitor port:", "port", "0 for that of PyRPL's configuration, which is 2222 by default."),
            text("User:", "user", "Empty for that of PyRPL's configuration."),
            {
                "title": "Password:",
                "name": "password",
                "type": "pyrpl_password",
                "value": "",
                "tip": "Empty for that of PyRPL's configuration. It is saved nowhere. Takes effect at init.",
            },
            text("Daemon runs on:", "on", "Paired host on which the daemon runs; empty for this machine."),
            number("Time limit:", "limit", "How long init waits for the board; 0 for ever.", "s"),
            number(
                "Grace:", "grace", "How long a daemon waits after its last client has left; -1: default.", "s"
            ),
            {
                "title": "At init:",
                "name": "at_init",
                "type": "list",
                "limits": [READ, PUSH],
                "value": default["at_init"] if default["at_init"] in (READ, PUSH) else READ,
                "tip": "Read the board: show its settings, and write only what was edited here since the "
                "last time. Push the tree: write all settings of the tree.",
            },
        ],
    }


def _state() -> dict:
    def line(title: str, name: str) -> dict:
        return {"title": title, "name": name, "type": "str", "value": "", "readonly": True}

    return {
        "title": "State:",
        "name": "state",
        "type": "group",
        "expanded": False,
        "children": [
            line("Link to the board:", "link"),
            line("Daemon:", "daemon"),
            line("Also used by:", "clients"),
            {"name": SEEN, "type": "str", "value": "", "visible": False},
        ],
    }


def defaults(board: str) -> dict[str, Any]:
    """The defaults of the settings for the board of this name: of all boards, then its own section."""
    return {**common_section(), **own_section(board)}


def common_section() -> dict[str, Any]:
    """The defaults for all boards: those of lab.toml, unless PyMoDAQ's configuration was edited."""
    own = config("board")
    try:
        lab = dict(configuration().plugins)
    except ConfigurationError as error:  # connect() raises it too, where it can be shown; this runs at import
        logger.warning("%s", error)
        lab = {}
    if "board" in lab:
        lab["name"] = lab.pop("board")
    return {**own, **{name: value for name, value in lab.items() if not config.is_edited("board", name)}}


def own_section(board: str) -> dict[str, Any]:
    """The section of the configuration file for the board of this name; empty if there is none."""
    return config.to_dict().get("boards", {}).get(board, {})


def pushed_at_init(board: str, section: str) -> dict[str, Any]:
    """The values that a plugin writes to a module when it shows it first, with PyRPL's names."""
    common = config.to_dict().get(section, {})
    return {**common, **own_section(board).get(section, {})}


def connection_setting(settings: Parameter, name: str) -> Any:
    """What the plugin's settings have for `name`, or the default of the chosen board if that was not edited.

    What the tree begins with is the default of the board that it begins with: it may be another one.
    """
    setting = settings.child("hostname") if name == "hostname" else settings.child("connection", name)
    value = setting.value()
    edited = not setting.valueIsDefault() and value != common_section()[name]
    return value if edited else defaults(settings["board"])[name]


def connect_arguments(settings: Parameter) -> dict[str, Any]:
    """The keyword arguments of `connect` for the plugin's settings: only those that are set."""
    given = {
        name: connection_setting(settings, name) for name in ("hostname", "sshport", "port", "user", "on")
    }
    given["password"] = unmasked(settings["connection", "password"])
    arguments = {name: value for name, value in given.items() if value}
    grace = connection_setting(settings, "grace")
    return arguments if grace < 0 else {**arguments, "grace": grace}
