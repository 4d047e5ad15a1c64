"""DAQ_1DViewer_PyRPL_Scope: both channels of the oscilloscope."""

from pymodaq.control_modules.thread_commands import ThreadStatus
from pymodaq.control_modules.viewer_utility_classes import DAQ_Viewer_base, comon_parameters, main
from pymodaq.utils.data import DataFromPlugins
from pymodaq_data.data import Axis, DataToExport
from pymodaq_utils.utils import ThreadCommand

from pymodaq_plugins_pyrpl.hardware.background import Background
from pymodaq_plugins_pyrpl.hardware.board_plugin import BoardPlugin, board_params
from pyrpl_remote.errors import AcquisitionCancelled, PyrplRemoteError


class DAQ_1DViewer_PyRPL_Scope(BoardPlugin, DAQ_Viewer_base):
    """The oscilloscope of a Red Pitaya with PyRPL: both channels, in V, against the time, in s.

    The plugin finds the board's daemon, or starts one, and shares it with every other plugin and program.
    Grab waits for a trigger until Stop; Snap ends with an error after the time in the settings.
    """

    modules = ("scope",)
    shown = (
        "input1",
        "input2",
        "duration",
        "average",
        "trace_average",
        "trigger_source",
        "threshold",
        "hysteresis",
        "trigger_delay",
    )
    section = "scope"

    params = (
        comon_parameters
        + board_params(modules)
        + [
            {
                "title": "Wait for trigger:",
                "name": "patience",
                "type": "float",
                "value": 5.0,
                "min": 0.0,
                "suffix": "s",
                "tip": "How long a Snap waits for the trigger, in addition to the duration of its traces.",
            },
        ]
    )

    def ini_attributes(self) -> None:
        """Set the plugin's own attributes; PyMoDAQ calls it before init."""
        self.background = Background()
        self.waiting = 0
        self.stopped = False

    def ini_detector(self, controller=None) -> tuple[str, bool]:
        """Connect to the board; a slave uses its master's connection."""
        info, initialized = self.open_board(controller)
        return info, initialized

    def grab_data(self, Naverage=1, live=False, **kwargs) -> None:
        """Acquire both channels and emit them. A failure is reported and ends the grab."""
        if self.controller is None:
            return
        self.stopped = False
        try:
            data = self._wait_for_data(live)
        except PyrplRemoteError as error:
            self.report(error)
            self.emit_status(ThreadCommand(ThreadStatus.STOP))
            return
        if data is not None:
            self.dte_signal.emit(data)

    def stop(self) -> None:
        """End the wait for a trigger."""
        self.stopped = True
        if self.waiting and self.controller is not None:
            try:
                self.module.stop()
            except PyrplRemoteError as error:
                self.report(error)

    def close(self) -> None:
        """Release the board."""
        self.stop()
        self.close_board()
        self.background.close()
        if self.parent is not None:
            # PyMoDAQ's thread does not end while a grab is running
            self.parent.grab_state = False

    def _wait_for_data(self, live: bool) -> DataToExport | None:
        """Make one acquisition; returns None if Stop ended it, or if PyMoDAQ ends this thread."""
        self.waiting += 1
        try:
            while True:
                run = self.background.run(lambda: self._acquire(live))
                try:
                    return run.result() if run.done() else None
                except AcquisitionCancelled:
                    if self.stopped:
                        return None
                    # a setting of the scope was changed, which cancels PyRPL's acquisition: start a new one
        finally:
            self.waiting -= 1

    def _acquire(self, live: bool) -> DataToExport:
        scope = self.module
        timeout = None
        if not live:
            timeout = self.settings["patience"] + scope.duration * scope.trace_average
        traces = scope.single(timeout=timeout)
        # data_x, not `times`: those are of the next acquisition
        time = Axis(label="Time", units="s", data=scope.data_x, index=0)
        labels = [f"Ch1 ({scope.input1})", f"Ch2 ({scope.input2})"]
        voltages = DataFromPlugins(
            name="Voltage", data=[traces[0], traces[1]], dim="Data1D", labels=labels, units="V", axes=[time]
        )
        return DataToExport(name="PyRPL scope", data=[voltages])


if __name__ == "__main__":
    main(__file__)
