"""The tests can be collected, and run or skipped, on Windows: they use no names that only POSIX has."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent

POSIX = {
    "os": "chown fork geteuid getgid getpgid getuid kill killpg mkfifo setsid setuid statvfs symlink uname",
    "signal": "SIGALRM SIGCONT SIGHUP SIGKILL SIGSTOP SIGUSR1 SIGUSR2 setitimer",
    "socket": "AF_UNIX",
}
"""Names that Windows lacks, or that do something else there: os.kill ends a process, whatever the signal."""

MODULES = {"fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"}

GUARDS = ("os.name", "sys.platform", "hasattr(", "getattr(")
"""A condition with one of these decides whether the rest is evaluated."""

BY_HAND = ("benchmarks", "campaigns", "users.py", "screen.py")
"""Run by hand, or used by tests that ask for the system first."""


def is_posix(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.attr in POSIX.get(node.value.id, "").split()
    if isinstance(node, ast.Import):
        return bool(MODULES & {one.name for one in node.names})
    return isinstance(node, ast.ImportFrom) and node.module in MODULES


def unguarded(tree: ast.Module) -> Iterator[int]:
    """The lines with names of POSIX that are evaluated on every system."""
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    whole = any(
        isinstance(node, ast.Assign) and "pytestmark" in ast.unparse(node) and is_guard(node)
        for node in tree.body
    )
    for node in filter(is_posix, ast.walk(tree)):
        above, inside = node, False
        while (above := parents.get(above, tree)) is not tree:
            inside = inside or isinstance(above, ast.FunctionDef)
            if isinstance(above, ast.BoolOp) and is_guard(above.values[0]):
                break
            if isinstance(above, (ast.If, ast.IfExp)) and is_guard(above.test):
                break
            if isinstance(above, ast.FunctionDef) and asks_first(above, node):
                break
        else:
            if not (whole and inside):
                yield getattr(node, "lineno", 0)


def asks_first(function: ast.FunctionDef, node: ast.AST) -> bool:
    """Whether a function asks for the system before `node`, or is skipped by it."""
    decorators = function.decorator_list
    own = {part for one in decorators for part in ast.walk(one)}
    return node not in own and any(map(is_guard, [*decorators, *function.body]))


def is_guard(node: ast.AST) -> bool:
    return any(guard in ast.unparse(node) for guard in GUARDS)


def test_no_test_needs_posix_without_asking_for_it():
    found = []
    for path in sorted(TESTS.rglob("*.py")):
        if not set(BY_HAND) & set(path.relative_to(TESTS).parts):
            lines = unguarded(ast.parse(path.read_text("utf-8")))
            found += [f"{path.relative_to(TESTS)}:{line}" for line in lines]
    assert found == []
