"""The description of a board and its status arrive as they were sent, and read as a user expects."""

import inspect

import pytest
from Pyro5.serializers import serializers

from pyrpl_remote import board_status, schema
from pyrpl_remote.board_status import (
    BoardStatus,
    ClientStatus,
    DaemonStatus,
    LinkStatus,
    RequestsStatus,
    SavingStatus,
    VerbStatus,
)
from pyrpl_remote.schema import Attribute, Description, Method, ModuleType, Parameter

DESCRIPTION = Description(
    types={
        "Pid": ModuleType(
            "Pid",
            doc="A PID module",
            attributes={"p": Attribute("p", "float", "gain", False, -1.0, 0.5, 2**-12, "1", None, 0.0)},
            methods={
                "setup": Method(
                    "setup",
                    "sets up",
                    [Parameter("p", "POSITIONAL_OR_KEYWORD", True, 1.0), Parameter("kwargs", "VAR_KEYWORD")],
                )
            },
            submodules=["inner"],
            setup_attributes=["p"],
            local_only={"_logger": "use logging"},
        ),
        "List": ModuleType("List", container="list"),
    },
    modules={"": "Pyrpl", "rp.pid0": "Pid"},
)

STATUS = BoardStatus(
    board="lab",
    state="connected",
    hostname="rp-f08d6c.local",
    link=LinkStatus("reconnecting", "no answer", 12.5),
    daemon=DaemonStatus(42, 1.0, 2.0, "1.0", None, "/log"),
    clients=[ClientStatus("notebook", "ada", "lab1", None, 3.0, ["rp.pid0"])],
    saving=SavingStatus("failing", "/lab.yml cannot be written: No space left on device", 4.0),
    requests=RequestsStatus(
        5, 0.5, verbs={"get": VerbStatus(5, 0.5, 1e-4, 3e-4, p99=2e-4)}, errors={"ValueError": 1}
    ),
)


@pytest.mark.parametrize("serializer", ["msgpack", "serpent"])
def test_a_description_arrives_as_it_was_sent(serializer):
    travelled = serializers[serializer].loads(serializers[serializer].dumps(schema.to_data(DESCRIPTION)))
    assert schema.description_from_data(travelled) == DESCRIPTION


@pytest.mark.parametrize("serializer", ["msgpack", "serpent"])
def test_a_status_arrives_as_it_was_sent(serializer):
    travelled = serializers[serializer].loads(serializers[serializer].dumps(schema.to_data(STATUS)))
    arrived = board_status.status_from_data(travelled)
    assert schema.to_data(arrived) == schema.to_data(STATUS)
    assert isinstance(arrived.clients[0], ClientStatus)
    assert isinstance(arrived.requests.verbs["get"], VerbStatus)


def test_the_status_of_a_daemon_of_another_release_is_understood():
    """It may have fields that this release does not know, and lack those that this release has added."""
    data = schema.to_data(STATUS)
    parts = (
        data,
        data["link"],
        data["daemon"],
        data["clients"][0],
        data["requests"],
        data["requests"]["verbs"]["get"],
    )
    for part in parts:
        part["of_tomorrow"] = 1
    assert schema.to_data(board_status.status_from_data(data)) == schema.to_data(STATUS)
    older = {key: data[key] for key in ("board", "state", "hostname", "link", "daemon", "clients")}
    older["link"] = {key: data["link"][key] for key in ("state", "reason", "since")}
    arrived = board_status.status_from_data(older)
    assert (arrived.link.state, arrived.link.latency, arrived.requests.count) == ("reconnecting", None, 0)


def test_a_description_with_fields_of_another_release_is_understood():
    data = schema.to_data(DESCRIPTION)
    pid = data["types"]["Pid"]
    for part in (
        pid,
        pid["attributes"]["p"],
        pid["methods"]["setup"],
        pid["methods"]["setup"]["parameters"][0],
    ):
        part["of_tomorrow"] = 1
    assert schema.description_from_data(data) == DESCRIPTION


def test_a_method_has_pyrpls_signature():
    signature = DESCRIPTION.types["Pid"].methods["setup"].signature()
    assert str(signature) == "(p=1.0, **kwargs)"
    assert signature.parameters["kwargs"].default is inspect.Parameter.empty


@pytest.mark.parametrize(
    ("minimum", "maximum", "words"),
    [
        (None, None, ""),
        (-1.0, 0.999878, "-1 to 0.999878"),
        (0, None, "0 to inf"),
        (None, 125e6, "-inf to 1.25e+08"),
    ],
)
def test_limits_are_shown_in_words(minimum, maximum, words):
    assert Attribute("p", minimum=minimum, maximum=maximum).limits() == words


def test_a_status_reads_by_attribute_and_as_a_mapping():
    assert STATUS.daemon.pid == STATUS["daemon"]["pid"] == 42
    assert list(STATUS.link)[:3] == ["state", "reason", "since"]
    assert dict(STATUS.clients[0]) == {**schema.to_data(STATUS.clients[0])}
    assert STATUS["requests"]["verbs"]["get"]["p99"] == 2e-4
    assert len(STATUS) == len(list(STATUS))
    assert "board" in STATUS
    assert STATUS.get("nothing") is None


@pytest.mark.parametrize("name", ["nothing", "__len__", "keys"])
def test_a_status_has_no_other_keys_than_its_fields(name):
    with pytest.raises(KeyError):
        STATUS[name]
