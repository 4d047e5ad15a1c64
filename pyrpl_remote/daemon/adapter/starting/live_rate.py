"""How often the scope's continuous mode acquires a trace.

Between two traces PyRPL leaves 40 ms for its window. A daemon without a window needs less: the other clients'
requests are served in between.
"""

from __future__ import annotations

from typing import Any

MIN_DELAY_MS = 4
"""The shortest time between two traces, in ms.

With traces of 1 ms this is 3 to 3.5 times PyRPL's rate. Reading a trace takes about 10 ms, in which requests
wait. At 4 ms most of them do not meet it, as at 40 ms; from 2 ms on the median time of a read grows to 10 ms.
"""

_ATTRIBUTE = "MIN_DELAY_CONTINUOUS_MS"


def quicken(pyrpl: Any) -> None:
    """Shorten the pause between the traces of this Pyrpl's scope, until PyRPL makes its window.

    The spectrum analyser keeps PyRPL's pause: it computes for much longer, and requests wait meanwhile. So
    does the rolling mode, whose frames overlap.
    """
    if pyrpl.widgets:
        return
    scope = pyrpl.rp.scope
    setattr(scope, _ATTRIBUTE, MIN_DELAY_MS)
    create_widget = pyrpl._create_widget  # noqa: SLF001 - show_gui() calls it, at its first call

    def create_widget_at_pyrpls_rate() -> Any:
        vars(scope).pop(_ATTRIBUTE, None)
        return create_widget()

    pyrpl._create_widget = create_widget_at_pyrpls_rate  # noqa: SLF001
