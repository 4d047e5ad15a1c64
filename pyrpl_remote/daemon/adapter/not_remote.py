"""What cannot be remote in principle: each name with what a client does instead, and what it is.

A live object of Qt, a socket, a shell, a logger or a class of Python belongs to one process. Names count on every
module that has them; a client that uses one gets NotRemote with this text.
"""

LOCAL_ONLY = {
    # Qt: windows and signals
    "widgets": "PyRPL's windows live in the daemon: show_gui() and hide_gui() act on its screen",
    "_widget_class": "PyRPL's windows live in the daemon: show_gui() and hide_gui() act on its screen",
    "_create_widget": "PyRPL's windows live in the daemon: show_gui() and hide_gui() act on its screen",
    "_module_widget": "PyRPL's windows live in the daemon: show_gui() and hide_gui() act on its screen",
    "_signal_launcher": "Qt signals stay in their process: on_change(callback) reports every attribute that changes",
    "unlock_event": "an event of the daemon's own loop: on_change(callback) reports lock_status and current_state",
    # logs
    "logger": "the daemon writes its log to a file: `pyrpl-remote logs BOARD` shows it",
    "_logger": "the daemon writes its log to a file: `pyrpl-remote logs BOARD` shows it",
    # the connection with the board, which a second user would break
    "client": "the daemon alone talks to the board: use the attributes of the modules",
    "_client": "the daemon alone talks to the board: use the attributes of the modules",
    "ssh": "the daemon alone talks to the board: log in with a program of your own",
    "start_ssh": "the daemon alone talks to the board: log in with a program of your own",
    "end_ssh": "the daemon alone talks to the board: log in with a program of your own",
    "startclient": "the daemon keeps its connection with the board: it is restored by itself",
    "startdummyclient": 'connect("virtual") gives a board to play with',
    "endclient": "close() releases the board; `pyrpl-remote stop BOARD` ends its daemon",
    "endserver": "close() releases the board; `pyrpl-remote stop BOARD` ends its daemon",
    "end": "close() releases the board; `pyrpl-remote stop BOARD` ends its daemon",
    "end_all": "close() releases the board; `pyrpl-remote stop BOARD` ends its daemon",
    "make_a_slave": "a second user of the board connects to the same daemon: connect() again",
    # objects and classes of Python
    "makemodule": "the modules were made when the daemon started",
    "makemodules": "the modules were made when the daemon started",
    "cls_modules": "classes stay in their process: `modules` has the modules, description() what each declares",
    "element_cls": "classes stay in their process: append(dict) makes an element of the right one",
    "available_input_classes": "classes stay in their process: input_classes has their names",
    "available_output_classes": "classes stay in their process: output_classes has their names",
    "do_setup": "a switch inside PyRPL's own _setup(): setup(name=value, ...) sets several attributes at once",
    "iirfilter": "a Python object: zeros, poles, gain, coefficients and transfer_function() have what it is made of",
}
