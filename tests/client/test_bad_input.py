"""Bad input in each place: a clear error of a class that can be caught, nothing changed, and the daemon goes on serving."""

import math

import numpy as np
import pytest

from pyrpl_remote import connect, errors

#: arrays of 320 MB, of which no message may hold one, and of 40 MB
TOO_LARGE, LARGE = (2, 20_000_000), (2, 2_500_000)
#: PyRPL raises the one or the other, or a class made from it
REFUSED = (ValueError, TypeError)


def attribute(path: str, value: object, error, message: str, name: str = ""):
    return pytest.param(path, value, error, message, id=f"{path}={name or value}")


@pytest.mark.parametrize(
    "path, value, error, message",
    [
        attribute("rp.pid0.setpoint", math.nan, REFUSED, "NaN"),
        attribute("rp.pid0.setpoint", "much", REFUSED, "much"),
        attribute("rp.pid0.setpoint", None, REFUSED, "None"),
        attribute("rp.pid0.setpoint", [1, 2], REFUSED, "list"),
        attribute("rp.pid0.setpoint", {}, REFUSED, "dict"),
        attribute("rp.pid0.setpoint", np.zeros(3), REFUSED, None, "array"),
        attribute("rp.pid0.setpoint", np.zeros(LARGE), REFUSED, None, "large array"),
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
        attribute("rp.asg0.data", "sine", REFUSED, None),
        attribute("rp.asg0.waveform", "wiggly", REFUSED, "wiggly"),
        attribute("rp.asg0.trigger_source", 17, REFUSED, "17"),
        attribute("rp.scope.input1", None, REFUSED, "None"),
        attribute("rp.scope.trace_average", math.nan, REFUSED, "NaN"),
        attribute("rp.scope.trace_average", "many", REFUSED, "many"),
        attribute("rp.scope.duration", math.nan, REFUSED, "NaN"),
        attribute("rp.iq0.bandwidth", "wide", REFUSED, None),
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
    assert isinstance(caught.value, errors.NotTransferable) or ("board 'virtual'" in said and path in said), (
        said
    )
    np.testing.assert_array_equal(getattr(owner, name), before)
    assert p.rp.hk.led >= 0


@pytest.mark.parametrize(
    "attempt, error, message",
    [
        (lambda p: p.rp.scope.single(timeout="long"), TypeError, "timeout"),
        (lambda p: p.rp.scope.single(timeout=math.nan), ValueError, "timeout"),
        (lambda p: p.rp.scope.single(wobble=1), TypeError, "wobble"),
        (lambda p: p.rp.scope.single(1, 2, 3), TypeError, None),
        (lambda p: p.rp.scope.single_async(wobble=1).result(), TypeError, "wobble"),
        (lambda p: p.rp.asg0.setup(amplitude=math.nan), ValueError, "NaN"),
        (lambda p: p.rp.scope.load_state("never saved"), KeyError, "never saved"),
        (lambda p: p.rp.sampler.stats("in7"), Exception, "in7"),
        (lambda p: p.rp.sampler.stats("in1", t="long"), TypeError, None),
        (lambda p: p.rp.scope.snapshot("wobble"), errors.UnknownAttribute, "wobble"),
        (lambda p: p.rp.scope.update(wobble=1), errors.UnknownAttribute, "wobble"),
        (lambda p: p.rp.scope.options_of("wobble"), errors.UnknownAttribute, "wobble"),
        (lambda p: p.rp.scope.on_change("not a function"), TypeError, "callable"),
        (lambda p: p.rp.scope.on_curve(None), TypeError, "callable"),
        (lambda p: p.pids.pop(object()), errors.NotTransferable, "cannot travel"),
        (lambda p: p.load_curve("seven"), Exception, "seven"),
        (lambda p: p.load_curve(10**30), Exception, None),
        (lambda p: p.create_curve([1, 2], [1, 2, 3], name="uneven"), ValueError, None),
        (lambda p: setattr(p.c, "wobble", object()), errors.NotTransferable, "cannot travel"),
    ],
)
def test_a_call_that_makes_no_sense_is_an_error_and_the_daemon_goes_on(p, attempt, error, message):
    with pytest.raises(error, match=message):
        attempt(p)
    assert p.rp.hk.led >= 0


@pytest.mark.parametrize("name", ["", "with space", "x" * 300, "a:b", 7])
def test_a_name_that_no_board_can_have_is_refused(name):
    with pytest.raises((ValueError, TypeError), match="name"):
        connect(name, hostname="127.0.0.1")


@pytest.mark.parametrize(
    "parameters", [{"port": "ssh"}, {"port": -1}, {"sshport": 70_000}, {"hostname": 5}, {"wobble": 1}]
)
def test_a_parameter_that_makes_no_sense_is_refused_before_a_daemon_starts(parameters):
    with pytest.raises((ValueError, TypeError), match=next(iter(parameters))):
        connect("nonsense", **{"hostname": "127.0.0.1", **parameters})
