"""The rooms of the house: who may import whom, held by reading every import of the two packages."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "pyrpl_remote").rglob("*.py")) + sorted((ROOT / "pymodaq_plugins_pyrpl").rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Absolute names of all modules that a file imports, at its top or inside its functions."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            names |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return names


def offenders(room: str, *forbidden: str, but: tuple[str, ...] = ()) -> list[str]:
    found = []
    for path in FILES:
        here = path.relative_to(ROOT).as_posix()
        if here.startswith(room) and here not in but:
            for name in sorted(imported(path)):
                if any(name == f or name.startswith(f + ".") for f in forbidden):
                    found.append(f"{here} imports {name}")
    return found


@pytest.mark.parametrize(
    ("room", "forbidden"),
    [
        ("pyrpl_remote/client/", ("pyrpl_remote.daemon", "pyrpl_remote.virtual", "pyrpl", "qtpy", "PyQt6", "PySide6")),
        ("pyrpl_remote/daemon/", ("pyrpl_remote.client", "pyrpl_remote.virtual", "pyrpl_remote.cli")),
        (
            "pyrpl_remote/virtual/",
            ("pyrpl_remote.client", "pyrpl_remote.daemon", "pyrpl_remote.cli", "pyrpl_remote.wire", "Pyro5", "pyrpl", "qtpy"),
        ),
        ("pymodaq_plugins_pyrpl/", ("pyrpl", "Pyro5", "pyrpl_remote.client", "pyrpl_remote.daemon", "pyrpl_remote.wire")),
    ],
)
def test_a_room_does_not_know(room, forbidden):
    assert offenders(room, *forbidden) == []


def test_only_four_rooms_of_the_daemon_know_pyrpl():
    know = [f"pyrpl_remote/daemon/{name}.py" for name in ("board", "exports", "link", "stored")]
    assert offenders("pyrpl_remote/", "pyrpl", but=tuple(know)) == []


def test_the_ground_floor_stands_on_nothing_of_ours_above_it():
    ground = ("errors", "settings", "schema", "wire", "directory", "name_server")
    above = ("pyrpl_remote.client", "pyrpl_remote.daemon", "pyrpl_remote.cli", "pyrpl_remote.virtual")
    for name in ground:
        assert offenders(f"pyrpl_remote/{name}.py", *above) == []
