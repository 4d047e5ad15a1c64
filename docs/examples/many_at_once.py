"""A trace and a sweep at the same time, with asyncio: many_at_once.py [BOARD]."""

import asyncio
import sys

from pyrpl_remote import connect


async def main(board):
    with connect(board) as p:
        p.rp.scope.setup(input1="in1", duration=1e-2, trigger_source="immediately", rolling_mode=False)
        p.networkanalyzer.setup(
            input="in2", output_direct="off", start_freq=1e4, stop_freq=1e5, points=11, trace_average=1
        )
        (ch1, _), sweep = await asyncio.gather(p.rp.scope.single_async(), p.networkanalyzer.single_async())
        print(f"a trace of {len(ch1)} points, and a sweep of {len(sweep)}")


asyncio.run(main(*sys.argv[1:] or ["virtual"]))
