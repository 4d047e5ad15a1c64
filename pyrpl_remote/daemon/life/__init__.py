"""The daemon on its host: its claim of the board, registered names, periodic checks, signals that end it."""
