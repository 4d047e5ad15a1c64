"""What belongs to one board is not taken for another board's, and copies of proxies are the proxies."""

import copy
import os
import pickle

import pytest

from pyrpl_remote import connect, errors

from ..daemons import fake_board


@pytest.fixture(scope="module")
def other(own_pyrpl_folder):
    with fake_board("rp2") as other:
        yield other


@pytest.fixture(scope="module")
def a(own_pyrpl_folder):
    with fake_board("rp1") as a:
        yield a


@pytest.mark.parametrize(
    "attempt",
    [
        lambda a, b: setattr(a.rp.pid0, "input", b.rp.asg1),
        lambda a, b: a.rp.pid0.setup(input=b.rp.asg1),
        lambda a, b: a.rp.pid0.update(p=1, input=b.rp.asg1),
        lambda a, b: a.rp.scope.single_async(b.rp.asg1),
        lambda a, b: a.pids.free(b.rp.pid0),
        lambda a, b: setattr(a.rp.pid0, "owner", [b.rp.asg1]),
        lambda a, b: setattr(a.rp.pid0, "setup_attributes", {"input": b.rp.asg1}),
        lambda a, b: setattr(a.lockbox, "sequence", [{"input": (b.lockbox.inputs.input1,)}]),
        lambda a, b: a.lockbox.sequence.append({"input": b.lockbox.inputs.input1}),
        lambda a, b: a.rp.iir.complex_zeros.append(b.rp.iir),
        lambda a, b: a.create_curve([1], [2], taken_with=b.rp.scope),
        lambda a, b: setattr(a.c, "taken_with", b.rp.scope),
        lambda a, b: setattr(a.curveviewer, "curve", b.create_curve([1], [2], name="theirs")),
        lambda a, b: setattr(
            a.curveviewer, "curve", pickle.loads(pickle.dumps(b.create_curve([1], [2], name="theirs")))
        ),
    ],
)
def test_a_module_or_curve_of_another_board_is_refused_and_nothing_is_sent(a, other, attempt):
    before = a.rp.pid0.input
    with pytest.raises(errors.NotTransferable, match=r"board 'rp2'.* not to board 'rp1'; nothing was sent"):
        attempt(a, other)
    assert a.rp.pid0.input == before


def test_sessions_of_one_board_share_its_modules(a):
    with fake_board("rp1", private=True) as private:
        a.rp.pid0.input = private.rp.asg1
        assert a.rp.pid0.input == "asg1"
        private.rp.pid0.input = a.rp.asg0
        assert a.rp.pid0.input == "asg0"


def test_a_branch_of_another_boards_configuration_is_copied(a, other):
    other.c.mine = {"gain": [1, {"limit": 0.5}]}
    a.c.theirs = other.c.mine
    assert a.c.theirs._data == {"gain": [1, {"limit": 0.5}]}


def belongs_to_this_process(a):
    yield a, a
    yield a.rp.pid0, a.rp.pid0
    yield a.lockbox.sequence, a.lockbox.sequence
    yield a.lockbox.inputs, a.lockbox.inputs
    yield a.c, a.c
    yield a.c.pyrpl, a.c.pyrpl
    subscription = a.on_change(print)
    yield subscription, subscription
    subscription.close()
    a.rp.scope.setup(duration=1e-3, trigger_source="ch1_positive_edge", threshold=0.9)
    future = a.rp.scope.single_async()
    yield future, future
    future.cancel()


def test_a_copy_of_a_proxy_is_the_proxy(a):
    for one, same in belongs_to_this_process(a):
        assert copy.copy(one) is one
        assert copy.deepcopy({"all": [one]})["all"][0] is one
        assert same == one


def test_a_proxy_cannot_be_pickled(a):
    for one, _ in belongs_to_this_process(a):
        with pytest.raises(errors.NotTransferable, match=r"connect\(\) in the other process"):
            pickle.dumps([one])


def test_a_module_that_a_closed_board_had_is_not_listed_as_held():
    first = connect("virtual")
    with connect("virtual") as second:
        scope, pid = first.rp.scope, second.rp.pid0
        (client,) = second.status().clients
        assert {"rp.scope", "rp.pid0"} <= set(client.modules)
        first.close()
        (client,) = second.status().clients
        assert "rp.scope" not in client.modules and "rp.pid0" in client.modules
        del scope, pid


def test_the_configuration_file_has_its_folder(a):
    assert os.path.isabs(a.c._filename) and os.path.exists(a.c._filename)


def test_a_missing_curve_has_its_number_and_file_in_the_error(a):
    with pytest.raises(FileNotFoundError) as caught:
        a.load_curve(987654)
    assert caught.value.errno == 2
    assert caught.value.filename.endswith("987654.dat")
    assert "987654.dat" in str(caught.value)


def test_the_curve_of_a_calibration_is_known(a):
    with pytest.raises(AttributeError) as caught:
        a.lockbox.inputs.input1.calibration_data.curve
    assert isinstance(caught.value, errors.RemoteError)  # PyRPL has none yet
    curve = a.create_curve([1, 2], [3, 4], name="calibration")
    a.lockbox.inputs.input1.calibration_data.curve = curve
    assert a.lockbox.inputs.input1.calibration_data.curve.pk == curve.pk
