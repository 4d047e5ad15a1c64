"""Each lower bound that setup.cfg declares is the version that .ci/lowest runs the tests with."""

from __future__ import annotations

import configparser
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parent.parent

CHECKS = {"ruff", "mypy", "import-linter"}
"""Tools that run no tests."""

PAGES = "docs"
"""The extra that builds the pages, and runs no tests."""


def declared() -> Iterator[tuple[str, Requirement]]:
    """All requirements that setup.cfg declares, each with its extra, which is "" for those of a client."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    lists = {"": config["options"]["install_requires"], **config["options.extras_require"]}
    for extra, lines in lists.items():
        for line in lines.splitlines():
            if line and not line.startswith(("#", "pymodaq_plugins_pyrpl[")):
                yield extra, Requirement(line)


def versions(file: str) -> dict[str, Version]:
    """The versions in a file of constraints, by name."""
    lines = (ROOT / "tests" / file).read_text().splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {name: Version(version) for name, version in pairs}


def test_each_lower_bound_is_the_version_that_the_tests_ran_with():
    everywhere = versions("lowest.txt")
    with_pymodaq = everywhere | versions("lowest_pymodaq.txt")
    for extra, requirement in declared():
        if requirement.name in CHECKS or extra == PAGES:
            continue
        tested = with_pymodaq if extra == "pymodaq" else everywhere
        bounds = [Version(one.version) for one in requirement.specifier if one.operator == ">="]
        if bounds or extra != "test":
            assert [tested[requirement.name]] == bounds, (extra, requirement.name)


def test_no_upper_bound_keeps_a_newer_library_out_without_being_listed_here():
    """A bound belongs here with the release that is known not to work."""
    bounded = [str(found) for _, found in declared() if {one.operator for one in found.specifier} - {">="}]
    assert bounded == []
