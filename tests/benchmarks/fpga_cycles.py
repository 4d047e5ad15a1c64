"""Prints how many cycles of 8 ns the FPGA model computes per second, for each set of active modules.

Run by hand: python tests/benchmarks/fpga_cycles.py
"""

from __future__ import annotations

import time

import numpy as np

from pyrpl_remote.virtual.fpga import Fpga
from pyrpl_remote.virtual.plants import Loopback

SCOPE, ASG, DSP = 0x40100000, 0x40200000, 0x40300000
PID0, IIR, IQ0, IQ2, ASG0, IN1 = 0, 4, 5, 7, 8, 10


def module(number: int, offset: int) -> int:
    """Address of a register of a module on the bus."""
    return DSP + number * 0x10000 + offset


def route(fpga: Fpga, number: int, source: int, outputs: int = 0) -> None:
    fpga.write(module(number, 0), [source, outputs])


def generator(fpga: Fpga) -> None:
    """asg0: a 1 kHz sine on out1."""
    fpga.write(
        ASG + 0x10000, np.round(4000 * np.sin(np.arange(16384) * 2 * np.pi / 16384)).astype(int) & 0x3FFF
    )
    fpga.write(ASG + 0x10, [round(1e3 / 125e6 * 2**30)])
    fpga.write(module(ASG0, 4), [1])
    fpga.write(ASG, [0x11])


def scope(fpga: Fpga) -> None:
    """A rolling acquisition of in1 and in2, decimation 64 with averaging."""
    fpga.write(SCOPE + 0x14, [64])
    fpga.write(SCOPE + 0x28, [1])
    fpga.write(SCOPE, [1 | 8])


def pid(fpga: Fpga, number: int = PID0) -> None:
    """A pid on in1 with one low-pass stage, proportional and integral gain."""
    route(fpga, number, IN1)
    fpga.write(module(number, 0x108), [1000, 1000])
    fpga.write(module(number, 0x120), [0x8A])


def iq(fpga: Fpga, number: int = IQ0) -> None:
    """An iq that demodulates in1, filters and remodulates."""
    route(fpga, number, IN1)
    fpga.write(module(number, 0x120), [0xC8])
    fpga.write(module(number, 0x124), [0x8C8C])
    fpga.write(module(number, 0x110), [5000, 20000, 5000, 5000])
    fpga.write(module(number, 0x108), [round(1e6 / 125e6 * 2**32)])


def network_analyser(fpga: Fpga) -> None:
    """An iq that drives out1 and sums the demodulated in1."""
    route(fpga, IQ0, IN1, 1)
    fpga.write(module(IQ0, 0x124), [0x8C8C])
    fpga.write(module(IQ0, 0x114), [60000])
    fpga.write(module(IQ0, 0x130), [0xFFFFFFFF])
    fpga.write(module(IQ0, 0x108), [round(1e6 / 125e6 * 2**32)])


def iir(fpga: Fpga) -> None:
    """Ten biquads from in1 to out2."""
    route(fpga, IIR, IN1, 2)
    for stage in range(10):
        for coefficient, value in enumerate((1 << 20, 1 << 20, 1 << 29, -(1 << 27))):
            fpga.write(module(IIR, 0x8000 + 32 * stage + 8 * coefficient), [value & 0xFFFFFFFF])
    fpga.write(module(IIR, 0x100), [10, 1])


def closed(fpga: Fpga) -> None:
    """pid0 and iq0 drive out2, so that their blocks form a loop with the plant."""
    for number in (PID0, IQ0):
        fpga.write(module(number, 4), [2])


def everything(fpga: Fpga) -> None:
    """All modules; the pids and iqs drive out2, so that their blocks form a loop with the plant."""
    generator(fpga)
    scope(fpga)
    iir(fpga)
    for number in range(3):
        pid(fpga, number)
        iq(fpga, IQ0 + number)
        for output in (number, IQ0 + number):
            fpga.write(module(output, 4), [2])


CASES = {
    "idle": (),
    "asg, scope": (generator, scope),
    "asg, pid, scope": (generator, pid, scope),
    "asg, pid, iq, scope": (generator, pid, iq, scope),
    "the same in closed loop": (generator, pid, iq, scope, closed),
    "network analyser": (network_analyser,),
    "everything": (everything,),
}


def cycles_per_second(parts: tuple, seconds: float = 1.0) -> float:
    """Set up the parts on a new FPGA and compute it for about `seconds`."""
    fpga = Fpga(plant=Loopback())
    for part in parts:
        part(fpga)
    fpga.advance(100_000)
    start, first = time.process_time(), fpga.cycle
    while time.process_time() < start + seconds:
        fpga.advance(1_000_000)
    return (fpga.cycle - first) / (time.process_time() - start)


if __name__ == "__main__":
    for name, parts in CASES.items():
        print(f"{name:26s}{cycles_per_second(parts) / 1e6:10.1f} M cycles/s")
