"""What the plugins share.

board_plugin (take a board, show a module's settings, report failures), settings_tree (settings made from the schema),
actuator (the base of all moves), background (a blocking call that leaves Qt's events running).
"""
