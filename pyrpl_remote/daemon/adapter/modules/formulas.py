"""Texts that PyRPL evaluates, or takes for the name of what it calls: only harmless ones are used.

The scope's window evaluates its formula with Python's eval(), and a lockbox stage calls what its
`function_call` names. Both can come from any client, by an attribute, by setup(), or by the configuration.
PyRPL's modules use the functions of this file in place of their own, so that it does not matter how a text
came there.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

MAX_FORMULA = 300
"""The longest formula, in characters."""

MAX_EXPONENT = 64
"""The largest number that may stand as an exponent: huge ones take all memory."""

NAMES = {"ch1", "ch2", "times", "np"}
"""What a formula may use: the curves, their times, and numpy."""

FUNCTIONS = {
    name
    for name, value in vars(np).items()  # dir(np) has parts that numpy would import now, in 0.2 s
    if isinstance(value, np.ufunc)
    or name in (
        "angle", "argmax", "argmin", "average", "clip", "convolve", "correlate", "cumprod", "cumsum", "diff",
        "gradient", "imag", "interp", "max", "mean", "median", "min", "nan_to_num", "percentile", "prod",
        "ptp", "real", "roll", "round", "sinc", "std", "sum", "trapezoid", "unwrap", "var", "where",
        "zeros_like", "ones_like",
    )
}  # fmt: skip
"""The functions of numpy that a formula may use: they compute, and open no files."""

CONSTANTS = {"pi", "e", "inf", "nan"}

PARTS = {"fft": {"fft", "ifft", "rfft", "irfft", "fftshift", "ifftshift"}}
"""The parts of numpy with their functions."""

METHODS = {
    "mean", "max", "min", "std", "sum", "var", "cumsum", "clip", "round", "argmax", "argmin", "ptp", "real",
    "imag", "conj", "size",
}  # fmt: skip
"""What a formula may use of an array."""

ALLOWED = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.IfExp, ast.Subscript, ast.Slice,
    ast.Name, ast.Load, ast.operator, ast.unaryop, ast.cmpop, ast.boolop, ast.keyword,
)  # fmt: skip
"""The parts of Python's grammar that a formula may have, beside numbers, calls and attributes."""


def require_formula(text: Any) -> None:
    """Raise ValueError unless `text` is a formula of numbers, operators, ch1, ch2, times and numpy."""
    if not isinstance(text, str) or len(text) > MAX_FORMULA:
        raise _refused(text, f"it is a text of at most {MAX_FORMULA} characters")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _refused(text, f"{type(error).__name__}: {error}") from None
    for node in ast.walk(tree):
        reason = _reason_against(node)
        if reason:
            raise _refused(text, reason)


def _reason_against(node: ast.AST) -> str:
    """Why a part of a formula is refused, "" if it is not."""
    if isinstance(node, ast.Name):
        return "" if node.id in NAMES else f"it may use {', '.join(sorted(NAMES))}, not {node.id!r}"
    if isinstance(node, ast.Constant):
        number = isinstance(node.value, (int, float, complex)) or node.value is None
        return "" if number else f"{node.value!r:.40} is no number"
    if isinstance(node, ast.Attribute):
        return "" if _is_known(node) else f"{ast.unparse(node)[:40]} is no function of numpy for formulas"
    if isinstance(node, ast.Call):
        return "" if isinstance(node.func, ast.Attribute) else "only functions of numpy can be called"
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Pow, ast.LShift)):
        right = node.right.operand if isinstance(node.right, ast.UnaryOp) else node.right
        small = isinstance(right, ast.Constant) and abs(_number(right)) <= MAX_EXPONENT
        # powers of powers of numbers have no end
        of_number = not any(isinstance(part, ast.Name) for part in ast.walk(node.left))
        nested = any(isinstance(part, ast.Pow) for part in ast.walk(node.left))
        return "" if small and not (of_number and nested) else f"an exponent is a number up to {MAX_EXPONENT}"
    return "" if isinstance(node, ALLOWED) else f"{type(node).__name__} has no place in a formula"


def _number(constant: ast.Constant) -> float | complex:
    value = constant.value
    return value if isinstance(value, (int, float, complex)) else 0


def _is_known(node: ast.Attribute) -> bool:
    value, name = node.value, node.attr
    if isinstance(value, ast.Name) and value.id == "np":
        return name in FUNCTIONS or name in CONSTANTS or name in PARTS
    if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name) and value.value.id == "np":
        if value.attr in PARTS:
            return name in PARTS[value.attr]
        return value.attr in CONSTANTS and name in METHODS
    return name in METHODS


def _refused(text: Any, reason: str) -> ValueError:
    return ValueError(
        f"{text!r:.80} is no formula: {reason}. Examples: 'ch1 * ch2', 'np.sqrt(ch1**2 + ch2**2)'"
    )


def safe_formulas(module: ModuleType, run: Callable[[], None]) -> None:
    """Run the code of PyRPL's scope widget, which then evaluates formulas only."""
    run()

    def evaluate(text: str, names: dict[str, Any]) -> Any:
        require_formula(text)
        # some functions of numpy can write into their arguments: those are the scope's data
        for name, value in names.items():
            if isinstance(value, np.ndarray):
                names[name] = value.view()
                names[name].flags.writeable = False
        return eval(compile(text.strip(), "<formula>", "eval"), {"__builtins__": {}, **names})

    # the module's own code finds this name before Python's
    vars(module)["eval"] = evaluate


def require_function_name(lockbox: Any, text: Any) -> None:
    """Raise ValueError unless `text` is empty, or names a method of the lockbox, or of a module inside it."""
    if text != "":
        try:
            function_of(lockbox, text)
        except AttributeError as error:
            raise ValueError(str(error)) from None


def function_of(lockbox: Any, text: Any) -> Any:
    """The method of a lockbox, or of a module inside it, that a stage calls. Raises AttributeError."""
    from pyrpl.modules import Module

    from .not_remote import LOCAL_ONLY

    *path, name = text.split(".") if isinstance(text, str) else ("",)
    module = lockbox
    for step in path:
        inside = getattr(module, "_module_attributes", ())
        module = getattr(module, step, None) if step in inside and step.isidentifier() else None
    member = getattr(type(module), name, None) if name.isidentifier() and not name.startswith("_") else None
    if (
        not isinstance(module, Module)
        or not callable(member)
        or isinstance(member, type)
        or name in LOCAL_ONLY
    ):
        raise AttributeError(
            f"{text!r:.80} is no function of the lockbox: a stage calls a method of the lockbox's class, or "
            "of a module inside the lockbox"
        )
    return getattr(module, name)


def safe_functions(module: ModuleType, run: Callable[[], None]) -> None:
    """Run the code of PyRPL's lockbox stages, which then call methods of their lockbox only."""
    run()
    vars(module)["recursive_getattr"] = function_of


def safe_paths(module: ModuleType, run: Callable[[], None]) -> None:
    """Run the code of PyRPL's software PID, whose input and output then are attributes of modules only."""
    run()

    def read(root: Any, path: str) -> Any:
        above, name = _attribute(root, path)
        return getattr(above, name)

    def write(root: Any, path: str, value: Any) -> None:
        above, name = _attribute(root, path)
        setattr(above, name, value)

    vars(module).update(recursive_getattr=read, recursive_setattr=write)


def _attribute(root: Any, path: str) -> tuple[Any, str]:
    """The module and the name of the attribute that a path names. Raises AttributeError for anything else."""
    from pyrpl.attributes import BaseAttribute

    *steps, name = path.split(".") if isinstance(path, str) else ("",)
    above = root
    for step in filter(None, steps):
        above = None if step.startswith("_") else getattr(above, step)
    declared = inspect.getattr_static(type(above), name, None)
    if name.startswith("_") or not isinstance(declared, (BaseAttribute, property)):
        raise AttributeError(f"{path!r:.80} is no attribute of a module")
    return above, name
