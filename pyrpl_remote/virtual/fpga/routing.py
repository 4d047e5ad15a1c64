"""In which order the blocks are computed, and over how many cycles at a time.

A block is computed over a whole chunk of cycles before the next block, which keeps its state in processor
registers. This needs the block's input for the whole chunk, so a block comes after those whose outputs it
reads. Where signals form a loop, its blocks take turns in parts of the chunk. A turn is no longer than the
time for which the signals that close the loop are known in advance: one cycle for a module's output (a
register), ADDER_LATENCY cycles for the outputs, and ADDER_LATENCY plus the plant's delay for the inputs.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter

import numpy as np

from . import dsp
from .dsp import ADDER_LATENCY

CHUNK = 1024
"""Cycles of a chunk; its part of the signal buffer fits in the processor's cache."""

ASG, ADDERS, PLANT, SCOPE, OSCILLATOR0 = 8, 9, 10, 11, 12
"""Numbers of the blocks other than modules 0 ... 7, which keep theirs. OSCILLATOR0 is the first of three, the
parts of the iqs that do not need the input."""

BLOCKS = OSCILLATOR0 + 3
"""How many blocks there are."""

_BLOCK_OF_SIGNAL = {
    dsp.PID0: 0,
    dsp.PID1: 1,
    dsp.PID2: 2,
    dsp.TRIG: 3,
    dsp.IIR: 4,
    dsp.IQ0: 5,
    dsp.IQ1: 6,
    dsp.IQ2: 7,
    dsp.ASG0: ASG,
    dsp.ASG1: ASG,
    dsp.IN1: PLANT,
    dsp.IN2: PLANT,
    dsp.OUT1: ADDERS,
    dsp.OUT2: ADDERS,
    dsp.IQ2_2: 7,
}


def _order(dependencies: dict[int, set[int]], known: set[int]) -> list[int] | None:
    """An order in which each block follows those it depends on, except `known`; None if there is none."""
    try:
        return list(
            TopologicalSorter(
                {block: sources - known for block, sources in dependencies.items()}
            ).static_order()
        )
    except CycleError:
        return None


def _circles(dependencies: dict[int, set[int]]) -> list[frozenset[int]]:
    """The blocks in groups: in a group each depends on all others; a group follows those it depends on."""
    reached = {block: set(sources) for block, sources in dependencies.items()}
    for middle in reached:
        for sources in reached.values():
            if middle in sources:
                sources |= reached[middle]
    groups = {
        block: frozenset({block} | {other for other in sources if block in reached[other]})
        for block, sources in reached.items()
    }
    graph = {
        groups[block]: {groups[source] for source in sources} - {groups[block]}
        for block, sources in dependencies.items()
    }
    for block, sources in dependencies.items():
        graph[groups[block]] |= {groups[source] for source in sources} - {groups[block]}
    return list(TopologicalSorter(graph).static_order())


def _turns(
    group: frozenset[int], dependencies: dict[int, set[int]], plant_delay: int | None
) -> tuple[list[int], int]:
    """The order of the blocks of a group, and how many cycles of each may be computed in its turn."""
    inside = {block: dependencies[block] & group for block in group}
    order = _order(inside, set())
    if order is not None:
        return order, CHUNK
    attempts = []
    if plant_delay is not None and PLANT in group:
        attempts.append(({PLANT}, ADDER_LATENCY + plant_delay))
    attempts.append(({PLANT, ADDERS} & group, ADDER_LATENCY))
    for known, cycles in attempts:
        # the plant's inputs are known in advance, so it can come first
        graph = {block: set() if block == PLANT else sources for block, sources in inside.items()}
        order = _order(graph, known)
        if order is not None:
            order.sort(key=lambda block: block != PLANT)
            return order, min(cycles, CHUNK)
    return sorted(group, key=lambda block: (block != PLANT, block == ADDERS, block)), 1


@lru_cache(maxsize=1024)
def plan(
    input_select: tuple[int, ...],
    output_select: tuple[int, ...],
    differential: bool,
    open_direct: tuple[bool, ...],
    open_signal: tuple[bool, ...],
    plant_delay: int | None,
) -> tuple[np.ndarray, np.ndarray]:
    """The order of the blocks, int64 (blocks,), and their groups, int64 (groups, 3).

    A row of a group is its first place in the order, the end of its places, and the cycles of a turn.
    open_direct, open_signal: for each iq, whether what it adds to the outputs, and its signal on the bus,
    come from its oscillator alone; plant_delay: cycles from an output to the first input that shows it, None
    if the inputs do not depend on the outputs.
    """
    signal_block = dict(_BLOCK_OF_SIGNAL)
    direct_block = dict(_BLOCK_OF_SIGNAL)
    for number in range(3):
        if open_signal[number]:
            signal_block[dsp.IQ0 + number] = OSCILLATOR0 + number
        if open_direct[number]:
            direct_block[dsp.IQ0 + number] = OSCILLATOR0 + number

    def sources_of(selects: Iterable[int]) -> set[int]:
        return {signal_block[select] for select in selects if select != dsp.OFF}

    dependencies: dict[int, set[int]] = {
        block: sources_of([input_select[block]]) for block in range(dsp.MODULES)
    }
    for number in range(3):
        dependencies[OSCILLATOR0 + number] = set()
        dependencies[dsp.IQ0 + number].add(OSCILLATOR0 + number)
    dependencies[dsp.TRIG].add(ASG)
    dependencies[ASG] = set()
    dependencies[SCOPE] = sources_of(input_select[8:10]) | {ASG, dsp.TRIG}
    dependencies[ADDERS] = {direct_block[module] for module in range(dsp.DIRECTS) if output_select[module]}
    dependencies[PLANT] = set() if plant_delay is None else {ADDERS}
    if differential:
        # pid0 and pid1 exchange filtered inputs: both are computed in pid1's place
        for sources in dependencies.values():
            if dsp.PID0 in sources:
                sources.add(dsp.PID1)
        dependencies[dsp.PID1] |= dependencies[dsp.PID0] | {dsp.PID0}
    order: list[int] = []
    groups = []
    for group in _circles(dependencies):
        blocks, cycles = _turns(group, dependencies, plant_delay)
        groups.append((len(order), len(order) + len(blocks), cycles))
        order += blocks
    return np.array(order, np.int64), np.array(groups, np.int64)
