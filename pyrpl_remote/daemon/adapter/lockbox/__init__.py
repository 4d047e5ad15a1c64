"""PyRPL's lockbox and scope, as the watch of the lock uses them."""
