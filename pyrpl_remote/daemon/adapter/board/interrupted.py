"""What a loss of the board interrupts in PyRPL's modules, and what goes on when the board is back.

In PyRPL an access that fails ends the task of an acquisition, but the module goes on saying that it runs.
Here `running_state` says what is true: a continuous acquisition goes on when the board is back, all others
have stopped. The lockbox's monitor, which sees the loss of a lock and serves `auto_lock`, goes on too.
"""

# PyRPL's names of its modules' tasks begin with an underscore
# ruff: noqa: SLF001

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from pyrpl.acquisition_module import AcquisitionModule
from pyrpl.async_utils import ensure_future
from pyrpl.software_modules.lockbox import Lockbox

from ....board_status import UP
from ....errors import BoardLinkLost
from .link import Link

log = logging.getLogger(__name__)

CONTINUOUS = "running_continuous"


class Interrupted:
    """The interrupted acquisitions of one board. To be used in the Qt thread only."""

    def __init__(self, pyrpl: Any, link: Link) -> None:
        self._pyrpl = pyrpl
        self._link = link
        self._runs: dict[AcquisitionModule, asyncio.Future[Any]] = {}
        for module in [*pyrpl.rp.modules.values(), *pyrpl.software_modules]:
            if isinstance(module, AcquisitionModule):
                self._follow(module)

    def go_on(self) -> None:
        """To be called when the board is back."""
        runs, self._runs = self._runs, {}
        for module, run in runs.items():
            if module._last_run is not run:  # somebody has begun another one
                continue
            try:
                if module._running_state == CONTINUOUS:
                    log.info("%s: its continuous acquisition goes on", module.name)
                    module.continuous()
                else:
                    # what it has switched on, as the output of a sweep, could not be switched off
                    module.stop()
            except BoardLinkLost:
                self._runs[module] = run
            except Exception:  # boundary: the other modules must go on all the same
                log.exception("%s could not go on", module.name)
        for lockbox in self._pyrpl.software_modules:
            if isinstance(lockbox, Lockbox):
                _restart_monitor(lockbox)

    def _follow(self, module: AcquisitionModule) -> None:
        """Be told of the end of each acquisition: PyRPL begins all of them with `_renew_run`."""
        renew = module._renew_run

        def ended(run: asyncio.Future[Any]) -> None:
            self._ended(module, run)

        def renew_run(coroutine: Coroutine[Any, Any, Any]) -> asyncio.Future[Any]:
            run: asyncio.Future[Any] = renew(coroutine)
            run.add_done_callback(ended)
            return run

        vars(module)["_renew_run"] = renew_run
        if module._last_run is not None:  # a continuous one, by the configuration
            module._last_run.add_done_callback(ended)

    def _ended(self, module: AcquisitionModule, run: asyncio.Future[Any]) -> None:
        if run.cancelled() or module._last_run is not run or (error := run.exception()) is None:
            return
        if isinstance(error, BoardLinkLost):
            self._runs[module] = run
            if module._running_state != CONTINUOUS:
                module._running_state = "stopped"
            if self._link.state == UP:  # it is back already
                self.go_on()
            return
        if module._running_state == CONTINUOUS:  # nobody waits for a result, and would be told
            log.error("%s: its continuous acquisition has ended by an error", module.name, exc_info=error)
        try:
            module.stop()
        except Exception:  # boundary: Qt would end the process
            log.exception("%s could not be stopped", module.name)


def _restart_monitor(lockbox: Any) -> None:
    """Let PyRPL's monitor look again, every lockstatus_interval, if the loss of the board has ended it."""
    task = lockbox._monitor_lock_status_task
    if task is None or not task.done() or task.cancelled():
        return
    if isinstance(task.exception(), BoardLinkLost) and lockbox.current_state not in ("unlock", "sweep"):
        lockbox._monitor_lock_status_task = ensure_future(lockbox._monitor_lock_status_async())
