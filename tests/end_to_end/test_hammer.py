"""A short run of hammer.py."""

import pytest

from .hammer import hammer


@pytest.mark.timeout(300)
def test_four_clients_of_eight_threads_see_no_error_and_no_wrong_value():
    done, failures = hammer(seconds=4.0)
    assert failures == []
    for kind in ("setpoint", "snapshot", "acquire", "sweep", "average", "come_and_go"):
        assert done[kind] > 0
