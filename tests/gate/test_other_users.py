"""A gate serves the boards of its own user: programs of other users are neither listed nor spoken to."""

from contextlib import closing

import pytest

from pyrpl_remote.transport.lan import gate_connection

from ..processes import reports
from ..users import other_users
from .hosts import as_user_of, one_machine, pair

IMPOSTOR = """
    import socket
    from pyrpl_remote.names import directory
    sock = socket.create_server(("127.0.0.1", 0))
    place = "127.0.0.1:%d" % sock.getsockname()[1]
    tags = {"pyrpl", "name:taken", "board:x:22"}
    with directory.name_server() as names:
        for name, kind in {"pyrpl.taken": "kind:board", "pyrpl.taken.pid0": "kind:Pid"}.items():
            names.register(name, f"PYRO:{name}@{place}", metadata={*tags, kind})
    report(place=place)
    input()
    sock.settimeout(0.1)
    heard = b""
    try:
        while True:
            connection, _ = sock.accept()
            connection.settimeout(1)
            heard += connection.recv(1000)
    except TimeoutError:
        report(heard=heard.decode("latin-1"))
"""

LOOK = """
    from pyrpl_remote.gate import face
    from pyrpl_remote.names import directory
    report(boards=[entry.name for entry in directory.boards()], found=sorted(face.registered()))
"""


@pytest.fixture
def daq2(tmp_path):
    host = one_machine("daq2", tmp_path / "daq2")
    starter = host.client()  # a name server ends with a starter that has registered nothing
    starter.ask("from pyrpl_remote.names import starting; starting.ensure_name_server()")
    yield host
    starter.end()
    host.run("unshare")


@pytest.fixture
def laptop(tmp_path):
    return one_machine("laptop", tmp_path / "laptop")


def test_a_board_that_another_user_has_registered_is_neither_listed_nor_spoken_to(daq2, laptop):
    with other_users() as make:
        pair(daq2, laptop)
        (user,) = make(int(daq2.variables["PYRO_NS_PORT"]))
        impostor = user.run(IMPOSTOR)
        try:
            place = reports(impostor.stdout.readline())["place"]
            seen = daq2.python(LOOK)
            assert (seen["boards"], seen["found"]) == (["taken"], [])
            with as_user_of(laptop), closing(gate_connection.dial("daq2")) as gate:
                assert gate.ask("boards")["served"] == []
                assert not gate.ask("open", object="pyrpl.taken", location=place)["opened"]
        finally:
            output, error = impostor.communicate("\n", timeout=60)
        # the name server connects too, to see whether the program lives
        assert reports(output) == {"heard": ""}, error
