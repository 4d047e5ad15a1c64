"""PyRPL's lockbox: what the watch of the lock sees and uses, and a change of the lockbox's class."""
