"""`ScopePage`: both channels of the oscilloscope over the time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyrpl_remote import CurveFrame

from .curves import Curves, Trace
from .look_page import LookPage, labelled_inputs
from .settings_form import Group


class ScopePage(LookPage):
    """The scope."""

    title = "Sc&ope"
    module_name = "scope"
    plot_names = ("Voltage",)
    groups = (
        Group("Channels", {"input1": "Input 1", "input2": "Input 2"}),
        Group(
            "Time",
            {
                "duration": "Duration",
                "average": "Average samples",
                "trace_average": "Averages",
                "rolling_mode": "Rolling",
            },
        ),
        Group(
            "Trigger",
            {
                "trigger_source": "Source",
                "threshold": "Threshold",
                "hysteresis": "Hysteresis",
                "trigger_delay": "Delay",
            },
            {"trigger_delay": "s"},
        ),
    )

    def module(self, p: Any) -> Any:
        """The scope's proxy."""
        return p.rp.scope

    def conflict(self, p: Any) -> str:
        """Whether an analyser, or a program, holds the scope."""
        owner = p.rp.scope.owner
        return f"{owner} uses the scope, and would measure with other settings" if owner else ""

    def curves(self, frame: CurveFrame, settings: Mapping[str, Any], taken: float) -> Curves:
        """Both channels in V over the time in s; 0 is the trigger."""
        labels = labelled_inputs([settings["input1"], settings["input2"]])
        traces = tuple(Trace(label, "V", values) for label, values in zip(labels, frame.y))
        return Curves(frame.x, "Time", "s", (traces,), settings, taken, note=f"{len(frame.x)} points")
