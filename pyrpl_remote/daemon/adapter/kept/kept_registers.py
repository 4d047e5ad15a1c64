"""After a start that changed nothing on the FPGA: makes PyRPL's modules, and the configuration, as it is.

Most attributes are read from registers. Those that are not are in the mark on the board (marker.py), in the
configuration, or follow from the registers (the directions of pins here, a lockbox's state in held_lock.py).
"""

# PyRPL's names of its tree and of its modules' parts begin with an underscore
# ruff: noqa: SLF001

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator
from typing import Any

import numpy as np
from pyrpl.attributes import BaseRegister, IORegister, LongRegister, SelectRegister
from pyrpl.hardware_modules.hk import HK
from pyrpl.hardware_modules.iir import IIR
from pyrpl.hardware_modules.sampler import Sampler
from pyrpl.hardware_modules.scope import Scope
from pyrpl.software_modules.network_analyzer import NetworkAnalyzer

from ..board.mark import Mark
from ..board.marker import changed, note_changed, software_of
from ..board.registers import WrittenRegisters, is_write_only
from .held_lock import take_lock_states
from .held_writes import HeldWrites

log = logging.getLogger(__name__)

SHOWN = 6
"""How many differences a message shows."""

SHOWN_CHARACTERS = 40
"""How many characters of a value a message shows."""

USED = {
    "asg": ("trigger_source", "output_direct"),
    "pid": ("p", "i", "output_direct"),
    "iq": ("amplitude", "gain", "quadrature_factor", "output_direct"),
    "iir": ("on",),
    "trig": ("output_direct",),
    "pwm": ("input",),
}
"""The attributes by which a module acts: it does nothing while all of them are IDLE."""

IDLE = (0, "off", "in1", "pid0")
"""Values of a module that does nothing. The last two are what a PWM output follows if it was never set."""


def keep_registers(pyrpl: Any, held: HeldWrites, mark: Mark | None) -> str:
    """Take over what the FPGA has; returns a text about what differs from the configuration, "" if nothing.

    To be called when PyRPL has started with `held`; the writes of the start are dropped.
    """
    modules = list(pyrpl.rp.modules.values())
    _take_selections(modules, held)
    configured = {module.name: _values(module) for module in modules}
    saved = {module.name: dict(pyrpl.c._data.get(module.name) or {}) for module in modules}
    if mark is not None and mark.changed >= changed(pyrpl):
        _take_software(pyrpl, held, mark)
    held.drop()
    take_lock_states(pyrpl, held)
    held.drop()
    _take_selections(modules, held)
    _stop_measuring(pyrpl, held)
    differences = []
    for module in modules:
        if isinstance(module, HK):
            differences += _take_pins(module, held, saved[module.name], mark)
        elif module.owner is None:
            differences += _take(module, configured[module.name], saved[module.name])
    held.drop()
    _note_registers(modules, held, pyrpl.rp.client.link.registers)
    return _text(differences)


def _values(module: Any) -> dict[str, Any]:
    """The attributes that PyRPL saves. Those of pins are left out: reading one sets its direction."""
    values = {}
    for name in [] if isinstance(module, HK) else module._setup_attributes:
        try:
            values[name] = getattr(module, name)
        except Exception as error:  # noqa: BLE001  boundary: PyRPL raises for words that it never writes
            log.info("%s.%s cannot be read: %s", module.name, name, error)
    return values


def _take_software(pyrpl: Any, held: HeldWrites, mark: Mark) -> None:
    """Set what no register tells as the mark says it."""
    for module, names in software_of(pyrpl):
        values = mark.software.get(module.name, {})
        try:
            with _unsaved(module):
                if isinstance(module, IIR):
                    _take_filter(module, held, values)
                elif not isinstance(module, HK):  # its pins are read
                    with module.do_setup:
                        for name in names:
                            if name in values and (name != "amplitude" or module.waveform == "noise"):
                                setattr(module, name, values[name])
        except Exception:  # boundary: PyRPL refuses values in many ways; the FPGA is as it was
            log.warning("%s: what the mark on the board says of it is not used", module.name, exc_info=True)
    note_changed(pyrpl, mark.changed)


def _take_filter(iir: IIR, held: HeldWrites, values: dict[str, Any]) -> None:
    """Design the filter again that the FPGA has, unless PyRPL has just done that."""
    loops = int(held.on_board(iir._addr_base + type(iir).loops.address)[0])
    known = json.loads(json.dumps({name: getattr(iir, name) for name in values}, default=str))
    if not (values.get("poles") or values.get("zeros")) or (known == values and iir.loops == loops):
        return
    with iir.do_setup:
        iir.loops = loops
        for name, value in values.items():
            setattr(iir, name, value)
    iir._setup()


@contextlib.contextmanager
def _unsaved(module: Any) -> Iterator[None]:
    """Let PyRPL save nothing of the module within the block."""
    module._autosave_active = False
    try:
        yield
    finally:
        module._autosave_active = module.owner is None


def _take_selections(modules: list[Any], held: HeldWrites) -> None:
    """Let PyRPL know which options are selected, except where it would have written another one.

    PyRPL keeps them in software: where the register has another one, reading the attribute would write it.
    """
    for module in modules:
        for name in dir(type(module)):
            register = getattr(type(module), name, None)
            if not isinstance(register, SelectRegister):
                continue
            address = module._addr_base + register.address
            if held.holds(address) is not None:
                continue
            word = int(held.on_board(address)[0])
            if register.bitmask is not None:
                word &= register.bitmask
            options = register.options(module)
            known = getattr(module, f"_{name}", None)
            # several names may mean the same signal
            if known not in options or options[known] != word:
                for option, its_word in options.items():
                    if its_word == word:
                        setattr(module, f"_{name}", option)
                        break


def _take(module: Any, configured: dict[str, Any], saved: dict[str, Any]) -> list[str]:
    """Save the values of the module that differ from the configuration; returns texts about them.

    A module of which the configuration says nothing is saved if it does something, as a whole.
    """
    values = _values(module)
    new = not saved
    if new and not any(values.get(name, 0) not in IDLE for name in USED.get(module.generic_name, ())):
        return []
    differences = [f"{module.name} (not in the file)"] if new else []
    for name, value in values.items():
        differs = not _same(configured.get(name), value)
        if differs and name in saved:
            differences.append(_difference(module, name, value, configured.get(name)))
        if differs or new:
            # without the setup that follows a change of some attributes
            with module.do_setup:
                getattr(type(module), name).value_updated(module, value)
    return differences


def _take_pins(hk: HK, held: HeldWrites, saved: dict[str, Any], mark: Mark | None) -> list[str]:
    """Let PyRPL know the directions of the pins, and save directions and levels that differ.

    PyRPL sets a pin's direction each time that it is read, to that of its software: "output" at first. A pin
    that is an input is left so if nobody has used it.
    """
    differences = []
    for name, pin in vars(type(hk)).items():
        if not isinstance(pin, IORegister):
            continue
        direction = bool(held.on_board(hk._addr_base + pin.direction_address)[0] >> pin.bit & 1)
        # that is, as an input
        known = mark is not None and mark.software.get(hk.name, {}).get(f"{name}_output") is False
        used = known or name in saved or f"{name}_output" in saved
        if not (used or direction):
            continue
        found = {f"{name}_output": direction}
        if direction:
            found[name] = bool(held.on_board(hk._addr_base + pin.write_address)[0] >> pin.bit & 1)
        pin.outputmode = direction
        pin.address = pin.write_address if direction else pin.read_address
        differences += _save(hk, found, saved)
    led = int(held.on_board(hk._addr_base + type(hk).led.address)[0])
    return differences + (_save(hk, {"led": led}, saved) if "led" in saved else [])


def _save(module: Any, found: dict[str, Any], saved: Any) -> list[str]:
    """Save the values `found` where they differ from those `saved`; returns texts about these."""
    differences = []
    for name, value in found.items():
        before = saved.get(name)
        if before != value:
            if before is not None:
                differences.append(_difference(module, name, value, before))
            getattr(type(module), name).save_attribute(module, value)
    return differences


def _stop_measuring(pyrpl: Any, held: HeldWrites) -> None:
    """Stop a network analyser that the configuration lets measure, but that does not on the board."""
    for analyzer in pyrpl.software_modules:
        if isinstance(analyzer, NetworkAnalyzer) and analyzer.running_state != "stopped":
            amplitude = analyzer.iq._addr_base + type(analyzer.iq).amplitude.address
            if not held.on_board(amplitude)[0]:
                log.warning("%s: it does not measure any more: the FPGA was kept as it was", analyzer.name)
                analyzer.stop()


def _note_registers(modules: list[Any], held: HeldWrites, registers: WrittenRegisters) -> None:
    """Note what the FPGA has, as if it had been written: it is written again after a reboot."""
    for address in dict.fromkeys(held.written.addresses() + _addresses(modules)):
        if is_write_only(address):
            registers.note(address, held.written.words(address))
        else:
            count = len(held.written.words(address)) if address in held.written.addresses() else 1
            registers.note(address, held.on_board(address, count).copy())


def _addresses(modules: list[Any]) -> list[int]:
    """The registers of all modules that act: not those of the scope, which each curve sets up."""
    addresses = []
    for module in modules:
        if isinstance(module, (Scope, Sampler)):
            continue
        for name in dir(type(module)):
            register = getattr(type(module), name, None)
            if isinstance(register, IORegister):
                offsets = [register.write_address, register.direction_address]
            elif isinstance(register, BaseRegister):
                size = register.size if isinstance(register, LongRegister) else 1
                offsets = [register.address + 4 * i for i in range(size)]
            else:
                continue
            addresses += [module._addr_base + offset for offset in offsets]
    return addresses


def _same(one: Any, other: Any) -> bool:
    try:
        return bool(np.all(np.asarray(one) == np.asarray(other))) if type(one) is list else bool(one == other)
    except ValueError:  # lists of different length
        return False


def _difference(module: Any, name: str, value: Any, before: Any) -> str:
    return f"{module.name}.{name} {_shown(value)} (file: {_shown(before)})"


def _shown(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 3] + "..."


def _text(differences: list[str]) -> str:
    if not differences:
        return ""
    more = f" and {len(differences) - SHOWN} more" if len(differences) > SHOWN else ""
    return f"registers were kept: {', '.join(differences[:SHOWN])}{more}"
