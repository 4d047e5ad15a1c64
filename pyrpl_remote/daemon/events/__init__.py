"""Events for clients: changes of attributes, and curves, from PyRPL's signals to the sessions' mailboxes."""
