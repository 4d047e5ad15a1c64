"""Proxies match PyRPL: values, types, errors, signatures and documentation of all public members."""

import pytest


@pytest.mark.timeout(180)
def test_everything_that_pyrpl_has_is_the_same_through_a_proxy(run_python):
    found = run_python("from tests.end_to_end.parity_walk import main; report(**main())", timeout=120)
    assert found["differences"] == []
    assert found["compared"]["values"] > 900
    assert found["compared"]["methods"] > 500
    assert found["compared"]["writes"] > 300
    assert found["compared"]["errors"] > 20
