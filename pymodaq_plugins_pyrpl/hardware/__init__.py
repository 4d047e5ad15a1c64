"""The code that the plugins share.

- board_plugin: connects to a board, follows what others change there, reports failures
- board_settings, editors, ranges: the settings that a plugin has before it is connected
- module_settings, settings_tree, schema_file: the settings of a module, made from the schema
- actuator, together: the base class of all moves; moves of one controller that are made as one
- detector, stream: the base class of all viewers; acquisitions that are shared with other programs
- background: makes remote calls while Qt's events are processed
- following: delivers changes in the plugin's thread, several at once
- health, scans: failures in PyMoDAQ's words; ends what waits for a module that has failed
- refused, time_limit: errors of the plugins' own; measurements that take longer than PyMoDAQ waits
- instruments: what the plugins of one instrument need
"""
