"""What is remembered only for as long as it exists, from any thread."""

from pyrpl_remote.client.connections.living import Living


class Thing:
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Thing)

    def __hash__(self) -> int:
        return 1


def test_all_that_exist_are_known_also_those_that_are_equal():
    living, things = Living(), [Thing(), Thing(), Thing()]
    for thing in things:
        living.add(thing)
    assert {id(thing) for thing in living} == {id(thing) for thing in things}
    del things[0], thing
    assert {id(thing) for thing in living} == {id(thing) for thing in things}


def test_one_that_is_added_while_another_thread_iterates_ends_no_iteration():
    living, things = Living(), [Thing(), Thing()]
    living.add(things[0])
    iterator = iter(living)
    living.add(things[1])
    assert [id(thing) for thing in iterator] == [id(things[0])]
    assert len(list(living)) == 2
