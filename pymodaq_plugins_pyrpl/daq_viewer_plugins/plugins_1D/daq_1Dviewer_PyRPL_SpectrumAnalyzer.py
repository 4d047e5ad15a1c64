"""DAQ_1DViewer_PyRPL_SpectrumAnalyzer: the spectra of two signals, and their cross spectrum."""

import numpy as np
from pymodaq.control_modules.viewer_utility_classes import comon_parameters, main
from pymodaq_data.data import DataToExport

from pymodaq_plugins_pyrpl.hardware.board_plugin import board_params
from pymodaq_plugins_pyrpl.hardware.detector import BoardDetector
from pymodaq_plugins_pyrpl.hardware.instruments.scope_users import ScopeUsersNote
from pymodaq_plugins_pyrpl.hardware.instruments.spectrum_data import DEPENDS, SPECTRUM_PARAMS, spectrum_data
from pymodaq_plugins_pyrpl.hardware.stream import SharedAcquisition


class DAQ_1DViewer_PyRPL_SpectrumAnalyzer(ScopeUsersNote, BoardDetector):
    """The spectrum analyser of a Red Pitaya with PyRPL.

    Frequencies in Hz; the unit of the spectra is one of the settings. In baseband both inputs are measured at
    the same time, up to half of the span, with their cross spectrum; else one input around a centre
    frequency, with iq2. PyRPL takes the curves with the scope: it changes the scope's settings, and ends its
    acquisition. Within the resolution bandwidth around 0 Hz, a spectrum shows twice the voltage.
    """

    modules = ("spectrumanalyzer",)
    shown = (
        "input1_baseband",
        "input2_baseband",
        "span",
        "rbw",
        "window",
        "trace_average",
        "baseband",
        "input",
        "center",
        "acbandwidth",
    )
    section = "spectrumanalyzer"

    params = comon_parameters + board_params(modules) + SPECTRUM_PARAMS

    def ini_detector(self, controller=None) -> tuple[str, bool]:
        """Connect to the board; a slave uses its master's connection."""
        self.acquisition: SharedAcquisition | None = None
        self.settings_of_last: dict | None = None
        info, initialized = super().ini_detector(controller)
        self.look_for_scope_users()
        return info, initialized

    def grab_data(self, Naverage=1, live=False, **kwargs) -> None:
        """Acquire spectra and emit them. A failure is reported and ends the grab."""
        self.look_for_scope_users()
        super().grab_data(Naverage, live=live, **kwargs)

    def acquire(self, live: bool) -> DataToExport:
        """The spectra of one curve of the analyser."""
        analyser = self.module
        acquisition = self.acquisition = self.acquisition or SharedAcquisition(analyser)
        acquisition.begin()
        settings = (self.settings_of_last if live else None) or analyser.snapshot(*DEPENDS)
        while True:
            frequencies, powers = acquisition.live() if live else self._snap(acquisition, settings)
            before, settings = settings, analyser.snapshot(*DEPENDS)
            self.settings_of_last = settings
            if settings == before:
                return self._data(settings, frequencies, powers)
            # settings were changed: only a curve that begins now has the unit and the labels of now
            acquisition.unsubscribe()

    def empty(self) -> DataToExport:
        """Two points instead of spectra."""
        settings = self.module.snapshot(*DEPENDS)
        return self._data(settings, np.array([0.0, 1.0]), np.zeros((4, 2) if settings["baseband"] else 2))

    def stop_acquisition(self) -> None:
        """End the wait for a curve, and the acquisition if the plugin has started it."""
        if self.acquisition is not None:
            self.acquisition.release()

    def _snap(self, acquisition: SharedAcquisition, settings: dict) -> tuple[np.ndarray, np.ndarray]:
        patience = self.settings["patience"] + settings["duration"] * settings["trace_average"]
        late = f"no spectrum within {patience:.3g} s: the scope is in use"
        return acquisition.snap(patience, lambda: late)[:2]

    def _data(self, settings: dict, frequencies: np.ndarray, powers: np.ndarray) -> DataToExport:
        unit, points, cross = (self.settings[name] for name in ("unit", "points", "cross"))
        data = spectrum_data(settings, frequencies, powers, self.to_volts, unit, points, cross)
        return DataToExport(name="PyRPL spectrum", data=data)


if __name__ == "__main__":
    main(__file__)
