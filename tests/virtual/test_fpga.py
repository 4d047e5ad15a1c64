"""The FPGA model's shortcuts change no result, and its timing, noise and transfers are as PyRPL expects."""

from __future__ import annotations

import numpy as np
import pytest

from pyrpl_remote.virtual.fpga import Fpga
from pyrpl_remote.virtual.plants import Loopback

INVISIBLE = 1e-6
"""Rms noise in counts that never changes a word; with it, idle modules are skipped."""

HK, SCOPE, ASG, DSP, AMS = 0x40000000, 0x40100000, 0x40200000, 0x40300000, 0x40400000


def module(number: int, offset: int) -> int:
    """Address of a register of a module on the bus."""
    return DSP + number * 0x10000 + offset


def registers(fpga: Fpga) -> dict[str, np.ndarray]:
    """Every register of every block, by the name of the block."""
    records = fpga._records
    return {name: record for name, record in records.items() if name != "clock"}


def buffers(fpga: Fpga) -> np.ndarray:
    """The scope's buffers."""
    return fpga._buffers


def assert_same_registers(one: Fpga, other: Fpga) -> None:
    expected = registers(other)
    for name, record in registers(one).items():
        assert np.array_equal(record, expected[name]), name


class RandomProgram:
    """Random register writes to all blocks, with values that have an effect, and waits of random length."""

    def __init__(self, seed: int):
        self._random = np.random.default_rng(seed)

    def number(self, *choices: int) -> int:
        return int(self._random.choice(choices))

    def below(self, bits: int) -> int:
        """A number of up to `bits` bits, small ones as likely as large ones."""
        return int(self._random.integers(1 << int(self._random.integers(1, bits + 1))))

    def signed(self, bits: int) -> int:
        return self.below(bits - 1) * self.number(-1, 1) & (1 << bits) - 1

    def write(self) -> tuple[int, list[int]]:
        kind = self._random.integers(6)
        if kind == 0:
            return SCOPE + 4 * self.number(0, 0, 1, 1, 1, 2, 4, 5, 5, 8, 10, 36), [self.scope_word()]
        if kind == 1:
            return self.asg()
        number = self.number(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
        if kind == 2:
            return module(number, 0), [self.number(*range(16)), self.number(0, 0, 1, 2, 3)]
        if number <= 2:
            offset = self.number(0x100, 0x104, 0x108, 0x10C, 0x120, 0x124, 0x128, 0x12C)
            return module(number, offset), [
                self.below(32) if offset == 0x120 else self.signed(24) >> self.number(0, 8)
            ]
        if number == 3:
            offset = self.number(0x100, 0x104, 0x108, 0x10C, 0x110, 0x118, 0x11C, 0x120)
            return module(3, offset), [self.number(0, 1, 2, 3) if offset <= 0x10C else self.below(14)]
        if number == 4:
            if self._random.random() < 0.5:
                return module(4, 0x8000 + 8 * self.number(*range(16))), [self.signed(31)]
            return module(4, self.number(0x100, 0x104, 0x120)), [1 + self.below(5)]
        if number <= 7:
            offset = self.number(
                0x100, 0x104, 0x108, 0x10C, 0x110, 0x114, 0x118, 0x11C, 0x120, 0x124, 0x130, 0x134
            )
            if offset == 0x10C:
                return module(number, offset), [self.number(0, 1, 2, 3)]
            if offset >= 0x130:
                return module(number, offset), [self.below(11)]
            return module(number, offset), [self.signed(18) if 0x110 <= offset <= 0x11C else self.below(32)]
        return module(0, 0x0C), [self.number(0xFF, 0xFF, self.below(8))]

    def scope_word(self) -> int:
        return self.number(0, 1, 1, 2, 3, 4, 5, 8, 9, 9, 10, self.below(7), self.signed(14))

    def asg(self) -> tuple[int, list[int]]:
        if self._random.random() < 0.3:
            control = self.number(0x11, 0x11, 0x15, 0x211, 0x1011, 0x213, 0x91, 0x51, 0x111, 0x10)
            return ASG, [control | self.number(0x11, 0x211, 0x15, 0x10, 0x40) << 16]
        if self._random.random() < 0.3:
            return ASG + self.number(0x10000, 0x20000) + 4 * self.below(8), self._random.integers(
                0, 1 << 14, 40
            ).tolist()
        offset = self.number(4, 8, 12, 16, 16, 0x18, 0x1C, 0x20) + self.number(0, 0x20)
        size = {8: 26, 12: 24, 16: 22, 0x18: 3, 0x1C: 3, 0x20: 4}.get(offset % 0x20 or 0x20, 30)
        return ASG + offset, [self.below(size)]

    def wait(self) -> int:
        return self.below(self.number(4, 8, 12))


def run(program: RandomProgram, fpga: Fpga, step: int, length: int) -> tuple[np.ndarray, list]:
    """Let time pass in steps of at most `step` cycles; the outputs, and what some registers read between."""
    dac = fpga.record(1 << 18)
    seen = []
    for _ in range(length):
        fpga.write(*program.write())
        left = program.wait()
        while left:
            fpga.advance(min(step, left))
            left -= min(step, left)
        if program.number(0, 1) == 1:
            seen.append(
                fpga.read(
                    program.number(
                        SCOPE,
                        SCOPE + 0x18,
                        SCOPE + 0x164,
                        module(program.number(*range(15)), 0x10),
                        ASG + 0x114,
                        module(program.number(5, 6, 7), 0x140),
                    ),
                    2,
                ).tolist()
            )
        if program.number(*range(10)) == 0:
            fpga.set_external(program.number(0, 1))
    return dac, seen


@pytest.mark.parametrize("seed", range(12))
def test_whole_chunks_and_single_cycles_leave_every_register_the_same(seed):
    """In steps of one cycle no shortcut is taken, and every block is stepped in every cycle."""
    words = (
        np.random.default_rng(seed).normal(0, [[3000], [800]], (2, 3001)).clip(-8192, 8191).astype(np.int16)
    )
    boards = [Fpga(adc=words), Fpga(adc=words)]

    runs = [run(RandomProgram(seed), fpga, step, 250) for fpga, step in zip(boards, (1 << 20, 1))]

    (dac, seen), (dac_stepped, seen_stepped) = runs
    assert boards[0].cycle == boards[1].cycle
    assert np.array_equal(dac, dac_stepped)
    assert seen == seen_stepped
    assert_same_registers(*boards)
    assert np.array_equal(buffers(boards[0]), buffers(boards[1]))


@pytest.mark.parametrize("loops", [15, 16, 17, 80, 400])
@pytest.mark.parametrize("gain", [1 << 24, 1 << 30])
def test_rounds_of_the_iir_with_pauses_are_the_same_in_chunks_and_in_single_cycles(loops, gain):
    """More loops than stages; with the larger gain the sum overflows, in the pauses too."""
    random = np.random.default_rng(loops)
    words = random.normal(0, 3000, (2, 3001)).clip(-8192, 8191).astype(np.int16)
    boards = [Fpga(adc=words), Fpga(adc=words)]
    recordings = []
    for fpga, step in zip(boards, (1 << 20, 7)):
        random = np.random.default_rng(loops)
        dac = fpga.record(1 << 15)
        fpga.write(module(4, 0), [10, 1])
        for stage in range(14):
            for word, size in enumerate((gain, gain, 1 << 29, 1 << 27)):
                fpga.write(
                    module(4, 0x8000 + 32 * stage + 8 * word),
                    [int(random.integers(-size, size)) & 0xFFFFFFFF],
                )
        fpga.write(module(4, 0x100), [loops, 1])
        for wait in (5, 1000, 4321, 20, 9000):
            for _ in range(0, wait, step):
                fpga.advance(min(step, wait))
                wait -= step
            fpga.write(module(4, 0x8000), [int(random.integers(gain))])
        recordings.append(dac)

    first, second = recordings
    assert np.array_equal(first, second) and len(np.unique(first)) > 10
    assert boards[0].read(module(4, 0x108))[0] == boards[1].read(module(4, 0x108))[0]
    assert np.array_equal(registers(boards[0])["iir"], registers(boards[1])["iir"])


class UnfilteredProgram(RandomProgram):
    """Without input filters and phase detectors, whose memory is not kept while a module is idle."""

    def write(self) -> tuple[int, list[int]]:
        address, words = super().write()
        offset = address & 0xFFFF
        if address & ~0xFFFFF == DSP and (offset in (0x120, 0x124) or (offset == 0x10C and words == [2])):
            return address, [0]
        return address, words

    def wait(self) -> int:
        return self.below(self.number(4, 8, 12, 15))


@pytest.mark.parametrize("seed", range(8))
def test_skipping_idle_modules_changes_no_output_and_no_register_that_is_read(seed):
    """In steps of 100 cycles every block is computed; in long ones only those with an observable effect."""
    boards = [Fpga(plant=Loopback(noise_lsb=INVISIBLE)), Fpga(plant=Loopback(noise_lsb=INVISIBLE))]

    runs = [run(UnfilteredProgram(seed), fpga, step, 120) for fpga, step in zip(boards, (1 << 20, 100))]

    (dac, seen), (dac_stepped, seen_stepped) = runs
    assert np.array_equal(dac, dac_stepped)
    assert seen == seen_stepped


@pytest.mark.parametrize("seed", range(8))
def test_without_noise_idle_modules_keep_the_memory_of_their_inputs(seed):
    """Without noise the inputs are predictable, so that an idle module's memory of them can be observed."""
    boards = [Fpga(plant=Loopback(noise_lsb=0)), Fpga(plant=Loopback(noise_lsb=0))]

    runs = [run(RandomProgram(seed), fpga, step, 120) for fpga, step in zip(boards, (1 << 20, 100))]

    (dac, seen), (dac_stepped, seen_stepped) = runs
    assert np.array_equal(dac, dac_stepped)
    assert seen == seen_stepped
    assert_same_registers(*boards)


def test_the_digital_loop_feeds_the_outputs_back_within_the_same_cycle():
    fpga = Fpga(plant=Loopback(gain=0))
    fpga.write(ASG + 4, [1234 << 16])
    fpga.write(module(8, 4), [1])
    fpga.write(HK + 0x0C, [1])
    fpga.advance(1000)
    assert fpga.read(module(10, 0x10))[0] == 1234
    assert fpga.read(HK, 4).tolist() == [1, 0, 0, 1]


def test_input_pins_show_what_the_output_registers_hold():
    fpga = Fpga(plant=Loopback())
    fpga.write(HK + 0x18, [0xA5, 0x3C])
    assert fpga.read(HK + 0x18, 4).tolist() == [0xA5, 0x3C, 0xA5, 0x3C]
    fpga.write(HK + 0x30, [0x181])
    assert fpga.read(HK + 0x30)[0] == 0x81


@pytest.mark.parametrize(
    ("level", "duty", "spread"), [(0, 0x80, 0), (-8192, 0, 0), (8191, 0xFF, 0x7FFF), (4, 0x80, 0x0080)]
)
def test_slow_outputs_follow_a_signal(level, duty, spread):
    """Duty cycle in the upper 8 bits, the next 4 bits spread over 16 periods (red_pitaya_ams.v)."""
    fpga = Fpga(plant=Loopback())
    fpga.write(ASG + 4, [(level & 0x3FFF) << 16])
    fpga.write(module(10, 0), [8])
    fpga.advance(100)
    assert fpga.read(AMS + 0x20)[0] == duty << 16 | spread
    fpga.write(AMS + 0x28, [0x123456])
    assert fpga.read(AMS + 0x28)[0] == 0x123456


def test_how_long_an_acquisition_takes_is_known_once_it_is_triggered():
    fpga = Fpga(plant=Loopback())
    assert fpga.acquisition_remaining() == 0
    fpga.write(SCOPE + 0x10, [16000, 64])
    fpga.write(SCOPE, [3])
    assert fpga.acquisition_remaining() is None
    fpga.advance(64 * 1000)
    fpga.write(SCOPE + 4, [1])
    remaining = fpga.acquisition_remaining()
    assert remaining is not None
    assert 15990 * 64 < remaining <= 16000 * 64
    fpga.advance(remaining + 8)
    assert fpga.acquisition_remaining() == 0
    assert fpga.read(SCOPE)[0] == 0


def test_how_long_the_network_analyser_takes_is_known():
    fpga = Fpga(plant=Loopback())
    fpga.write(module(6, 0x130), [5000, 300])
    fpga.write(module(6, 0x108), [1 << 20])
    remaining = fpga.network_analyser_remaining(1)
    assert fpga.read(module(6, 0x140))[0] >> 31 == 1
    fpga.advance(remaining - 8)
    assert fpga.read(module(6, 0x140))[0] >> 31 == 0
    assert fpga.network_analyser_remaining(1) == 0


def test_a_seed_repeats_the_noise():
    def trace(seed: int) -> list:
        fpga = Fpga(plant=Loopback(), seed=seed)
        return [int(fpga.read(module(10, 0x10))[0]) for _ in range(50)]

    assert trace(1) == trace(1) != trace(2)


def test_noise_of_the_generators_is_that_of_the_gateware_after_a_time_without_use():
    """The noise source is not computed while no generator uses it; the skipped steps are made up for."""

    def outputs(step: int) -> np.ndarray:
        fpga = Fpga(plant=Loopback())
        for _ in range(100_000 // step):
            fpga.advance(step)
        fpga.write(ASG + 0x10000, np.arange(16384))
        fpga.write(module(8, 4), [1])
        fpga.write(ASG, [0x1211])
        dac = fpga.record(1000)
        fpga.advance(1000)
        return dac

    assert np.array_equal(outputs(100_000), outputs(100))
    assert len(np.unique(outputs(100_000))) > 500


def test_a_block_transfer_may_take_fewer_cycles():
    fpga = Fpga(plant=Loopback())
    fpga.write(ASG + 0x10000, range(16384), cycles_per_word=1)
    fpga.read(SCOPE + 0x10000, 16384, cycles_per_word=0)
    assert fpga.cycle == 16384


def test_a_reset_loads_the_gateware_afresh():
    fpga = Fpga(plant=Loopback())
    fpga.write(ASG + 4, [1234 << 16])
    fpga.write(module(8, 4), [1])
    fpga.advance(1000)
    fpga.reset()
    assert fpga.cycle == 0
    fpga.advance(1000)
    assert fpga.read(module(12, 0x10))[0] == 0
    assert fpga.read(ASG + 4)[0] == 0x2000
