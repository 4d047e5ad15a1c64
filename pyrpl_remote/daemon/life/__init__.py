"""The daemon's life on its host: one daemon a board, its names, its upkeep, and the signals that end it."""
