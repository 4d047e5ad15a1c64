"""In which order the blocks are run, and over how many cycles at a time.

A block is run over a whole chunk of cycles before the next one, which keeps its registers in the processor's. That
needs the block's input for the whole chunk: blocks are run after those that they listen to. Where signals go round in a
circle, the chunk must be no longer than what is known beforehand of the signals that close it: one cycle for a
module's output (a register), ADDER_LATENCY cycles for the outputs, and the plant's delay more for the inputs.
"""
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter

from . import dsp
from .dsp import ADDER_LATENCY

#: longest chunk in cycles; its rows of the signal buffer stay in the processor's cache
CHUNK = 1024

#: the blocks: modules 0 ... 7 under their numbers, then
ASG, ADDERS, PLANT, SCOPE, OSCILLATOR0 = 8, 9, 10, 11, 12
#: OSCILLATOR0 ... 2 are the parts of the iqs that do not need the input
BLOCKS = OSCILLATOR0 + 3

_BLOCK_OF_SIGNAL = {
    dsp.PID0: 0, dsp.PID1: 1, dsp.PID2: 2, dsp.TRIG: 3, dsp.IIR: 4, dsp.IQ0: 5, dsp.IQ1: 6, dsp.IQ2: 7,
    dsp.ASG0: ASG, dsp.ASG1: ASG, dsp.IN1: PLANT, dsp.IN2: PLANT, dsp.OUT1: ADDERS, dsp.OUT2: ADDERS, dsp.IQ2_2: 7,
}


def _order(dependencies: dict[int, set[int]], known: frozenset[int]) -> tuple[int, ...] | None:
    """An order in which blocks follow those they depend on, but for the blocks in `known`; None if there is none."""
    graph = {block: sources - known for block, sources in dependencies.items()}
    try:
        return tuple(TopologicalSorter(graph).static_order())
    except CycleError:
        return None


@lru_cache(maxsize=1024)
def plan(input_select: tuple[int, ...], output_select: tuple[int, ...], differential: bool, open_direct: tuple[bool, ...],
         open_signal: tuple[bool, ...], plant_delay: int | None) -> tuple[tuple[int, ...], int]:
    """The order of the blocks and the longest chunk.

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
    attempts = [(frozenset(), CHUNK)]
    if plant_delay is not None:
        # the inputs are known ahead, so the plant is run first
        attempts.append((frozenset({PLANT}), ADDER_LATENCY + plant_delay))
    attempts.append((frozenset({PLANT, ADDERS}), ADDER_LATENCY))
    for known, chunk in attempts:
        graph = dict(dependencies)
        if known:
            graph[PLANT] = set()
        order = _order(graph, known)
        if order is not None:
            if known:
                order = (PLANT,) + tuple(block for block in order if block != PLANT)
            return order, min(chunk, CHUNK)
    return (PLANT, *range(OSCILLATOR0, BLOCKS), *range(dsp.MODULES), ASG, SCOPE, ADDERS), 1
