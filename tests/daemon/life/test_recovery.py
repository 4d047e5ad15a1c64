"""The board goes away and comes back: everybody is told, nothing is lost, nobody waits."""

import time

import numpy as np
import psutil
import pytest

from pyrpl_remote import CurveFrame, connect, errors
from pyrpl_remote.board_status import LinkStatus

from ...boards import running_board
from ...daemons import has_ended
from ...processes import wait_until

NOTICED_SECONDS = 5.0
"""How soon a loss is noticed, also when nobody asks."""


@pytest.fixture(scope="module")
def p(board):
    with connect(
        "away", hostname=board.host, sshport=board.ssh_port, port=board.monitor_port, delay=0.01
    ) as p:
        yield p


@pytest.fixture
def states(p):
    """All states of the link since the beginning of the test."""
    wait_until(lambda: p.status().link.state == "up")
    heard: list[LinkStatus] = []
    with p.on_link(heard.append):
        yield heard


def back(p, seconds: float = 30.0) -> str:
    """Wait until the link is back; returns what happened meanwhile."""
    wait_until(lambda: p.status().link.state == "up", seconds, "the board's return")
    return p.status().link.reason


def settings_of(p) -> dict[str, object]:
    """All settings of the hardware modules, those with an owner too, as PyRPL reads them from the board."""
    found = {}
    for name in ("asg0", "asg1", "pid0", "pid1", "pid2", "iq0", "iq1", "iq2", "scope", "iir", "trig"):
        module = getattr(p.rp, name)
        found |= {f"{name}.{key}": value for key, value in module.snapshot().items()}
    return found


@pytest.mark.parametrize("reset", [False, True])
def test_a_link_that_is_cut_is_noticed_and_comes_back_by_itself(board, p, states, reset):
    p.rp.pid0.setpoint = 0.25
    board.control.drop(reset)
    wait_until(lambda: states, NOTICED_SECONDS, "the event, although nobody uses the board")
    assert (states[0].state, bool(states[0].reason)) == ("reconnecting", True)
    wait_until(lambda: len(states) > 1 and states[-1].state == "up", what="the return")
    assert states[-1].reason == ""
    assert p.rp.pid0.setpoint == 0.25


def test_while_the_board_is_away_each_access_fails_at_once_with_the_reason(board, p, states):
    board.control.silence()
    wait_until(lambda: states, NOTICED_SECONDS + 2, "the event")
    for use in (lambda: p.rp.pid0.setpoint, lambda: setattr(p.rp.pid0, "setpoint", 0.5), p.rp.scope.single):
        begin = time.monotonic()
        with pytest.raises(errors.BoardLinkLost, match=r"reconnecting, because .*timed out"):
            use()
        assert time.monotonic() - begin < 0.9  # an access of the board waits for 1 s
    assert p.status().link.state == "reconnecting"
    board.control.silence(False)
    assert back(p) == ""
    p.rp.pid0.setpoint = 0.5
    assert p.rp.pid0.setpoint == 0.5


def test_an_access_that_breaks_is_an_error_and_a_write_is_not_repeated(board, p, states):
    p.rp.pid0.setpoint = 0.25
    board.control.drop_in_frame(3, True)
    with pytest.raises(errors.BoardLinkLost, match="may or may not"):
        p.rp.pid0.setpoint = 0.5
    back(p)
    assert p.rp.pid0.setpoint in (0.25, 0.5)


def test_after_a_reboot_all_settings_are_there_again_and_everybody_is_told(board, p, states):
    p.rp.asg0.setup(
        waveform="sin", frequency=1e3, amplitude=0.5, output_direct="out1", trigger_source="immediately"
    )
    p.rp.asg1.setup(frequency=1e3, amplitude=1.0, trigger_source="immediately")
    p.rp.asg1.data = np.linspace(-0.25, 0.75, 2**14)
    p.rp.pid1.setup(p=0.5, setpoint=0.125, input="in2", output_direct="off", inputfilter=[100.0])
    p.rp.iir.setup(zeros=[-100.0], poles=[-200.0], loops=2, input="in1")
    before = settings_of(p)
    board.control.reboot(1)
    wait_until(lambda: states, NOTICED_SECONDS, "the event")
    with pytest.raises(errors.BoardLinkLost):
        p.rp.pid0.setpoint
    assert "restarted" in back(p, 60)
    wait_until(lambda: states[-1].state == "up")
    assert "restarted" in states[-1].reason
    assert settings_of(p) == before
    p.rp.scope.setup(
        **{"input1": "in1", "input2": "asg1", "duration": 8e-3, "trigger_source": "immediately"},
        **{"rolling_mode": False, "trace_average": 1},
    )
    sine, ramp = p.rp.scope.single(timeout=20)
    np.testing.assert_allclose([sine.min(), sine.max()], [-0.5, 0.5], atol=0.05)
    np.testing.assert_allclose([ramp.min(), ramp.max()], [-0.25, 0.75], atol=0.05)
    p.rp.asg0.output_direct = "off"


@pytest.mark.parametrize("path", ["rp.scope", "spectrumanalyzer"])
def test_a_continuous_acquisition_goes_on_when_the_board_is_back(board, p, states, path):
    p.networkanalyzer.setup(points=1001, rbw=10, amplitude=0.1, trace_average=1)
    sweep = p.networkanalyzer.single_async()
    module = p.rp.scope if path == "rp.scope" else p.spectrumanalyzer
    module.setup(trace_average=1)
    module.continuous()
    frames: list[CurveFrame] = []
    with module.on_curve(frames.append):
        wait_until(lambda: frames, what="a curve")
        board.control.drop()
        with pytest.raises(errors.BoardLinkLost):
            sweep.result(20)
        back(p)
        before = len(frames)
        wait_until(lambda: len(frames) > before + 3, what="curves after the loss")
    assert module.running_state == "running_continuous"
    # the sweep was one curve: it has ended, and its output is off
    assert (p.networkanalyzer.running_state, p.networkanalyzer.iq.amplitude) == ("stopped", 0)
    module.stop()


def test_what_is_stopped_while_the_board_is_away_stays_so(board, p, states):
    p.rp.scope.setup(duration=1e-3, trigger_source="immediately", run_continuous=True)
    board.control.silence()
    wait_until(lambda: states, NOTICED_SECONDS + 2, "the event")
    assert p.rp.scope.running_state == "running_continuous"  # it waits for the board
    p.rp.scope.stop()
    board.control.silence(False)
    back(p)
    assert p.rp.scope.running_state == "stopped"


def test_what_was_refused_while_the_board_was_away_is_not_done_later(board, p, states):
    p.rp.pid2.setup(input="in1", output_direct="off", setpoint=0.0)
    board.control.silence()
    wait_until(lambda: states, NOTICED_SECONDS + 2, "the event")
    for name, value in {"output_direct": "out1", "input": "in2", "setpoint": 0.5}.items():
        with pytest.raises(errors.BoardLinkLost, match="nothing was sent"):
            setattr(p.rp.pid2, name, value)
    board.control.silence(False)
    back(p)
    assert (p.rp.pid2.output_direct, p.rp.pid2.input, p.rp.pid2.setpoint) == ("off", "in1", 0.0)


def test_pyrpls_monitor_of_the_lock_goes_on_when_the_board_is_back(board, p, states):
    p.lockbox.setup(lockstatus_interval=0.05, auto_lock=False)
    p.lockbox.sequence = [{"duration": 0.01}]
    p.lockbox.lock(timeout=20)
    seen: list[bool] = []
    with connect("away", private=True) as q:
        q.lockbox._signal_launcher.update_lockstatus.connect(lambda found: seen.append(found[0]))
        wait_until(lambda: seen, what="a look of the monitor")
        board.control.drop()
        wait_until(lambda: states, NOTICED_SECONDS, "the event")
        back(p)
        before = len(seen)
        wait_until(lambda: len(seen) > before + 3, what="looks after the loss")
    p.lockbox.unlock()


def test_a_program_that_took_the_board_is_named_and_not_thrown_off(board, p, states):
    board.control.second_client()
    wait_until(lambda: any(state.state == "taken" for state in states), 15, "the notice")
    with pytest.raises(errors.BoardLinkLost, match=r"taken, because a program at 127\.0\.0\.1 uses it"):
        p.rp.pid0.setpoint = 0.75
    (client,) = board.control.status()["clients"]
    board.control.drop()
    assert client
    assert back(p) == "another program used it: it may have changed settings"
    p.rp.pid0.setpoint = 0.125
    assert p.rp.pid0.setpoint == 0.125


def test_another_gateware_is_noticed_before_a_wrong_value_is_returned(board, p, states):
    p.rp.pid0.setpoint = 0.25  # the gateware is known to be PyRPL's
    board.control.load_gateware("v0.94")  # and is another one just after that
    with pytest.raises(errors.BoardLinkLost, match="other gateware, because its FPGA"):
        p.rp.pid0.setpoint = 0.5
    with pytest.raises(errors.BoardLinkLost, match="no longer PyRPL's gateware"):
        p.rp.pid0.setpoint
    assert p.status().link.state == "other gateware"
    board.control.load_gateware("pyrpl")
    assert "written to it again" in back(p)
    assert p.rp.pid0.setpoint == 0.25


def test_a_virtual_board_of_the_daemons_own_is_started_again(tmp_path):
    with connect("virtual") as q:
        q.rp.pid1.setpoint = 0.375
        daemon = psutil.Process(q.status().daemon.pid)
        (owned,) = [child for child in daemon.children() if "virtual-board" in child.cmdline()]
        owned.kill()
        wait_until(lambda: q.status().link.state != "up", NOTICED_SECONDS, "the notice")
        assert "restarted" in back(q, 60)
        assert q.rp.pid1.setpoint == 0.375
        assert not psutil.pid_exists(owned.pid)  # no zombie either
        (another,) = [child for child in daemon.children() if "virtual-board" in child.cmdline()]
        assert another.pid != owned.pid


def test_a_daemon_ends_while_its_board_is_away():
    with running_board() as own:
        q = connect("gone", hostname=own.host, sshport=own.ssh_port, port=own.monitor_port, delay=0.01)
        daemon = psutil.Process(q.status().daemon.pid)
        own.control.reboot(60)
        wait_until(lambda: q.status().link.state == "reconnecting", NOTICED_SECONDS)
        q.close()
        wait_until(lambda: has_ended(daemon), 20, "the end of the daemon")
