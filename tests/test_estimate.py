"""The estimate of how long a task takes, which counts down between two parts too."""

from pyrpl_remote.estimate import Estimate


def test_the_rest_is_estimated_from_what_is_done_and_counts_down():
    now = [100.0]
    estimate = Estimate(lambda: now[0])
    now[0] += 0.5
    estimate.update(1, 100)
    assert estimate.text() == "1 %, 0 s so far"
    now[0] += 9.5
    estimate.update(40, 100)
    assert estimate.text() == "40 %, about 15 s left"
    now[0] += 4
    assert estimate.text() == "40 %, about 11 s left"
    now[0] += 20
    assert estimate.text() == "40 %, 34 s so far"
    estimate.update(50, 100)
    assert estimate.text() == "50 %, about 35 s left"
    estimate.update(100, 100)
    assert estimate.text() == "100 %, 34 s so far"
