"""The panel: one window with all boards of a lab. `pyrpl-remote panel`, or the extension `PyRPL` of PyMoDAQ.

    main.py          the program
    window.py        the window: boards at the left, open boards in tabs, errors below
    boards/          the list of boards, what is known of each, and what can be done with it
    lab/             the page of the lab: its hosts and its configuration
    board_tab.py     an open board with its pages: look/, modules/ and lockbox/
    pages.py         which pages an open board has; page.py is their base class
    open_board.py    a session with a board, used by the pages in background threads
    background.py    calls in other threads, whose results arrive in the window's
    garbage.py       in which thread Python's garbage is collected
    parts.py         small parts of several pages
    theme.py         colours, dark and light
    errors.py        the bar in which errors are shown

It uses the public door of `pyrpl_remote`, and never imports PyMoDAQ.
"""
