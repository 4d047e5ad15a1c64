"""What a user holds: the board, its modules, and the values that live with the daemon."""
