"""PIDModelPyRPL, which PyMoDAQ's PID extension shows under the name of this file.

PyMoDAQ imports each model before its PID extension, and the extension lists the models while it is itself
imported: a model that imported anything of PyMoDAQ at its head would be missing in that list. So the class is
made when it is first asked for.
"""

NAME = "PIDModelPyRPL"


def __dir__() -> list[str]:
    return [*globals(), NAME]


def __getattr__(name: str) -> type:
    if name != NAME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pymodaq.extensions.pid.utils import PIDModelGeneric

    from pymodaq_plugins_pyrpl.hardware.instruments.setpoint_model import SetpointModel

    members = {"__module__": __name__, "__doc__": SetpointModel.__doc__}
    made = globals()[NAME] = type(NAME, (SetpointModel, PIDModelGeneric), members)
    return made
