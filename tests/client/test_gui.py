"""PyRPL's own window on the daemon's screen while remote clients work."""

import pytest

from pyrpl_remote import connect

from ..processes import wait_until


@pytest.fixture(scope="module")
def p():
    with connect("virtual", gui=True) as p:
        yield p


def test_remote_clients_work_while_pyrpls_window_is_shown_and_hidden(p):
    p.rp.scope.setup(duration=1e-3, trigger_source="immediately", input1="in1")
    assert p.rp.scope.single(timeout=20).shape == (2, 16384)
    p.hide_gui()
    p.rp.asg0.amplitude = 0.25
    assert p.rp.asg0.amplitude == pytest.approx(0.25, abs=1e-3)
    p.show_gui()
    seen: list[int] = []
    with p.rp.scope.on_curve(lambda frame: seen.append(frame.number)):
        p.rp.scope.continuous()
        wait_until(lambda: len(seen) >= 3, what="three curves")
        assert p.rp.scope.running_state == "running_continuous"
    p.rp.scope.stop()
