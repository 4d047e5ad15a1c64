"""Bad input is a clear error of a class that can be caught; nothing changes, and the daemon continues."""

import math
import re

import numpy as np
import pytest

from pyrpl_remote import connect, errors

from ..daemons import fake_board
from ..processes import our_processes

#: arrays of 320 MB, of which no message may hold one, and of 40 MB
TOO_LARGE, LARGE = (2, 20_000_000), (2, 2_500_000)


@pytest.fixture(scope="module")
def p():
    """A board whose registers PyRPL simulates itself: no signal is needed here."""
    with fake_board("simulated") as p:
        yield p


#: PyRPL raises the one or the other, or a class made from it
REFUSED = (ValueError, TypeError)


def require_a_working_board(p):
    leds = p.rp.hk.led ^ 1
    p.rp.hk.led = leds
    assert p.rp.hk.led == leds


def attribute(path: str, value: object, error, message: str, name: str = ""):
    return pytest.param(path, value, error, message, id=f"{path}={name or value}")


@pytest.mark.parametrize(
    ("path", "value", "error", "message"),
    [
        attribute("rp.pid0.setpoint", math.nan, REFUSED, "NaN"),
        attribute("rp.pid0.setpoint", "much", REFUSED, "much"),
        attribute("rp.pid0.setpoint", None, REFUSED, "None"),
        attribute("rp.pid0.setpoint", [1, 2], REFUSED, "list"),
        attribute("rp.pid0.setpoint", {}, REFUSED, "dict"),
        attribute("rp.pid0.setpoint", np.zeros(3), REFUSED, "numpy.ndarray", "array"),
        attribute("rp.pid0.setpoint", np.zeros(LARGE), REFUSED, "numpy.ndarray", "large array"),
        attribute(
            "rp.pid0.setpoint",
            np.zeros(TOO_LARGE),
            errors.NotTransferable,
            "at most 256 MB",
            "too large array",
        ),
        attribute("rp.pid0.setpoint", object(), errors.NotTransferable, "cannot travel", "object"),
        attribute("rp.pid0.setpoint", print, errors.NotTransferable, "cannot travel", "function"),
        attribute("rp.pid0.ival", math.nan, REFUSED, "NaN"),
        attribute("rp.asg0.frequency", math.nan, REFUSED, "NaN"),
        attribute("rp.asg0.frequency", "fast", REFUSED, "fast"),
        attribute("rp.asg0.data", np.full(2**14, np.nan), REFUSED, "NaN", "array of NaN"),
        attribute("rp.asg0.data", "sine", REFUSED, "not supported for the input types"),
        attribute("rp.asg0.waveform", "wiggly", REFUSED, "wiggly"),
        attribute("rp.asg0.trigger_source", 17, REFUSED, "17"),
        attribute("rp.scope.input1", None, REFUSED, "None"),
        attribute("rp.scope.trace_average", math.nan, REFUSED, "NaN"),
        attribute("rp.scope.trace_average", "many", REFUSED, "many"),
        attribute("rp.scope.duration", math.nan, REFUSED, "NaN"),
        attribute("rp.iq0.bandwidth", "wide", REFUSED, "wide"),
        attribute("rp.pid0.inputfilter", ["narrow"], REFUSED, "narrow"),
        attribute("networkanalyzer.points", "some", REFUSED, "some"),
        attribute("networkanalyzer.start_freq", math.nan, REFUSED, "NaN"),
        attribute("lockbox.classname", "Telescope", REFUSED, "Telescope"),
        attribute("rp.scope.sampling_time", "often", REFUSED, "often"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_and_changes_nothing(p, path, value, error, message):
    module, _, name = path.rpartition(".")
    for step in module.split("."):
        owner = getattr(p if step in ("rp", "networkanalyzer", "lockbox") else p.rp, step)
    before = getattr(owner, name)

    with pytest.raises(error, match=message) as caught:
        setattr(owner, name, value)

    said = "".join([str(caught.value), *getattr(caught.value, "__notes__", [])])
    assert isinstance(caught.value, errors.NotTransferable) or (
        "board 'simulated'" in said and path in said
    ), said
    np.testing.assert_array_equal(getattr(owner, name), before)
    require_a_working_board(p)


@pytest.mark.parametrize(
    ("attempt", "error", "message"),
    [
        (lambda p: p.rp.scope.single(timeout="long"), TypeError, "timeout"),
        (lambda p: p.rp.scope.single(timeout=math.nan), ValueError, "timeout"),
        (lambda p: p.rp.scope.single(wobble=1), TypeError, "wobble"),
        (lambda p: p.rp.scope.single(1, 2, 3), TypeError, "too many positional arguments"),
        (lambda p: p.rp.scope.single_async(wobble=1).result(), TypeError, "wobble"),
        (lambda p: p.rp.asg0.setup(amplitude=math.nan), ValueError, "NaN"),
        (lambda p: p.rp.scope.load_state("never saved"), KeyError, "never saved"),
        (lambda p: p.rp.sampler.stats("in7"), AttributeError, "in7"),
        (lambda p: p.rp.sampler.stats("in1", t="long"), TypeError, "'float' and 'str'"),
        (lambda p: p.rp.scope.snapshot("wobble"), errors.UnknownAttribute, "wobble"),
        (lambda p: p.rp.scope.update(wobble=1), errors.UnknownAttribute, "wobble"),
        (lambda p: p.rp.scope.options_of("wobble"), errors.UnknownAttribute, "wobble"),
        (lambda p: p.rp.scope.on_change("not a function"), TypeError, "callable"),
        (lambda p: p.rp.scope.on_curve(None), TypeError, "callable"),
        (lambda p: p.pids.pop(object()), errors.NotTransferable, "cannot travel"),
        (lambda p: p.load_curve("seven"), TypeError, "seven"),
        (lambda p: p.load_curve(10**30), FileNotFoundError, "No such file"),
        (lambda p: p.create_curve([1, 2], [1, 2, 3], name="uneven"), ValueError, "of one length"),
        (lambda p: setattr(p.c, "wobble", object()), errors.NotTransferable, "cannot travel"),
    ],
)
def test_a_call_that_makes_no_sense_is_an_error_and_the_daemon_continues(p, attempt, error, message):
    with pytest.raises(error, match=message):
        attempt(p)
    require_a_working_board(p)


@pytest.mark.parametrize("name", ["x" * 300, "sub/", 7])
def test_a_name_that_no_board_can_have_is_refused(name):
    with pytest.raises(errors.BadParameter, match="cannot be the name of a board"):
        connect(name, hostname="127.0.0.1")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"port": "ssh"}, "port='ssh' is not valid\n  -> it must be a whole number"),
        ({"port": -1}, "port=-1 is not valid\n  -> it must be a number from 1 to 65535"),
        ({"sshport": 70_000}, "sshport=70000 is not valid\n  -> it must be a number from 1 to 65535"),
        ({"hostname": 5}, "hostname=5 is not valid\n  -> it must be a string"),
        ({"delay": "long"}, "delay='long' is not valid\n  -> it must be a number"),
        ({"delay": -0.1}, "delay=-0.1 is not valid\n  -> it must be a finite number that is not negative"),
        (
            {"timeout": math.inf},
            "timeout=inf is not valid\n  -> it must be a finite number that is not negative",
        ),
        ({"hostnam": "rp"}, "a board has no parameter 'hostnam'\n  -> did you mean 'hostname'?"),
        ({"wobble": 1}, "a board has no parameter 'wobble'\n  -> it has autostart, delay, "),
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused_before_a_daemon_starts(parameters, message):
    before = our_processes()
    with pytest.raises(errors.BadParameter, match=re.escape(message)):
        connect("nonsense", **{"hostname": "127.0.0.1", **parameters})
    assert our_processes() == before
