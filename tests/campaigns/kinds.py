"""What the working clients of a campaign do: each kind is a class whose `turn` is called again and again."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import numpy as np

from .numbered import Violation, frequency, phase, setpoint

LIMIT_SECONDS = 30.0
"""How long an acquisition may take."""

MIRROR_SECONDS = 5.0
"""How soon an event arrives."""


class Client:
    """Base of all kinds."""

    def __init__(self, p: Any):
        self.p = p

    def turn(self) -> None:
        """Work once. Raises Violation, or errors of pyrpl_remote."""

    def acquire(self) -> None:
        """Acquire something, where that is not all that `turn` does."""

    def settle(self) -> None:
        """Check what can be checked while no client writes."""

    def forget(self) -> None:
        """Go on after a violation."""

    def close(self) -> None:
        """Release what it holds beside `p`."""


class SetpointWriter(Client):
    """Writes and reads the set point of pid0."""

    module = "pid0"

    def __init__(self, p: Any):
        super().__init__(p)
        self._module = getattr(p.rp, self.module)
        self._numbered = setpoint()

    def turn(self) -> None:
        self._numbered.write(lambda value: setattr(self._module, "setpoint", value))
        self.settle()

    def settle(self) -> None:
        self._numbered.check(self._module.setpoint)

    def forget(self) -> None:
        self._numbered.forget()


class FrequencyWriter(Client):
    """Writes the frequency of asg0 with `update`, and reads it with `snapshot`."""

    def __init__(self, p: Any):
        super().__init__(p)
        self._numbered = frequency()

    def turn(self) -> None:
        self._numbered.write(lambda value: self.p.rp.asg0.update(frequency=value))
        self.settle()

    def settle(self) -> None:
        self._numbered.check(self.p.rp.asg0.snapshot()["frequency"])

    def forget(self) -> None:
        self._numbered.forget()


class CurveTaker(Client):
    """Takes curves of a sine of asg1 with the scope, and checks their shape and amplitude."""

    AMPLITUDE = 0.5
    FREQUENCY = 10e3

    def __init__(self, p: Any):
        super().__init__(p)
        p.rp.asg1.setup(
            **{"waveform": "sin", "frequency": self.FREQUENCY, "amplitude": self.AMPLITUDE, "offset": 0},
            **{"output_direct": "off", "trigger_source": "immediately"},
        )
        p.rp.scope.setup(
            **{"input1": "asg1", "input2": "asg1", "duration": 1e-3, "trigger_source": "immediately"},
            **{"trace_average": 1, "rolling_mode": False},
        )

    def turn(self) -> None:
        curves = np.asarray(self.p.rp.scope.single(timeout=LIMIT_SECONDS))
        if curves.shape != (2, 2**14):
            raise Violation("wrong", f"the curves have the shape {curves.shape}")
        ends = curves.min(), curves.max()
        if not np.allclose(ends, (-self.AMPLITUDE, self.AMPLITUDE), atol=0.01):
            raise Violation("wrong", f"the curves go from {ends[0]} to {ends[1]} V")
        if not np.allclose(np.std(curves, axis=1), self.AMPLITUDE / np.sqrt(2), rtol=0.05):
            raise Violation("wrong", f"the curves are no sine: {np.std(curves, axis=1)}")


class Follower(Client):
    """Follows the set point of pid0 by events."""

    def __init__(self, p: Any):
        super().__init__(p)
        self._mirror: float | None = None
        self._subscription = p.rp.pid0.on_change(self._changed)

    def _changed(self, change: Any) -> None:
        if change.name == "setpoint":
            self._mirror = change.value

    def turn(self) -> None:
        self.p.rp.pid0.snapshot()

    def settle(self) -> None:
        if self._subscription.closed:
            raise Violation("wrong", "the subscription has ended")
        deadline = time.monotonic() + MIRROR_SECONDS
        while (value := self.p.rp.pid0.setpoint) != self._mirror:
            if time.monotonic() > deadline:
                raise Violation("wrong", f"events say that the set point is {self._mirror}, it is {value}")
            time.sleep(0.05)

    def forget(self) -> None:
        self._mirror = self.p.rp.pid0.setpoint


class Asynchronous(Client):
    """Awaits futures of two modules at once in an asyncio loop, and writes the phase of iq0."""

    POINTS = 5

    def __init__(self, p: Any):
        super().__init__(p)
        self._numbered = phase()
        p.networkanalyzer.setup(
            **{
                "start_freq": 1e5,
                "stop_freq": 2e5,
                "points": self.POINTS,
                "rbw": 1e4,
                "average_per_point": 1,
            },
            **{"trace_average": 1, "input": "iq2", "output_direct": "off"},
        )

    def turn(self) -> None:
        self._numbered.write(lambda value: setattr(self.p.rp.iq0, "phase", value))
        self.settle()

    def acquire(self) -> None:
        asyncio.run(self._acquire())

    async def _acquire(self) -> None:
        begun = [self.p.networkanalyzer.single_async(), self.p.rp.scope.single_async()]
        sweep, curves = await asyncio.wait_for(asyncio.gather(*begun), LIMIT_SECONDS)
        if np.shape(sweep) != (self.POINTS,) or np.shape(curves) != (2, 2**14):
            raise Violation("wrong", f"results of the shapes {np.shape(sweep)}, {np.shape(curves)}")

    def settle(self) -> None:
        self._numbered.check(self.p.rp.iq0.phase)

    def forget(self) -> None:
        self._numbered.forget()


class Plugin(Client):
    """PyMoDAQ's plugin for a PID moves the set point of pid1, without a window."""

    def __init__(self, p: Any):
        super().__init__(p)
        # not at the top: PyMoDAQ takes seconds to import; offscreen is first, and keeps its files apart
        from .. import offscreen

        offscreen.mkQApp("campaign")
        from pymodaq.utils.data import DataActuator
        from pymodaq.utils.plugin_testing import make_actuator

        from pymodaq_plugins_pyrpl.daq_move_plugins.daq_move_PyRPL_PID import DAQ_Move_PyRPL_PID

        self._plugin = make_actuator(DAQ_Move_PyRPL_PID, board=p.status().board, module="pid1")
        assert self._plugin.initialized, self._plugin.init_info
        self._position = DataActuator
        self._numbered = setpoint()

    def turn(self) -> None:
        self._numbered.write(
            lambda value: self._plugin.move_abs(self._position("position", data=value, units="V"))
        )
        self.settle()

    def settle(self) -> None:
        self._numbered.check(float(self._plugin.get_actuator_value().value("V")))

    def forget(self) -> None:
        self._numbered.forget()

    def close(self) -> None:
        self._plugin.close()


class OwnedWriter(SetpointWriter):
    """Writes to a virtual board that its daemon has started."""

    module = "pid2"


KINDS = {
    kind.__name__: kind
    for kind in (SetpointWriter, FrequencyWriter, CurveTaker, Follower, Asynchronous, Plugin, OwnedWriter)
}
"""Each kind by its name."""
