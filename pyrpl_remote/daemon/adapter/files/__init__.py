"""What clients read and write of PyRPL's files: the configuration, and the saved curves."""
