"""`NetworkPage`: a response in dB and in degrees, in two plots that grow during a sweep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from qtpy.QtWidgets import QCheckBox, QWidget

from pyrpl_remote import CurveFrame

from ...hardware.instruments.bode import decibels, degrees
from ...hardware.instruments.sweep import TIMING, expected_seconds
from .acquisition import CONTINUOUS
from .curves import Curves, Trace
from .look_page import LookPage
from .settings_form import Group


class NetworkPage(LookPage):
    """The network analyser."""

    title = "&Network"
    module_name = "networkanalyzer"
    groups = (
        Group(
            "Signals",
            {"input": "Input", "output_direct": "Output", "amplitude": "Amplitude"},
            {"amplitude": "V"},
        ),
        Group(
            "Sweep",
            {
                "start_freq": "Start",
                "stop_freq": "Stop",
                "points": "Points",
                "rbw": "RBW",
                "average_per_point": "Averages per point",
                "trace_average": "Averages",
                "logscale": "Logarithmic",
                "acbandwidth": "High-pass",
            },
        ),
    )
    needed = TIMING
    plot_names = ("Magnitude", "Phase")

    def own_settings(self) -> dict[str, QWidget]:
        """Whether the phase has jumps."""
        self.unwrap = QCheckBox()
        self.unwrap.setToolTip("Show the phase without jumps by 360 degrees")
        self.unwrap.toggled.connect(self._show_options)
        self._unwrapped = False
        self._last: tuple[CurveFrame, Mapping[str, Any], float] | None = None
        return {"Phase without jumps": self.unwrap}

    def module(self, p: Any) -> Any:
        """The analyser's proxy."""
        return p.networkanalyzer

    def conflict(self, p: Any) -> str:
        """Whether the spectrum analyser uses iq2."""
        analyser = p.spectrumanalyzer
        if analyser.running_state == CONTINUOUS and not analyser.baseband:
            return "the spectrum analyser measures with iq2, which a sweep needs"
        return ""

    def curves(self, frame: CurveFrame, settings: Mapping[str, Any], taken: float) -> Curves | None:
        """Magnitude and phase of the points that are measured, over frequency; over time if the span is 0."""
        self._last = frame, settings, taken
        # PyRPL has 0 for points that are not measured yet, and no time
        measured = (frame.y != 0) & np.isfinite(frame.x)
        count = int(measured.sum())
        if not count:
            return None
        x, response = frame.x[measured], frame.y[measured]
        zero_span = settings["start_freq"] == settings["stop_freq"]
        if x[0] > x[-1]:  # a sweep downwards
            x, response = x[::-1], response[::-1]
        label = f"{settings['input']} / {settings['output_direct']}"
        plots = (
            (Trace(f"Magnitude {label}", "dB", decibels(response)),),
            (Trace(f"Phase {label}", "degree", degrees(response, self._unwrapped)),),
        )
        name, unit = ("Time", "s") if zero_span else ("Frequency", "Hz")
        extra = {"real": response.real, "imaginary": response.imag}
        text = f"{count} of {len(frame.y)} points; a sweep takes {expected_seconds(settings):.3g} s"
        return Curves(x, name, unit, plots, settings, taken, extra, text)

    def is_logarithmic(self, curves: Curves) -> bool:
        """As PyRPL spaces the points."""
        return bool(curves.settings["logscale"]) and curves.x_unit == "Hz"

    def _show_options(self, *_: object) -> None:
        self._unwrapped = self.unwrap.isChecked()
        if self._last is not None and (curves := self.curves(*self._last)) is not None:
            self.canvas.draw_again(curves)
