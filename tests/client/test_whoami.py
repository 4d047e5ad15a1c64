"""Who a client is, as others read it in a board's status."""

import os

import pytest


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root may become a user without a name")
def test_a_user_without_a_name_is_shown_by_number(run_python):
    found = run_python(
        """
        import os
        from pyrpl_remote.client.connections.whoami import whoami
        for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
            os.environ.pop(name, None)
        os.setuid(54321)
        report(**whoami())
        """
    )
    assert found["user"] == "uid 54321"
