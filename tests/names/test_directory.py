"""The name server, as its users find it or do not."""

import pytest

from pyrpl_remote import errors
from pyrpl_remote.names import directory

from ..processes import our_processes, wait_until


def test_a_name_server_that_ends_while_it_is_asked_is_none():
    directory.ensure_name_server()
    (server,) = our_processes()
    with (
        pytest.raises(errors.NameServerError, match="no Pyro name server answers"),
        directory.name_server() as proxy,
    ):
        assert proxy.count() == 1
        server.kill()
        wait_until(lambda: not our_processes(), what="its end")
        proxy.count()
    assert directory.boards() == []
