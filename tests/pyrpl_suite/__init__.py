"""PyRPL's own test suite with a proxy in place of `Pyrpl(...)`: `python -m tests.pyrpl_suite [PATTERN]`."""
