"""The scope that records for the watch: whoever uses it gets it as it was."""

import pytest

from pyrpl_remote.daemon.caller import Caller


@pytest.fixture
def set_scope(rig):
    """The scope with a user's settings, which are returned."""
    scope = rig.pyrpl.rp.scope
    scope.setup(
        input1="in2",
        input2="out1",
        duration=1e-3,
        average=False,
        trigger_source="ch1_positive_edge",
        rolling_mode=False,
        run_continuous=False,
    )
    return dict(scope.setup_attributes)


@pytest.fixture
def lent(rig, set_scope):
    from pyrpl_remote.daemon.adapter.lockbox.lent_scope import LentScope

    lent = LentScope(rig.pyrpl)
    lent.lend("iq0", "pid0")
    assert lent.lent
    yield lent
    lent.give_back()


def word(rig, address):
    return int(rig.pyrpl.rp.client.reads(0x40100000 + address, 1)[0])


def settings(rig):
    return dict(rig.pyrpl.rp.scope.setup_attributes)


def test_while_it_is_lent_the_fpga_records_and_no_setting_is_saved(rig, lent):
    assert word(rig, 0x14) == 2**14
    assert rig.pyrpl.c.scope["input1"] == "in2" and rig.pyrpl.c.scope["average"] is False
    assert lent.lent  # none of this has read PyRPL's scope


def test_a_client_that_reads_or_writes_it_gets_it_as_it_was(rig, lent, set_scope, ada):
    assert rig.dispatcher.get(ada, "rp.scope", "duration") == set_scope["duration"]
    assert not lent.lent
    assert settings(rig) == set_scope
    assert rig.dispatcher.get(ada, "rp.scope", "duration") == set_scope["duration"]
    lent.lend("iq0", "pid0")
    rig.dispatcher.set(ada, "rp.scope", "input1", "in1")
    assert settings(rig) == {**set_scope, "input1": "in1"}


@pytest.mark.parametrize(
    "use",
    [
        lambda rig: rig.pyrpl.rp.scope,
        lambda rig: rig.pyrpl.spectrumanalyzer.scope,
        lambda rig: rig.modules.module("rp.scope"),
        lambda rig: rig.dispatcher.describe(Caller("x", "x")),
        lambda rig: rig.pyrpl.scopes.free(rig.pyrpl.scopes.pop("ada")),
    ],
    ids=["PyRPL", "spectrum analyzer", "path", "description", "pop"],
)
def test_every_way_to_it_gives_it_back(rig, lent, set_scope, use):
    use(rig)
    assert not lent.lent
    assert settings(rig) == set_scope
    # PyRPL's class is as it was
    assert "scope" not in vars(type(rig.pyrpl.rp)) and vars(rig.pyrpl.rp)["scope"] is rig.pyrpl.rp.scope


def test_an_acquisition_that_begins_meanwhile_is_not_disturbed(rig, lent, set_scope, ada):
    future = rig.dispatcher.call(ada, "rp.scope", "single_async", [], {})
    assert not lent.lent
    rig.until(lambda: not lent.is_idle(), "the acquisition")
    rig.dispatcher.abandon(future)


def test_it_is_not_idle_while_somebody_owns_it(rig, lent):
    lent.give_back()
    assert lent.is_idle()
    with rig.pyrpl.scopes.pop("ada"):
        assert not lent.is_idle()
    assert lent.is_idle()


def test_the_trace_ends_at_the_event_and_begins_2_s_before_at_most(rig, lent):
    trace = lent.trace()
    assert trace is None or (trace.shape[0] == 3 and trace[0, -1] == 0 and trace[0, 0] >= -2.0)
    lent.give_back()
    assert lent.trace() is None


def test_what_a_killed_daemon_had_lent_is_set_again_unless_somebody_has_set_it_since(rig, set_scope):
    from pyrpl_remote.daemon.adapter.lockbox.lent_scope import LENT_DECIMATION, LentScope

    lent = LentScope(rig.pyrpl)
    noted = lent.values("iq0", "pid0")
    # the next daemon has taken over what the FPGA had
    scope = rig.pyrpl.rp.scope
    scope.input1, scope.input2, scope.decimation, scope.average = "iq0", "pid0", LENT_DECIMATION, True
    lent.restore(noted)
    assert settings(rig) == set_scope
    scope.input1 = "in1"
    lent.restore(noted)
    assert scope.input1 == "in1"
