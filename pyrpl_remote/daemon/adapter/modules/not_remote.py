"""Members of PyRPL that cannot be used from another process, each with what a client does instead.

Qt objects, sockets, shells and Python classes cannot leave their process. The names apply to every
module that has them. A client that uses one gets NotRemote with the text from here as remedy.
"""

_WINDOWS = "PyRPL's windows are in the daemon: show_gui() and hide_gui() act on its screen"
_CONNECTION = "the daemon alone talks to the board: use the attributes of the modules"
_SHELL = "the daemon alone talks to the board: log in with a program of your own"
_END = "close() releases the board; `pyrpl-remote stop BOARD` ends its daemon"

PARTS = {"iirfilter"}
"""Those of them that are plain objects of Python, which a client may use with connect(..., private=True)."""

LOCAL_ONLY = {
    # Qt: windows and signals
    "widgets": _WINDOWS,
    "_widget_class": _WINDOWS,
    "_create_widget": _WINDOWS,
    "_module_widget": _WINDOWS,
    "_signal_launcher": "on_change(callback) reports each change; PyRPL's signals need connect(private=True)",
    "unlock_event": "an event in the daemon: on_change(callback) reports lock_status and current_state",
    # the connection to the board, which a second user would break
    "client": _CONNECTION,
    "_client": _CONNECTION,
    "ssh": _SHELL,
    "start_ssh": _SHELL,
    "end_ssh": _SHELL,
    "startclient": "the daemon keeps its connection to the board, and restores it by itself",
    "startdummyclient": 'connect("virtual") connects to a board for tests',
    "endclient": _END,
    "endserver": _END,
    "end": _END,
    "end_all": _END,
    "make_a_slave": "a second user of the board connects to the same daemon: connect() again",
    # objects and classes of Python
    "makemodule": "the modules were made when the daemon started",
    "makemodules": "the modules were made when the daemon started",
    "cls_modules": "classes belong to their process: `modules` has the modules, description() describes them",
    "element_cls": "classes belong to their process: append(dict) makes an element of the right one",
    "available_input_classes": "classes belong to their process: input_classes has their names",
    "available_output_classes": "classes belong to their process: output_classes has their names",
    "do_setup": "a switch inside PyRPL's own _setup(): setup(name=value, ...) sets several attributes",
    "iirfilter": "a Python object: zeros, poles, gain, coefficients, transfer_function() describe it",
}
"""For each name the text that says what to use instead."""

_FILES = "it opens files, or passes text to the board's shell: log in with a program of your own"
_CONFIGURATION = "p.c reads and writes the configuration"

LOCAL_ONLY_OF = {
    "RedPitaya": {
        "put_file": _FILES,
        "switch_led": _FILES,
        "update_fpga": _FILES,
        "installserver": _FILES,
        "restartserver": _FILES,
        "startserver": "the daemon keeps its connection to the board, and restores it by itself",
        "start": "the daemon keeps its connection to the board, and restores it by itself",
        "restart": "the daemon keeps its connection to the board, and restores it by itself",
    },
    "Pyrpl": {"load_software_modules": "the modules were made when the daemon started"},
    # which opens any file that its attributes name
    "PyrplConfig": dict.fromkeys(
        ("configfile", "module", "text", "config", "current_branch", "refresh", "save"), _CONFIGURATION
    ),
}
"""The same for members of certain classes of PyRPL, by the name of the class."""


def local_only_of(cls: type) -> dict[str, str]:
    """All of them for a class of PyRPL."""
    found = dict(LOCAL_ONLY)
    for base in cls.__mro__:
        found.update(LOCAL_ONLY_OF.get(base.__name__, {}))
    return found
