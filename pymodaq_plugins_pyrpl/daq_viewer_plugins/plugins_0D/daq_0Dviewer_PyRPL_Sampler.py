"""DAQ_0DViewer_PyRPL_Sampler: the values of the board's signals, and their statistics over a time."""

from __future__ import annotations

import numpy as np
from pymodaq.control_modules.viewer_utility_classes import comon_parameters, main
from pymodaq.utils.data import DataFromPlugins
from pymodaq_data.data import DataToExport

from pymodaq_plugins_pyrpl.hardware.board_plugin import board_params
from pymodaq_plugins_pyrpl.hardware.instruments.sampling import QUANTITIES, Statistics, sampled
from pymodaq_plugins_pyrpl.hardware.refused import Refused
from pymodaq_plugins_pyrpl.hardware.schema_file import schema
from pymodaq_plugins_pyrpl.hardware.time_limit import LONG_PARAM, TimeLimited

FIRST = ("in1", "in2")
"""The signals that are chosen at first."""


class DAQ_0DViewer_PyRPL_Sampler(TimeLimited):
    """The sampler of a Red Pitaya with PyRPL: any of its signals.

    Each chosen quantity (mean, standard deviation, least and largest value over a time in s) has a viewer
    with one line for each chosen signal, in V, or in the unit that the settings have for it. A sample takes
    about 0.3 ms: of a fast signal the statistics are right, but its shape is not seen.
    """

    modules = ("sampler",)
    shown = ()
    section = "sampler"

    params = (
        comon_parameters
        + board_params(modules)
        + [
            {
                "title": "Average over:",
                "name": "time",
                "type": "float",
                "value": 0.0,
                "min": 0.0,
                "suffix": "s",
                "siPrefix": True,
                "tip": "0 for a single sample of each signal. All signals are sampled during this time.",
            },
            LONG_PARAM,
            {
                "title": "Quantities:",
                "name": "quantities",
                "type": "group",
                "children": [
                    {"title": f"{name}:", "name": field, "type": "bool", "value": field == "mean"}
                    for field, name in QUANTITIES.items()
                ],
            },
            {
                "title": "Signals:",
                "name": "signals",
                "type": "group",
                "children": [
                    {"title": f"{name}:", "name": name, "type": "bool", "value": name in FIRST}
                    for name in schema()["sampler"]
                ],
            },
        ]
    )

    def acquire(self, live: bool) -> DataToExport:
        """The statistics of the chosen signals; Stop ends the time."""
        seconds = self.settings["time"]
        self.require_time(seconds, live)
        return self._data(
            sampled(self.module.snapshot, self._chosen("signals"), seconds, lambda: self.stopped)
        )

    def empty(self) -> DataToExport:
        """Zeros of the chosen signals."""
        return self._data(dict.fromkeys(self._chosen("signals"), Statistics(0.0, 0.0, 0.0, 0.0)))

    def _chosen(self, group: str) -> list[str]:
        chosen = [child.name() for child in self.settings.child(group).children() if child.value()]
        if not chosen:
            raise Refused(f"no {group} are chosen", f"tick some of the {group} in the settings")
        return chosen

    def _data(self, found: dict[str, Statistics]) -> DataToExport:
        viewers: dict[tuple[str, str], dict[str, np.ndarray]] = {}
        for quantity in self._chosen("quantities"):
            for signal, statistics in found.items():
                value, unit = self.to_volts(signal, getattr(statistics, quantity))
                # signals with different units have viewers of their own
                viewers.setdefault((QUANTITIES[quantity], unit), {})[f"{signal} ({unit})"] = np.array([value])
        names = [name for name, _ in viewers]
        return DataToExport(
            name="PyRPL sampler",
            data=[
                DataFromPlugins(
                    name=name if names.count(name) == 1 else f"{name} ({unit})",
                    data=list(values.values()),
                    dim="Data0D",
                    labels=list(values),
                    units=unit,
                )
                for (name, unit), values in viewers.items()
            ],
        )


if __name__ == "__main__":
    main(__file__)
