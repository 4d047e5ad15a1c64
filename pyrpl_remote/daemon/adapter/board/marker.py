"""Writes the mark on the board: after a start, and when what only PyRPL's software knows has changed."""

# PyRPL's names of its tree and of its signals begin with an underscore
# ruff: noqa: SLF001

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from qtpy import QtCore

from . import mark as marks
from .mark import CYCLES_ADDRESS, Mark

log = logging.getLogger(__name__)

SOFTWARE = {
    "asg": ("waveform", "amplitude"),
    "iir": ("zeros", "poles", "gain"),
    "hk": tuple(f"expansion_{side}{pin}_output" for side in "PN" for pin in range(8)),
}
"""The attributes that drive outputs, and that no register tells: tables and coefficients cannot be read.
The register of a generator's amplitude has another meaning with the waveform "noise"; PyRPL sets a pin
that is read to the direction that its software knows."""

SECTION = "pyrpl_remote_mark"
"""The section of the configuration with the time when one of them changed, as in the mark."""

WRITE_SECONDS = 0.5
"""How soon after a change the mark is written."""

END_SECONDS = 2.0
"""How long the end of the daemon waits for the mark."""


class Marker:
    """Writes the mark of one board. To be used in the Qt thread, except for `renew`."""

    def __init__(self, pyrpl: Any, name: str, file: str):
        self._pyrpl = pyrpl
        self._name = name
        self._file = file
        self._mark = Mark(name)
        self._writing = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._timer = QtCore.QTimer()
        self._timer.setSingleShot(True)
        self._timer.setInterval(int(WRITE_SECONDS * 1000))
        self._timer.timeout.connect(self._write_later)

    def start(self) -> None:
        """Write the mark, and again after changes. Never raises OSError."""
        self._collect()
        self._write(self._pyrpl.rp.ssh.ssh)
        for module, names in software_of(self._pyrpl):
            module._signal_launcher.update_attribute_by_name.connect(self._noticing(module, names))

    def close(self) -> None:
        """Write what has changed."""
        if self._timer.isActive():
            self._timer.stop()
            self._write_later()
        for thread in self._threads:
            thread.join(END_SECONDS)

    def renew(self, ssh: Any) -> None:
        """Write the mark again, after the gateware was loaded and set up anew; from any thread."""
        self._mark = dataclasses.replace(self._mark, cycles=0)
        self._write(ssh)

    def _noticing(self, module: Any, names: tuple[str, ...]) -> Callable[[str, list[Any]], None]:
        def notice(name: str, value: list[Any]) -> None:
            if name not in names or (name == "amplitude" and module.waveform != "noise"):
                return
            if value[0] == self._mark.software.get(module.name, {}).get(name):
                return
            note_changed(self._pyrpl, time.time())
            if not self._timer.isActive():
                self._timer.start()

        return notice

    def _collect(self) -> None:
        pyrpl = self._pyrpl
        software = {
            module.name: {name: getattr(module, name) for name in names}
            for module, names in software_of(pyrpl)
        }
        low, high = pyrpl.rp.client.reads(CYCLES_ADDRESS, 2)
        self._mark = dataclasses.replace(
            marks.new_mark(self._name, self._file),
            cycles=int(low) + (int(high) << 32),
            software=software,
            changed=changed(pyrpl),
        )

    def _write_later(self) -> None:
        try:
            self._collect()
        except OSError as error:  # the link is lost; what brings it back writes the mark again
            log.info("the mark is not written: %s", error)
            return
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=self._write, args=(self._pyrpl.rp.ssh.ssh,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _write(self, ssh: Any) -> None:
        with self._writing:
            try:
                self._mark = dataclasses.replace(self._mark, loaded=marks.loaded(ssh))
                marks.write(ssh, self._mark)
            except Exception as error:  # noqa: BLE001  boundary: paramiko and scp raise errors of many classes
                log.warning(
                    "the board could not be marked: %s: %s; the next start loads the configuration",
                    type(error).__name__,
                    error,
                )


def software_of(pyrpl: Any) -> list[tuple[Any, tuple[str, ...]]]:
    """The modules with SOFTWARE attributes, and the names of these."""
    modules = pyrpl.rp.modules.values()
    return [(one, SOFTWARE[one.generic_name]) for one in modules if one.generic_name in SOFTWARE]


def changed(pyrpl: Any) -> float:
    """When one of the SOFTWARE attributes changed last, by the configuration; 0 if it does not say."""
    return float(pyrpl.c._data.get(SECTION, {}).get("changed", 0.0))


def note_changed(pyrpl: Any, when: float) -> None:
    """Note in the configuration that its SOFTWARE attributes are those of the time `when`."""
    pyrpl.c._get_or_create(SECTION)["changed"] = when
