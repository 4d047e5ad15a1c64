"""Values arrive as they were sent, through each serializer that a Pyro5 client may speak."""

import enum
from collections import OrderedDict

import numpy as np
import pytest
from Pyro5.serializers import serializers

from pyrpl_remote import wire
from pyrpl_remote.errors import NotTransferable
from pyrpl_remote.wire import decode, encode


class Colour(enum.IntEnum):
    RED = 3


def through(value, serializer="msgpack"):
    travelled = serializers[serializer].loads(serializers[serializer].dumps(encode(value)))
    return decode(travelled)


@pytest.mark.parametrize("serializer", ["msgpack", "serpent"])
@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        -(2**63),
        2**64 - 1,
        2**80,
        1.5,
        float("inf"),
        "µ in1",
        b"\x00\xff",
        1 + 2j,
        (1, "a"),
        [1, [2.0, None]],
        {1, 2},
        {"a": 1},
        {1: "a", "b": (2,)},
        {"!array": "not one", "x": 1},
        {"!tuple": "not one either"},
        {"__class__": "no class"},
        {},
    ],
)
def test_plain_values_arrive_equal(value, serializer):
    arrived = through(value, serializer)
    assert arrived == value
    assert type(arrived) is type(value)


@pytest.mark.parametrize("serializer", ["msgpack", "serpent"])
@pytest.mark.parametrize("dtype", ["f8", "f4", "c16", "i2", "u4", "?"])
def test_arrays_arrive_with_their_shape_and_type_and_can_be_written(dtype, serializer):
    sent = (np.arange(24).reshape(2, 3, 4) % 7).astype(dtype)[:, ::-1]
    arrived = through(sent, serializer)
    assert arrived.dtype == sent.dtype
    np.testing.assert_array_equal(arrived, sent)
    arrived[0, 0, 0] = 1


def test_nan_arrives():
    assert np.isnan(through(float("nan")))


def test_numpy_scalars_and_enums_become_python_numbers():
    assert type(through(np.float64(0.5))) is float
    assert type(through(np.bool_(True))) is bool
    assert type(through(Colour.RED)) is int


def test_ordered_dicts_and_views_arrive_as_dict_and_list():
    assert through(OrderedDict(b=1, a=2)) == {"b": 1, "a": 2}
    assert through({"in1": 10}.keys()) == ["in1"]


def test_an_array_changed_after_encoding_does_not_change_the_message():
    array = np.zeros(3)
    plain = encode(array)
    array[:] = 1
    np.testing.assert_array_equal(decode(plain), np.zeros(3))


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (object(), "of type builtins.object"),
        (print, "of type builtins.builtin_function_or_method"),
        ([{"deep": Colour}], "of type enum.EnumMeta|of type enum.EnumType"),
        (np.array([object()]), "an array of Python objects"),
        ({"\udcff": 1}, "udcff"),
    ],
)
def test_a_value_that_cannot_be_encoded_is_an_error_with_its_type(value, what):
    with pytest.raises(NotTransferable, match=f"({what}).* cannot travel"):
        encode(value)


def test_bytes_with_more_than_a_message_can_hold_are_refused(monkeypatch):
    monkeypatch.setattr(wire, "MAX_MESSAGE_BYTES", 2**20)
    assert through(bytearray(2**20)) == bytes(2**20)
    for large in (bytes(2**20 + 1), "x" * (2**20 + 1), np.zeros(2**17 + 1)):
        with pytest.raises(NotTransferable, match="at most 1 MB"):
            encode(large)


@pytest.mark.parametrize(
    "plain",
    [{"!array": [1]}, {"!array": ["f8", [3], b"12"]}, {"!what": 1}, {"!complex": "x"}, {"!module": "rp"}],
)
def test_a_malformed_message_is_refused(plain):
    with pytest.raises(NotTransferable, match="malformed"):
        decode(plain)


def test_modules_travel_as_their_path():
    class Scope(list):
        pass

    scope = Scope()
    plain = encode([scope], lambda value: "rp.scope" if value is scope else None)
    assert plain == [{"!module": "rp.scope"}]
    assert decode(plain, {"!module": lambda path: f"proxy of {path}"}) == ["proxy of rp.scope"]


def test_a_dict_and_a_set_have_few_keys_whose_hashes_a_sender_can_choose():
    odd = [{"!complex": [-1000003.0 * number, float(number)]} for number in range(1001)]
    with pytest.raises(NotTransferable, match="at most 1000"):
        decode({"!dict": [[key, 1] for key in odd]})
    with pytest.raises(NotTransferable, match="at most 1000"):
        decode({"!set": odd})
    assert len(decode({"!set": odd[1:]})) == 1000
    assert len(decode({"!dict": [[number, 1] for number in range(5000)]})) == 5000
