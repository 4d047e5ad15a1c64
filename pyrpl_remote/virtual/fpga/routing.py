"""In which order the blocks are run, and over how many cycles at a time.

A block is run over a whole chunk of cycles before the next one, which keeps its registers in the processor's. That
needs the block's input for the whole chunk: blocks are run after those that they listen to. Where signals go round in
a circle, the blocks of the circle take turns in parts of the chunk, no longer than what is known beforehand of the
signals that close it: one cycle for a module's output (a register), ADDER_LATENCY cycles for the outputs, and the
plant's delay more for the inputs.
"""

from functools import lru_cache
from graphlib import CycleError, TopologicalSorter

import numpy as np

from . import dsp
from .dsp import ADDER_LATENCY

#: cycles of a chunk; its rows of the signal buffer stay in the processor's cache
CHUNK = 1024

#: the blocks: modules 0 ... 7 under their numbers, then
ASG, ADDERS, PLANT, SCOPE, OSCILLATOR0 = 8, 9, 10, 11, 12
#: OSCILLATOR0 ... 2 are the parts of the iqs that do not need the input
BLOCKS = OSCILLATOR0 + 3

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
    """An order in which blocks follow those they depend on, but for the blocks in `known`; None if there is none."""
    try:
        return list(
            TopologicalSorter(
                {block: sources - known for block, sources in dependencies.items()}
            ).static_order()
        )
    except CycleError:
        return None


def _circles(dependencies: dict[int, set[int]]) -> list[frozenset[int]]:
    """The blocks, grouped: in a group, each depends on all others; a group follows those that it depends on."""
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
    """The order of the blocks of a group, and how many cycles each may run in its turn."""
    inside = {block: dependencies[block] & group for block in group}
    order = _order(inside, set())
    if order is not None:
        return order, CHUNK
    attempts = []
    if plant_delay is not None and PLANT in group:
        attempts.append(({PLANT}, ADDER_LATENCY + plant_delay))
    attempts.append(({PLANT, ADDERS} & group, ADDER_LATENCY))
    for known, cycles in attempts:
        # what is known ahead of the plant lets it run first
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
    """The order of the blocks (int64), and for each group of them (int64, one row): first and end in it, cycles of a turn.

    open_direct, open_signal: of each iq, whether what it adds to the outputs and its signal on the bus come from its
    oscillator alone; plant_delay: cycles from an output to the first input that shows it, None if the inputs ignore the
    outputs.
    """
    signal_block = dict(_BLOCK_OF_SIGNAL)
    direct_block = dict(_BLOCK_OF_SIGNAL)
    for number in range(3):
        if open_signal[number]:
            signal_block[dsp.IQ0 + number] = OSCILLATOR0 + number
        if open_direct[number]:
            direct_block[dsp.IQ0 + number] = OSCILLATOR0 + number

    def sources_of(selects) -> set[int]:
        return {signal_block[select] for select in selects if select != dsp.OFF}

    dependencies = {block: sources_of([input_select[block]]) for block in range(dsp.MODULES)}
    for number in range(3):
        dependencies[OSCILLATOR0 + number] = set()
        dependencies[dsp.IQ0 + number].add(OSCILLATOR0 + number)
    dependencies[dsp.TRIG].add(ASG)
    dependencies[ASG] = set()
    dependencies[SCOPE] = sources_of(input_select[8:10]) | {ASG, dsp.TRIG}
    dependencies[ADDERS] = {direct_block[module] for module in range(dsp.DIRECTS) if output_select[module]}
    dependencies[PLANT] = set() if plant_delay is None else {ADDERS}
    if differential:
        # pid0 and pid1 exchange filtered inputs: both are completed in pid1's place
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
