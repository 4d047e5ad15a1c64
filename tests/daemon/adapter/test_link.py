"""The board's link breaks: reads are repeated on a new connection, writes never are, and nothing goes on in silence."""

import numpy as np
import pytest

from pyrpl_remote import connect, errors


@pytest.fixture(scope="module")
def p(board):
    with connect(
        "linked", hostname=board.host, sshport=board.ssh_port, port=board.monitor_port, reloadfpga=False
    ) as p:
        yield p


def test_a_read_is_repeated_on_a_new_connection(board, p):
    p.rp.pid0.setpoint = 0.25
    for reset in (False, True):
        board.control.drop(reset)
        assert p.rp.pid0.setpoint == 0.25
        for after in (3, 10):
            board.control.drop_in_frame(after, reset)
            assert p.rp.pid0.setpoint == 0.25


def test_a_curve_of_which_a_part_arrived_is_read_anew(board, p):
    p.rp.scope.setup(
        input1="in1", duration=1e-3, trigger_source="immediately", rolling_mode=False, trace_average=1
    )
    p.rp.scope.single(timeout=20)
    board.control.drop_in_frame(1000, True)
    curve = p.rp.scope.single(timeout=20)
    assert curve.shape == (2, 16384) and np.isfinite(curve).all()


@pytest.mark.parametrize("reset", [False, True])
def test_a_write_is_not_repeated_and_says_that_it_may_be_lost(board, p, reset):
    p.rp.pid0.setpoint = 0.25
    board.control.drop_in_frame(3, reset)
    with pytest.raises(errors.BoardLinkLost, match="may or may not"):
        p.rp.pid0.setpoint = 0.5
    assert p.rp.pid0.setpoint in (0.25, 0.5)
    p.rp.pid0.setpoint = -0.5
    assert p.rp.pid0.setpoint == -0.5


def test_a_board_that_no_longer_answers_is_an_error_and_comes_back(board, p):
    p.rp.pid0.setpoint = 0.25
    board.control.silence()
    with pytest.raises(errors.BoardLinkLost, match="check the board"):
        p.rp.pid0.setpoint
    board.control.silence(False)
    assert p.rp.pid0.setpoint == 0.25
