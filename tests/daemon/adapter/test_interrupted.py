"""An acquisition that an error ends: `running_state` says what is true."""

import pytest

from pyrpl_remote.errors import BoardLinkLost


@pytest.fixture
def fail(rig, monkeypatch):
    """A function that makes so many accesses to the board's registers raise an error, by default all.

    The later ones raise `then`, if that is given.
    """
    client = rig.pyrpl.rp.client

    def begin(error: Exception, count: float = float("inf"), then: Exception | None = None) -> None:
        left = [count]

        def broken(access):
            def run(*args):
                if left[0] > 0:
                    left[0] -= 1
                    raise error
                if then is not None:
                    raise then
                return access(*args)

            return run

        monkeypatch.setattr(client, "reads", broken(client.reads))
        monkeypatch.setattr(client, "writes", broken(client.writes))

    return begin


def test_a_continuous_acquisition_that_an_error_ends_says_stopped_and_the_log_says_why(
    rig, scope, fail, caplog
):
    scope.continuous()
    fail(ValueError("an odd word"))
    rig.until(lambda: scope.running_state == "stopped", "the end")
    assert "scope: its continuous acquisition has ended by an error" in caplog.text
    assert "an odd word" in caplog.text


def test_a_curve_that_an_error_ends_leaves_the_module_stopped(rig, ada, scope, fail):
    future = rig.dispatcher.call(ada, "rp.scope", "single_async", [], {})
    fail(ValueError("an odd word"))
    with pytest.raises(ValueError, match="an odd word"):
        rig.result(future)
    assert scope.running_state == "stopped"


def test_what_cannot_be_switched_off_is_in_the_log(rig, fail, caplog):
    analyzer = rig.pyrpl.networkanalyzer
    analyzer.continuous()
    fail(ValueError("an odd word"))
    rig.until(lambda: "networkanalyzer could not be stopped" in caplog.text, "the log")
    assert analyzer.running_state == "stopped"


def test_what_cannot_go_on_when_the_board_is_back_is_in_the_log(rig, fail, caplog):
    analyzer = rig.pyrpl.networkanalyzer
    analyzer.single_async()
    fail(BoardLinkLost("a loss of one access"), 1, then=ValueError("an odd word"))
    rig.until(lambda: "networkanalyzer could not go on" in caplog.text, "the log")
    assert "an odd word" in caplog.text
    assert analyzer.running_state == "stopped"


def test_a_board_that_is_back_before_the_loss_was_noticed_is_used_at_once(rig, scope, fail):
    frames = []
    scope._signal_launcher.display_curve.connect(lambda curve: frames.append(curve))
    scope.continuous()
    fail(BoardLinkLost("a loss of one access"), 1)
    rig.until(lambda: frames, "a curve")
    assert scope.running_state == "running_continuous"
