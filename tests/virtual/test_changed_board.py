"""What the control channel changes of the board itself, and how unmodified PyRPL reacts."""

from __future__ import annotations

import pytest

from .repair import repair


@pytest.fixture
def board(board):
    """The board of this file, without the faults of the test before."""
    repair(board.control)
    return board


def test_after_a_reboot_the_gateware_is_lost_and_pyrpl_loads_it_again(board, run_pyrpl):
    seen = run_pyrpl(
        board,
        """
        p.rp.hk.led = 9
        control.reboot(away=1)
        try:
            p.rp.hk.led
        except OSError as error:
            report(error=str(error))
        wait_until(lambda: control.status()["ssh"])
        report(gateware=control.status()["gateware"])
        p = start(reloadfpga="auto")
        report(gateware_now=control.status()["gateware"], led=p.rp.hk.led)
        """,
    )
    assert seen["error"]
    assert seen["gateware"] != "pyrpl" and seen["gateware_now"] == "pyrpl" and seen["led"] == 0


def test_while_it_reboots_the_board_cannot_be_reached(launch_board, run_pyrpl):
    seen = run_pyrpl(
        launch_board(),
        """
        control.reboot(away=60)
        wait_until(lambda: not control.status()["ssh"])
        try:
            start()
        except Exception as error:
            report(error=type(error).__name__, text=str(error))
        """,
    )
    assert seen["error"] == "ExpectedPyrplError" and "Could not connect" in seen["text"]


def test_a_foreign_gateware_reads_zeros_and_is_replaced(board, run_pyrpl):
    seen = run_pyrpl(
        board,
        """
        p.rp.hk.led = 9
        control.load_gateware("v0.94")
        report(led=p.rp.hk.led, id=p.rp.hk._read(0))
        p = start(reloadfpga="auto")
        report(id_now=p.rp.hk._read(0))
        """,
    )
    assert seen["led"] == 0 and seen["id"] == 0 and seen["id_now"] == 1


@pytest.mark.parametrize(("version", "parsed"), [("0.92", "0.92"), ("3.01", "3.01"), ("none", "unknown")])
def test_pyrpl_reads_the_version_that_was_set(board, run_pyrpl, version, parsed):
    board.control.os_version(version)
    assert run_pyrpl(board, "report(os=p.rp.os_version)")["os"] == parsed


def test_a_changed_password_locks_pyrpl_out(board, run_pyrpl):
    seen = run_pyrpl(
        board,
        """
        p.rp.hk.led = 5
        control.password("secret")
        try:
            start()
        except Exception as error:
            report(error=type(error).__name__, text=str(error))
        report(led=start(password="secret").rp.hk.led)
        """,
    )
    assert seen["error"] == "ExpectedPyrplError" and "Authentication failed" in seen["text"]
    assert seen["led"] == 5


def test_a_second_client_takes_the_board_and_pyrpl_takes_it_back(board, run_pyrpl):
    seen = run_pyrpl(
        board,
        """
        p.rp.hk.led = 5
        mine = "%s:%d" % p.rp.client.socket.getsockname()
        report(before=control.status()["clients"] == [mine])
        control.second_client()
        wait_until(lambda: control.status()["clients"] not in ([], [mine]))
        led = p.rp.hk.led
        mine = "%s:%d" % p.rp.client.socket.getsockname()
        report(led=led, after=control.status()["clients"] == [mine])
        """,
    )
    assert seen["before"] and seen["led"] == 5 and seen["after"]
    assert "Error occured in reading attempt 0" in seen["log"]


def test_the_plant_is_changed_while_it_runs(board, run_pyrpl):
    seen = run_pyrpl(
        board,
        """
        p.rp.asg0.setup(waveform="dc", offset=0.4, amplitude=0, output_direct="out1",
                        trigger_source="immediately")
        p.rp.scope.setup(input1="in1", duration=1e-4, trigger_source="immediately")
        def level():
            return float(p.rp.scope.single(timeout=5)[0].mean())
        report(before=level())
        control.plant_parameters(gain=0.5)
        report(halved=level())
        control.plant("loopback", gain=-1)
        report(inverted=level())
        control.plant("own_plant:Swapped")
        report(swapped=level())
        """,
    )
    assert seen["before"] == pytest.approx(0.4, abs=0.002)
    assert seen["halved"] == pytest.approx(0.2, abs=0.002)
    assert seen["inverted"] == pytest.approx(-0.4, abs=0.002)
    assert seen["swapped"] == pytest.approx(0, abs=0.002)
