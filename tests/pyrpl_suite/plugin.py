"""A pytest plugin for PyRPL's tests: each Pyrpl and RedPitaya that they start becomes a proxy's.

The environment variables REDPITAYA_HOSTNAME, REDPITAYA_SSHPORT and REDPITAYA_PORT name the board.
"""

from __future__ import annotations

import os
from typing import Any

from pyrpl_remote import connect

MAX_ACCESS_SECONDS = 0.02
"""The time that one access may take. PyRPL's own limit of 5 ms is for a machine that does nothing else."""


def pytest_configure() -> None:
    """Relax PyRPL's limit, and refuse boards of PyRPL's own in this process."""
    import pyrpl.pyrpl
    import pyrpl.redpitaya_client

    pyrpl.global_config.test.max_communication_time = MAX_ACCESS_SECONDS
    for cls in (pyrpl.pyrpl.Pyrpl, pyrpl.redpitaya.RedPitaya, pyrpl.redpitaya_client.MonitorClient):
        cls.__init__ = _refuse


def pytest_fixture_setup(fixturedef: Any) -> None:
    """Replace the names that PyRPL's fixture `hardware_session` uses."""
    if fixturedef.argname == "hardware_session":
        names = fixturedef.func.__globals__
        names["Pyrpl"] = _connect
        names["RedPitaya"] = lambda **_: _connect("nosetests_config.yml", names["_source_config_file"]).rp
        names["_apply_keepalive"] = lambda rp: None  # the connection to the board is the daemon's


def _connect(config: str, source: str, **_: Any) -> Any:
    return connect(
        config,
        source,
        private=True,
        hostname=os.environ["REDPITAYA_HOSTNAME"],
        sshport=int(os.environ["REDPITAYA_SSHPORT"]),
        port=int(os.environ["REDPITAYA_PORT"]),
        reloadfpga=True,
    )


def _refuse(self: object, *_: Any, **__: Any) -> None:
    raise AssertionError(f"{type(self).__name__} was made in the client's process")
