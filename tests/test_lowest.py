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


def declared() -> Iterator[Requirement]:
    """All requirements that setup.cfg declares, with a bound or without."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    lists = [config["options"]["install_requires"], *config["options.extras_require"].values()]
    for line in "\n".join(lists).splitlines():
        if line and not line.startswith("pymodaq_plugins_pyrpl["):
            yield Requirement(line)


def lowest() -> dict[str, Version]:
    """The versions of lowest.txt, by name."""
    lines = (ROOT / "tests" / "lowest.txt").read_text().splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {name: Version(version) for name, version in pairs}


def test_each_lower_bound_is_the_version_that_the_tests_ran_with():
    tested = lowest()
    for requirement in declared():
        bounds = [Version(one.version) for one in requirement.specifier if one.operator == ">="]
        if bounds and requirement.name not in CHECKS:
            assert tested[requirement.name] == bounds[0], requirement.name


def test_everything_that_an_installation_brings_has_a_lower_bound():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    for extra, lines in config["options.extras_require"].items():
        for line in lines.split():
            if extra != "test" and "[" not in line:
                assert ">=" in line, line


def test_the_lowest_versions_are_allowed():
    tested = lowest()
    for requirement in declared():
        if requirement.name in tested:
            assert requirement.specifier.contains(tested[requirement.name]), requirement.name
