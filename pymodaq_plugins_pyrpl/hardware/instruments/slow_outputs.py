"""The digital pins of a board, and the inputs of its PWM outputs in the settings of a plugin."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from pymodaq_gui.parameter import Parameter

from pyrpl_remote.errors import BadValue, PyrplRemoteError

from ..board_plugin import BoardPlugin
from ..settings_tree import module_group

PINS = [f"expansion_{side}{number}" for side in "PN" for number in range(8)]
"""PyRPL's names of the digital pins."""

DIRECTIONS = tuple(f"{pin}_output" for pin in PINS)
"""The attributes that say whether each pin is an output."""

PWMS = ("pwm0", "pwm1")
"""The PWM outputs. Each puts out a signal of the FPGA; PyRPL has no attribute for a voltage of their own."""


def write_pin(hk: Any, pin: str, value: float) -> bool:
    """Set an output to high for 1, to low for 0; returns what the board has then. A remote call.

    Raises BadValue for another value, and for a pin that is an input: PyRPL would silently do nothing.
    """
    if value not in (0, 1):
        raise BadValue(f"{hk!r}: {pin} is 0 or 1, not {value:g}; nothing was written", "move it to 0 or 1")
    if not getattr(hk, f"{pin}_output"):
        raise BadValue(
            f"{hk!r}: {pin} is an input; nothing was written",
            f"make it an output first: tick {pin}_output in the settings",
        )
    setattr(hk, pin, bool(value))
    return getattr(hk, pin)


class PwmInputs(BoardPlugin):
    """Mixin for a plugin whose settings also show, and edit, the inputs of the PWM outputs."""

    pwm_subscriptions: tuple = ()

    def open_board(self, controller: Any) -> tuple[str, bool]:
        """Connect to the board, show the inputs of the PWM outputs, and follow them from now on."""
        info, initialized = super().open_board(controller)
        if initialized:
            try:
                self._follow_pwms()
            except PyrplRemoteError as error:
                self.report(error)
        return info, initialized

    def link_healed(self) -> None:
        """Show the inputs: the board may have been restarted."""
        super().link_healed()
        rp = self.controller.rp

        def done(future: Future) -> None:
            if self.controller is not None and future.exception() is None:
                for name, value in future.result().items():
                    self.changed(name, "input", value)

        if self.background is not None:
            self.background.begin(lambda: {name: getattr(rp, name).input for name in PWMS}, done)

    def before_release(self) -> None:
        """Follow the inputs no longer."""
        super().before_release()
        for subscription in self.pwm_subscriptions:
            subscription.close()

    def commit_settings(self, param: Parameter) -> None:
        """Write a changed setting."""
        parent = param.parent()
        if self.controller is None or parent is None or parent.name() not in PWMS:
            super().commit_settings(param)
            return
        pwm = getattr(self.controller.rp, parent.name())
        try:
            self.ask(lambda: setattr(pwm, "input", param.value()))
        except PyrplRemoteError as error:
            self.report(error)

    def changed(self, module: str, name: str, value: Any) -> None:
        """Show an input that somebody has set."""
        if module in PWMS and name == "input" and module in self.settings.names:
            self.settings.child(module, name).setValue(value)
        else:
            super().changed(module, name, value)

    def _follow_pwms(self) -> None:
        rp, follower = self.controller.rp, self._follower
        assert follower is not None

        def follow() -> list[dict]:
            self.pwm_subscriptions = tuple(
                getattr(rp, name).on_change(
                    lambda change: follower.post((change.module, change.name), change)
                )
                for name in PWMS
            )
            return [module_group(getattr(rp, name), ("input",)) for name in PWMS]

        for group in self.ask(follow):
            if group["name"] in self.settings.names:
                self.settings.child(group["name"], "input").setValue(group["children"][0]["value"])
            else:
                self.settings.addChild(group)
