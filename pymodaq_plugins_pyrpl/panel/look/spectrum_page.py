"""`SpectrumPage`: the spectra of PyRPL's spectrum analyser, in right units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from qtpy.QtWidgets import QCheckBox, QComboBox, QWidget

from pyrpl_remote import CurveFrame

from ...hardware.instruments.spectrum import UNITS
from .acquisition import CONTINUOUS
from .curves import Curves, SpectrumTrace
from .editors import first_of
from .look_page import LookPage
from .settings_form import Group

UNIT = "dB(Vpk^2)"
"""What spectra are shown in at first, as in PyRPL's window."""


class SpectrumPage(LookPage):
    """The spectrum analyser. In baseband it shows both inputs, else one around a centre frequency."""

    title = "Spectr&um"
    module_name = "spectrumanalyzer"
    groups = (
        Group(
            "Signal",
            {
                "baseband": "Baseband",
                "input1_baseband": "Input 1",
                "input2_baseband": "Input 2",
                "input": "Input",
                "center": "Center",
            },
        ),
        Group(
            "Spectrum",
            {
                "span": "Span",
                "rbw": "RBW",
                "window": "Window",
                "trace_average": "Averages",
                "acbandwidth": "High-pass",
            },
        ),
    )
    plot_names = ("Spectrum",)
    derived: ClassVar[Mapping[str, tuple[str, ...]]] = {"window": ("rbw",)}

    def own_settings(self) -> dict[str, QWidget]:
        """The unit, the cross spectrum and the axis are the page's: what others see remains as it is."""
        self.unit = QComboBox()
        self.unit.addItems(UNITS)
        self.unit.setCurrentText(UNIT)
        self.unit.setToolTip(
            "What the spectra are shown and exported in; V per root of Hz are right for noise"
        )
        self.cross = QCheckBox()
        self.cross.setToolTip("Show the magnitude of the cross spectrum of both inputs, in baseband")
        self.log = QCheckBox()
        self.log.setToolTip("A logarithmic frequency axis, in baseband")
        self._options = UNIT, False, False
        self.unit.currentTextChanged.connect(self._show_options)
        self.cross.toggled.connect(self._show_options)
        self.log.toggled.connect(self._show_options)
        self._last: tuple[CurveFrame, Mapping[str, Any], float] | None = None
        return {"Unit": self.unit, "Cross spectrum": self.cross, "Log frequency": self.log}

    def module(self, p: Any) -> Any:
        """The analyser's proxy."""
        return p.spectrumanalyzer

    def conflict(self, p: Any) -> str:
        """Whether the scope is in use, or, around a centre frequency, iq2 by the network analyser."""
        if p.rp.scope.running_state == CONTINUOUS:
            return "the scope acquires continuously: a spectrum changes its settings and ends that"
        if not p.spectrumanalyzer.baseband and p.networkanalyzer.running_state == CONTINUOUS:
            return "the network analyser sweeps with iq2, which a spectrum around a centre frequency needs"
        return ""

    def curves(self, frame: CurveFrame, settings: Mapping[str, Any], taken: float) -> Curves | None:
        """The spectra, in the page's unit."""
        unit, cross, _ = self._options
        self._last = frame, settings, taken
        rbw = float(first_of(settings["rbw"]))
        if settings["baseband"] != (frame.y.ndim == 2):
            return None  # of before the change
        if settings["baseband"]:
            powers = {
                f"Ch1 {settings['input1_baseband']}": frame.y[0],
                f"Ch2 {settings['input2_baseband']}": frame.y[1],
            }
            if cross:
                powers["Cross spectrum"] = np.hypot(frame.y[2], frame.y[3])
        else:
            powers = {str(settings["input"]): frame.y}
        traces = tuple(SpectrumTrace(label, unit, power, rbw) for label, power in powers.items())
        described = {**settings, "unit": unit}
        return Curves(frame.x, "Frequency", "Hz", (traces,), described, taken, note=f"RBW {rbw:.4g} Hz")

    def is_logarithmic(self, curves: Curves) -> bool:
        """As the user wants it: around a centre frequency it makes no sense."""
        return self._options[2] and bool(curves.settings["baseband"])

    def settings_shown(self) -> None:
        """Show the inputs that are in use."""
        baseband = bool(self.settings.get("baseband"))
        self.form.show_rows(
            {
                "input1_baseband": baseband,
                "input2_baseband": baseband,
                "input": not baseband,
                "center": not baseband,
                "acbandwidth": not baseband,
            }
        )

    def _show_options(self, *_: object) -> None:
        """Show the last spectrum in another unit."""
        self._options = self.unit.currentText(), self.cross.isChecked(), self.log.isChecked()
        if self._last is not None and (curves := self.curves(*self._last)) is not None:
            self.canvas.draw_again(curves)
