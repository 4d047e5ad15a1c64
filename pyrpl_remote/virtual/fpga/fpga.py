"""The FPGA of a virtual board: bus, inputs, outputs and time, on top of the compiled loop of engine.py.

The board's process uses it, and tests use it in their own process. Addresses and registers are those of
PyRPL's gateware; time is counted in cycles of 8 ns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import (
    ams,
    asg,
    blocks,
    columns,
    dsp,
    engine,
    hk,
    iir,
    iq,
    iq_fgen,
    pid,
    prng,
    routing,
    scope,
    state,
    trigger,
)
from .registers import BusWord, signed

HK, SCOPE, ASG, DSP, AMS = 0x40000000, 0x40100000, 0x40200000, 0x40300000, 0x40400000
"""Base addresses of the blocks on the bus."""

CYCLES_PER_WORD = 8
"""Cycles that the gateware's bus takes to transfer a word."""

_NO_PLANT = np.zeros(2)
"""Parameters (delay and noise) and state where there is no plant."""


def _memory(address: int, block: int, memories: tuple[int, int]) -> tuple[int, int] | None:
    """Channel and word of the scope's buffer or the generator's table at an address; None elsewhere."""
    offset = address & 0xFFFFF
    if address & ~0xFFFFF != block or not memories[0] <= offset < memories[1] + 0x10000:
        return None
    return (offset >> 16) - 1, (offset & 0xFFFF) >> 2


class Fpga:
    """PyRPL's gateware, integer for integer and cycle by cycle.

    plant: the connection from outputs to inputs (a Plant of pyrpl_remote.virtual.plants); seed: of the
    plant's noise; adc: input words instead of a plant, int16 (2, P), repeated cyclically.
    """

    def __init__(self, plant: Any = None, seed: int = 0, adc: np.ndarray | None = None):
        self.seed = seed
        self._words = np.zeros(state.WORDS, np.int64)
        self._records = state.records(self._words)
        self._signals = np.zeros((state.ROWS, state.COLUMNS), np.int32)
        self._levels = np.zeros((4, state.COLUMNS), np.float32)
        self._tables = np.zeros((2, asg.TABLE_SIZE), np.int16)
        self._buffers = np.zeros((2, scope.BUFFER_SIZE), np.int16)
        self._addresses = blocks.addresses()
        self._nothing = np.zeros(0, np.int16)
        self._recording = np.zeros((2, 0), np.int16)
        self._plant = plant
        self._adc = np.zeros((2, 1), np.int16)
        if adc is not None:
            self._adc = np.ascontiguousarray(adc, np.int16)
        self.reset()

    def reset(self) -> None:
        """Load the gateware again: resets registers, memories and cycle count; keeps plant and inputs."""
        state.reset(self._words)
        self._signals[:] = 0
        self._tables[:] = 0
        self._buffers[:] = 0
        for number in range(len(self._records["iq"])):
            rows = self._signals[dsp.IQ_ROWS + number * iq.ROWS :][: iq.ROWS]
            # during reset the sine words are those of phase 0
            rows[[iq.SIN, iq.SIN_SHIFTED], state.HISTORY] = iq_fgen.SINE[0]
            rows[[iq.COS, iq.COS_SHIFTED], state.HISTORY] = iq_fgen.SINE[1 << iq_fgen.LUTSZ]
        self._configure()

    @property
    def cycle(self) -> int:
        """Cycles since the gateware was loaded."""
        return int(self._records["clock"][0]["cycle"])

    @property
    def plant(self) -> Any:
        """The plant; None while input words come from an array."""
        return self._plant

    @plant.setter
    def plant(self, plant: Any) -> None:
        self._plant = plant
        self._configure()

    def set_external(self, level: int) -> None:
        """Set the external trigger line, pin P0 of the expansion connector, from the next cycle on."""
        self._records["hk"][0]["external"] = int(bool(level))
        self._configure()

    def record(self, n: int) -> np.ndarray:
        """Record the outputs: returns an int16 (2, n) array that the next n cycles fill with their words."""
        self._recording = np.zeros((2, n), np.int16)
        self._records["clock"][0]["recorded"] = 0
        self._configure()
        return self._recording

    def copy(self) -> Fpga:
        """An FPGA of its own with the same state, inputs and plant."""
        other = Fpga(None if self._plant is None else self._plant.copy(), self.seed, self._adc)
        for name in ("_words", "_signals", "_levels", "_tables", "_buffers"):
            getattr(other, name)[:] = getattr(self, name)
        other.record(0)
        return other

    def advance(self, cycles: int) -> None:
        """Compute that many cycles."""
        engine.run(engine.ADVANCE, 0, 0, self._nothing, cycles, *self._arguments)

    def read(self, address: int, n: int = 1, cycles_per_word: int = CYCLES_PER_WORD) -> np.ndarray:
        """Read n consecutive registers, uint32 (n,); each takes `cycles_per_word` cycles, as on the bus."""
        values = np.zeros(n, np.uint32)
        i = 0
        while i < n:
            memory = _memory(address + 4 * i, SCOPE, scope.BUFFERS)
            if memory:
                channel, first = memory
                transfer = np.zeros(min(n - i, scope.BUFFER_SIZE - first), np.int16)
                engine.run(engine.READ_BUFFER, channel, first, transfer, cycles_per_word, *self._arguments)
                values[i : i + transfer.size] = transfer.astype(np.uint32) & 0x3FFF
                i += transfer.size
            else:
                values[i] = self._read_word(address + 4 * i) & 0xFFFFFFFF
                self.advance(cycles_per_word)
                i += 1
        return values

    def write(
        self, address: int, words: Sequence[int] | np.ndarray, cycles_per_word: int = CYCLES_PER_WORD
    ) -> None:
        """Write consecutive registers; each takes `cycles_per_word` cycles, as on the bus."""
        i = 0
        while i < len(words):
            memory = _memory(address + 4 * i, ASG, asg.TABLES)
            if memory:
                channel, first = memory
                part = np.asarray(words[i : i + asg.TABLE_SIZE - first], np.int64)
                transfer = ((part & 0x3FFF ^ 0x2000) - 0x2000).astype(np.int16)
                engine.run(engine.WRITE_TABLE, channel, first, transfer, cycles_per_word, *self._arguments)
                i += part.size
            else:
                self.advance(1)
                self._write_word(address + 4 * i, int(words[i]))
                self.advance(cycles_per_word - 1)
                i += 1

    def acquisition_remaining(self) -> int | None:
        """Cycles until the scope's acquisition ends; None while it waits for a trigger, 0 if none runs."""
        s = self._records["scope"][0]
        if not s["we"] or not s["dly_do"]:
            return None if s["we"] else 0
        return max(int(s["dly_cnt"]), 1) * max(int(s["dec"]), 1)

    def rolls(self) -> bool:
        """Whether the scope is in rolling mode: it fills its buffers again and again, without a trigger."""
        s = self._records["scope"][0]
        return bool(s["we"] and not s["source"] and not s["dly_do"])

    def network_analyser_remaining(self, number: int) -> int:
        """Cycles until the network analyser's sums of iq `number` are complete."""
        s = self._records["iq"][number]
        return (
            int(s["averages_remaining"] + s["sleep_remaining"]) + int(s["busy"])
            if s["averages_remaining"]
            else 0
        )

    # the bus

    def _read_word(self, address: int) -> int:
        block, offset = address & ~0xFFFFF, address & 0xFFFFF
        if block == SCOPE:
            return self._read_scope(offset)
        if block == ASG:
            return self._read_asg(offset)
        if block == DSP:
            return self._read_dsp(offset >> 16, offset & 0xFFFF)
        if block == HK and offset in hk.REGISTERS:
            return hk.REGISTERS[offset].get(self._records["hk"][0])
        if block == AMS:
            return self._read_ams(offset)
        return 0

    def _write_word(self, address: int, word: int) -> None:
        block, offset = address & ~0xFFFFF, address & 0xFFFFF
        if block == SCOPE and offset in scope.REGISTERS:
            scope.REGISTERS[offset].set(self._records["scope"][0], word)
        elif block == ASG and offset == 0:
            for channel in range(2):
                asg.CONTROL.set(self._records["asg"][channel], word >> (16 * channel))
            if self._records["asg"]["rand_on"].any():
                prng.catch_up(self._records["prng"][0])
        elif block == ASG and offset in asg.REGISTERS:
            channel, register = asg.REGISTERS[offset]
            register.set(self._records["asg"][channel], word)
        elif block == DSP:
            self._write_dsp(offset >> 16, offset & 0xFFFF, word)
        elif block == HK and offset in hk.REGISTERS:
            hk.REGISTERS[offset].set(self._records["hk"][0], word)
            self._configure()
        elif block == AMS and offset in ams.REGISTERS:
            ams.REGISTERS[offset].set(self._records["ams"][0], word)

    def _read_scope(self, offset: int) -> int:
        if offset in (0x154, 0x158):
            return self._signal(self._records["dsp"][0]["input_select"][8 + (offset == 0x158)])
        if offset in (0x15C, 0x160):
            return self.cycle >> (32 if offset == 0x160 else 0)
        register = scope.REGISTERS.get(offset)
        return register.get(self._records["scope"][0]) if register else 0

    def _read_asg(self, offset: int) -> int:
        if offset == 0:
            return sum(
                asg.CONTROL.get(self._records["asg"][channel]) << (16 * channel) for channel in range(2)
            )
        if offset not in asg.REGISTERS:
            return 0
        channel, register = asg.REGISTERS[offset]
        return register.get(self._records["asg"][channel])

    def _module(self, number: int, offset: int) -> tuple[BusWord | None, Any]:
        """The register of a module at an offset, and the record that holds it; None for what is not there."""
        if number <= dsp.PID2:
            registers, record = pid.REGISTERS, self._records["pid"][number]
        elif number == dsp.TRIG:
            registers, record = trigger.REGISTERS, self._records["trig"][0]
        elif number == dsp.IIR:
            registers, record = iir.REGISTERS, self._records["iir"][0]
        elif number <= dsp.IQ2:
            registers, record = iq.REGISTERS, self._records["iq"][number - dsp.IQ0]
        else:
            return None, None
        return registers.get(offset), record

    def _read_dsp(self, number: int, offset: int) -> int:
        bus = self._records["dsp"][0]
        if offset == 0x00:
            return int(bus["input_select"][number]) if number < dsp.INPUTS else 0
        if offset == 0x04:
            return int(bus["output_select"][number]) if number < dsp.DIRECTS else 0
        if offset == 0x08:
            p = self._position
            return sum(
                int(self._signals[dsp.SUM + output, p] != self._signals[dsp.OUT1 + output, p]) << output
                for output in range(2)
            )
        if offset == dsp.SYNC:
            return dsp.SYNC_REGISTER.get(bus)
        if offset == 0x10:
            return self._signal(number)
        if number == dsp.TRIG and offset in (0x15C, 0x160):
            return self.cycle >> (32 if offset == 0x160 else 0)
        if dsp.IQ0 <= number <= dsp.IQ2 and offset == 0x230:
            return iq.QUADRATUREFILTERSTAGES[number - dsp.IQ0]
        register, record = self._module(number, offset)
        value = register.get(record) if register else 0
        if dsp.IQ0 <= number <= dsp.IQ2 and offset == 0x100:
            value |= (int(bus["sync"]) >> number) & 1
        return value

    def _write_dsp(self, number: int, offset: int, word: int) -> None:
        bus = self._records["dsp"][0]
        if offset == 0x00:
            if number < dsp.INPUTS:
                bus["input_select"][number] = word & 0xF
        elif offset == 0x04:
            if number < dsp.DIRECTS:
                bus["output_select"][number] = word & 3
        elif offset == dsp.SYNC:
            dsp.SYNC_REGISTER.set(bus, word)
        elif number == dsp.IIR and offset >= iir.COEFFICIENTS:
            index = (offset >> 2) & 0x3FF
            if index < iir.IIRSTAGES * 8 and index % 2 == 0:
                self._records["iir"][0]["coefficients"][index // 8, index % 8 // 2] = signed(word, 32)
        else:
            register, record = self._module(number, offset)
            if register is None:
                return
            register.set(record, word)
            if dsp.IQ0 <= number <= dsp.IQ2 and offset == 0x10C:
                # the output selection is a multiplexer without a register, so it acts in the same cycle
                self._signals[number, self._position] = iq.selected(record)
                self._records["clock"][0]["uniform"] &= ~(1 << number)
        self._configure()

    def _read_ams(self, offset: int) -> int:
        if offset in ams.FOLLOWING:
            select = self._records["dsp"][0]["input_select"][10 + ams.FOLLOWING.index(offset)]
            return ams.configuration(int(self._signals[select, self._position - 2]))
        register = ams.REGISTERS.get(offset)
        return register.get(self._records["ams"][0]) if register else 0

    @property
    def _position(self) -> int:
        return int(self._records["clock"][0]["position"])

    def _signal(self, select: int) -> int:
        """The 14-bit word of a signal in the present cycle."""
        if select in (dsp.IN1, dsp.IN2):
            engine.run(engine.PEEK_INPUTS, 0, 0, self._nothing, 0, *self._arguments)
        return int(self._signals[select, self._position]) & 0x3FFF

    def _configure(self) -> None:
        """Collect the arguments of the compiled loop, after something that they depend on has changed."""
        housekeeping = self._records["hk"][0]
        bus = self._records["dsp"][0]
        plant = self._plant
        if housekeeping["digital_loop"]:
            kind, delay = columns.DIGITAL_LOOP, 0
        elif plant is None:
            kind, delay = columns.ARRAY, None
        else:
            kind, delay = columns.MEMORYLESS_PLANT if plant.memoryless else columns.PLANT, int(plant.delay)
        pids = self._records["pid"]
        iqs = self._records["iq"]
        open_direct = (iqs["g1"] == 0) & (iqs["g4"] == 0)
        open_signal = open_direct & (iqs["output_select"] == iq.OUTPUT_DIRECT)
        order, groups = routing.plan(
            tuple(bus["input_select"].tolist()),
            tuple(bus["output_select"].tolist()),
            bool(pids["differential"][:2].any()),
            tuple(open_direct.tolist()),
            tuple(open_signal.tolist()),
            delay,
        )
        self._arguments = (
            self._words,
            self._signals,
            self._levels,
            self._tables,
            self._buffers,
            self._addresses,
            hk.trigger_line(housekeeping),
            order,
            groups,
            self._recording,
            kind,
            self._adc,
            plant.address if plant is not None else 0,
            plant.parameters if plant is not None else _NO_PLANT,
            plant.state if plant is not None else _NO_PLANT,
            self.seed,
        )
