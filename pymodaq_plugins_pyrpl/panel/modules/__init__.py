"""The page with every module of a board: a tree of attributes that can be edited, and the saved states.

    page.py          the page
    tree.py          the tree of modules and attributes; model.py, nodes.py: its rows; found.py: the search
    updates.py       reads what is looked at, and follows changes; edits.py writes what was entered
    board_side.py    what these ask the board for, in its worker thread
    editors.py       an editor for each kind of attribute; entry.py: what may be entered
    texts.py         values and documentation as texts
    states.py        saved states: save, load, erase; comparison.py, comparing.py: what differs between two

Nothing about PyRPL's modules is typed in here: the tree is made from the schema of the board.
"""
