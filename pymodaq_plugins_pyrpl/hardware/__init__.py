"""What the plugins share.

- board_plugin: connect to a board, show a module's settings, report failures
- settings_tree: PyMoDAQ's settings, made from the schema
- actuator: the base class of all moves
- background: blocking calls that leave Qt's events running
"""
