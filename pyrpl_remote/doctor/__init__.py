"""What is wrong with a board or with this machine: one function a check, and what to do about what it finds.

Nothing is disturbed: no connection to a board's monitor port, no daemon, no name server, no file on a board.
`pyrpl-remote doctor` prints what `examination.py` finds.
"""
