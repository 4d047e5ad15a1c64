"""A chunk of cycles: every active block computes it, in the order that routing.py has found."""

from __future__ import annotations

from . import columns, converters, dsp, routing
from .blocks import call_block
from .columns import MEMORYLESS_PLANT, NOISE, PLANT
from .compiled import single
from .records import BUS, CLOCK, bus_record, clock_record


@single
def _turn(
    words,
    signals,
    levels,
    tables,
    buffers,
    addresses,
    external,
    order,
    first,
    end,
    active,
    cycle,
    p,
    n,
    tail,
    kind,
    adc,
    plant,
    parameters,
    plant_state,
    seed,
):
    """Compute n cycles of the active ones of the blocks order[first:end]; column p is that of `cycle`."""
    for place in range(first, end):
        block = order[place]
        if (active >> block) & 1 == 0:
            continue
        if block == routing.PLANT:
            columns.fill_inputs(
                clock_record(words, CLOCK),
                signals,
                levels,
                p,
                cycle,
                cycle + n,
                kind,
                adc,
                plant,
                parameters,
                plant_state,
                seed,
            )
        elif block == routing.ADDERS:
            dsp.add(bus_record(words, BUS), signals, p, n)
        else:
            call_block(
                addresses[block],
                (
                    words.ctypes.data,
                    signals.ctypes.data,
                    tables.ctypes.data,
                    buffers.ctypes.data,
                    external,
                    cycle,
                    block,
                    p,
                    n,
                    tail,
                ),
            )


@single
def compute(
    words,
    signals,
    levels,
    tables,
    buffers,
    addresses,
    external,
    order,
    groups,
    active,
    cycle,
    p,
    n,
    tail,
    kind,
    adc,
    plant,
    parameters,
    plant_state,
    seed,
):
    """Compute n cycles of all groups of blocks; the blocks of a loop take turns."""
    if kind in (PLANT, MEMORYLESS_PLANT) and (active >> routing.PLANT) & 1:
        converters.add_noise(levels, seed, cycle, parameters[NOISE], p, n)
    for group in range(groups.shape[0]):
        done = 0
        while done < n:
            turn = min(groups[group, 2], n - done)
            _turn(
                words,
                signals,
                levels,
                tables,
                buffers,
                addresses,
                external,
                order,
                groups[group, 0],
                groups[group, 1],
                active,
                cycle + done,
                p + done,
                turn,
                tail,
                kind,
                adc,
                plant,
                parameters,
                plant_state,
                seed,
            )
            done += turn
