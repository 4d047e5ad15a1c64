"""`setup` takes the module's setup attributes; any other name is an error before anything is set."""

import inspect
from contextlib import contextmanager

import Pyro5.api
import pytest

from pyrpl_remote import errors
from pyrpl_remote.client.connections.connection import Connections

from ..daemons import fake_board


@pytest.fixture(scope="module")
def p():
    """A board whose registers PyRPL simulates itself: no signal is needed here."""
    with fake_board("simulated") as p:
        yield p


@contextmanager
def nothing_sent():
    sent = []
    exchange = Connections.exchange

    def note(connections, verb, args, arrays):
        if verb not in ("stream", "heartbeat", "status"):
            sent.append((verb, *args))
        return exchange(connections, verb, args, arrays)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connections, "exchange", note)
        yield
    assert sent == []


@pytest.mark.parametrize(
    ("path", "keywords", "remedy"),
    [
        ("rp.pid0", {"setpont": 0.1}, "did you mean 'setpoint'"),
        ("rp.asg0", {"amplitude": 0.1, "freq": 1}, "'frequency'"),
        ("rp.asg0", {"amplitue": 0.1}, "did you mean 'amplitude'"),
        ("networkanalyzer", {"start": 5e5, "stop": 6e5}, "'start_freq' now"),
        ("networkanalyzer", {"stop": 6e5}, "'stop_freq' now"),
        ("networkanalyzer", {"avg": 1}, "'average_per_point' now"),
        ("networkanalyzer", {"iq_name": "iq1"}, "PyRPL chooses a free iq"),
        ("spectrumanalyzer", {"avg": 1}, "'trace_average' now"),
        ("rp.scope", {"avg": 1}, "'trace_average' now"),
        ("rp.iq0", {"Q": 20}, "'bandwidth' now"),
        ("rp.iir", {"g": 2}, "'gain' now"),
        ("rp.pid0", {"xyzzy": 0}, "it has input, output_direct, setpoint"),
    ],
)
@pytest.mark.parametrize("method", ["setup", "set_setup_attributes"])
def test_a_name_that_setup_does_not_take_is_an_error_and_nothing_is_sent(p, path, keywords, remedy, method):
    module = p
    for step in path.split("."):
        module = getattr(module, step)
    with nothing_sent(), pytest.raises(errors.UnknownAttribute, match=remedy) as caught:
        getattr(module, method)(**keywords)
    assert f"board 'simulated': {path} " in str(caught.value)


def test_the_right_names_are_set_and_what_is_left_out_is_unchanged(p):
    p.rp.pid0.setup(setpoint=0.25, p=2)
    p.rp.pid0.setup(p=3)
    assert (p.rp.pid0.setpoint, p.rp.pid0.p) == (0.25, 3)


def test_an_attribute_that_pyrpl_does_not_save_is_set_too(p):
    p.rp.pid0.setup(input="off", p=0, i=0, ival=0.25)
    assert p.rp.pid0.ival == pytest.approx(0.25, abs=1e-3)
    with Pyro5.api.Proxy("PYRONAME:pyrpl.simulated.pid0") as pid:
        pid.setup(ival=0)
    assert p.rp.pid0.ival == 0


def test_an_attribute_that_cannot_be_set_is_left_to_pyrpl(p):
    # PyRPL's own examples have it; PyRPL warns and ignores it
    p.rp.scope.setup(duration=1e-3, running_state="stopped")
    assert p.rp.scope.running_state == "stopped"


def test_setup_and_assignment_give_the_same_answer_to_a_former_name(p):
    remedies = []
    for attempt in (
        lambda: setattr(p.networkanalyzer, "iq_name", "iq1"),
        lambda: p.networkanalyzer.iq_name,
        lambda: p.networkanalyzer.setup(iq_name="iq1"),
    ):
        with nothing_sent(), pytest.raises(errors.UnknownAttribute) as caught:
            attempt()
        remedies.append(caught.value.remedy)
    assert set(remedies) == {
        "PyRPL chooses a free iq for the network analyser: `networkanalyzer.iq` is the one"
    }


def test_the_signature_of_setup_has_the_setup_attributes(p):
    kind = p.rp.scope.description()
    for method in (p.rp.scope.setup, p.rp.scope.set_setup_attributes):
        parameters = inspect.signature(method).parameters
        assert list(parameters) == kind.setup_attributes
        assert {parameter.kind for parameter in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
    assert str(inspect.signature(p.rp.pid0.setup)).startswith("(*, input=unchanged, output_direct=unchanged")
    assert "selects the input signal of the module" in inspect.getdoc(p.rp.scope.setup)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda p: setattr(p.rp.pid0, "setup_attributes", {"p": 7, "setpont": 1}),
        lambda p: setattr(p.lockbox, "inputs", {"input1": {"calibration_data": {"setpont": 1}}}),
        lambda p: setattr(p.lockbox.inputs.input1, "calibration_data", {"min": 7, "setpont": 1}),
        lambda p: p.lockbox.setup(inputs={"inptu": {}}),
        lambda p: p.lockbox.setup(default_sweep_output="output2", sequence=[{"setpont": 1}]),
        lambda p: setattr(p.lockbox, "sequence", [{}, {"setpont": 1}]),
        lambda p: setattr(p.lockbox.sequence, "setup_attributes", [{"setpont": 1}]),
        lambda p: p.lockbox.sequence.append({"setpont": 1}),
        lambda p: p.lockbox.sequence.insert(0, {"setpont": 1}),
        lambda p: p.lockbox.sequence.extend([{}, {"setpont": 1}]),
        lambda p: p.lockbox.sequence.__setitem__(0, {"setpont": 1}),
        lambda p: p.lockbox.sequence[0].setup(setpont=1),
        lambda p: p.lockbox.sequence.append({"outputs": {"output1": {"setpont": 1}}}),
        lambda p: p.lockbox.lock(setpont=1),
        lambda p: p.lockbox.lock_async(setpont=1).result(10),
    ],
)
def test_a_wrong_name_inside_a_dict_is_an_error_before_anything_is_set(p, attempt):
    before = (p.rp.pid0.setup_attributes, p.lockbox.setup_attributes)
    with pytest.raises(errors.UnknownAttribute, match=r"setpont|inptu"):
        attempt(p)
    assert (p.rp.pid0.setup_attributes, p.lockbox.setup_attributes) == before


def test_what_a_module_returns_can_be_assigned_again(p):
    for module in [p.lockbox, p.networkanalyzer, p.rp.scope, p.rp.pid0, p.lockbox.inputs.input1]:
        saved = module.setup_attributes
        module.setup_attributes = saved
        module.setup(**saved)
        assert module.setup_attributes.keys() == saved.keys()
    p.lockbox.sequence.append({})
    p.lockbox.sequence.append({"input": "input1", "outputs": {"output1": {"lock_on": "ignore"}}})
    assert len(p.lockbox.sequence) == 3
    del p.lockbox.sequence[-1], p.lockbox.sequence[-1]


def test_an_output_of_the_lockbox_is_locked_with_keywords(p):
    output = p.lockbox.outputs.output1
    output.lock(input="input1", setpoint=0.125, gain_factor=1.0)
    assert (output.current_state, output.pid.setpoint) == ("lock", 0.125)
    output.unlock()


def test_any_pyro5_client_gets_the_error_too(p):
    with Pyro5.api.Proxy("PYRONAME:pyrpl.simulated.asg0") as asg:
        before = asg.amplitude
        with pytest.raises(AttributeError, match="'frequency'"):
            asg.setup(amplitude=before / 2 + 0.1, freq=1)
        assert asg.amplitude == before


def test_the_command_line_refuses_the_name(p, command):
    done = command("call", "simulated", "pid0.setup", "setpont=0.1")
    assert done.returncode != 0
    assert "did you mean 'setpoint'" in done.stderr
    assert "Traceback" not in done.stderr
