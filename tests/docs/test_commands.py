"""The commands of the pages and of `--help`: each is parsed as the command line does, and not run."""

import re
import shlex
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from pyrpl_remote.cli import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
_group = get_command(app)
assert isinstance(_group, TyperGroup)
COMMAND: TyperGroup = _group
VISIBLE = sorted(name for name, one in COMMAND.commands.items() if not one.hidden)


def parse(line: str) -> None:
    """Parse a command line, without running anything. Raises typer's errors, ValueError for quotes."""
    program, *words = shlex.split(line.removesuffix(" &"), comments=True)
    assert program == "pyrpl-remote"
    whole = COMMAND.make_context(program, [], resilient_parsing=True)
    name, command, rest = COMMAND.resolve_command(whole, words)
    assert command is not None
    command.make_context(name, rest)


def example(name: str) -> list[str]:
    """The examples in the help of a command."""
    return re.findall(r"^ *Example: (pyrpl-remote .+)$", COMMAND.commands[name].help or "", re.MULTILINE)


def in_blocks(page: Path) -> list[str]:
    """The commands in the blocks of a page for a shell, and after the prompt of those that show output."""
    found = []
    blocks = re.findall(
        r"^ *```(bash|powershell|console)\n(.*?)^ *```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    for kind, block in blocks:
        block = block.replace("\\\n", " ")  # a command that goes on in the next line
        start = r"\$ " if kind == "console" else ""
        lines = block.replace("\\\n", " ")  # a command that goes on in the next line
        found += re.findall(rf"^ *{start}(pyrpl-remote .+)$", lines, re.MULTILINE)
    return found


@pytest.mark.parametrize("name", VISIBLE)
def test_the_help_of_a_command_has_an_example_that_parses(name):
    examples = example(name)
    assert examples
    for line in examples:
        assert line.split()[1] == name
        parse(line)


def test_every_command_is_shown_with_what_it_prints():
    shown = {line.split()[1] for line in in_blocks(ROOT / "docs" / "command-line.md")}
    assert not set(VISIBLE) - shown


@pytest.mark.parametrize("page", [page for page in PAGES if in_blocks(page)], ids=lambda page: page.name)
def test_the_commands_of_a_page_parse(page):
    for line in in_blocks(page):
        parse(line)


def test_a_misspelt_option_would_be_found():
    with pytest.raises(Exception, match="No such option"):
        parse("pyrpl-remote status lab --jsn")
