"""The code that the plugins share.

- board_plugin: connects to a board, shows a module's settings, reports failures
- settings_tree: makes PyMoDAQ's settings from the schema
- actuator: the base class of all moves
- background: makes blocking calls while Qt's events are processed
"""
