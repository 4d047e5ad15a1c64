"""Ends, after the tests of each file, what has run the commands of its hosts."""

import pytest

from .commands import end_servers


@pytest.fixture(scope="module", autouse=True)
def commands_end(nothing_left_behind):
    yield
    end_servers()
