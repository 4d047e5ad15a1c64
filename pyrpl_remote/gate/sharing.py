"""Start and end this host's gate: what `pyrpl-remote share` and `unshare` do."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import time
from collections.abc import Callable, Sequence

from .. import settings
from ..error_data import rebuild
from ..errors import BadParameter, HostUnreachable, PairingFailed
from ..machine.detached import reap, start_detached
from ..names.lan import own_addresses
from ..transport.lan.device_keys import ensure_device
from ..transport.lan.paired_hosts import valid_name
from . import invitations, state
from .invitations import Invitation
from .state import GateState

START_SECONDS = 20.0
"""How long the gate's process may take to start, and to end."""


def require_name(name: str | None) -> None:
    """Raise BadParameter unless `name` can be that of a host for others, or is None."""
    if name is not None and valid_name(name) != name:
        raise BadParameter(
            f"{name[:80]!r} cannot be the name of a host", "it has letters, digits, '.', '-' and '_'"
        )


def require_addresses(addresses: Sequence[str]) -> None:
    """Raise BadParameter unless `addresses` are addresses or hostnames."""
    for address in addresses:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}", address):
            raise BadParameter(f"{address[:80]!r} is no address of a host", "write it as 10.0.0.5")


def wanted_state(name: str | None, port: int | None) -> GateState:
    """What the gate shall be called, and where it shall listen: as before, unless another one is given."""
    require_name(name)
    before = state.read()
    return GateState(
        name if name else before.name if before else state.own_name(),
        before.port if port is None and before else settings.GATE_PORT if port is None else port,
    )


def ensure_gate(wanted: GateState) -> GateState:
    """Start the gate unless it runs as it is wanted; returns its state. Raises PairingFailed."""
    ensure_device(own_addresses())
    running = state.read()
    if running is not None and state.is_running():
        if running.name == wanted.name and wanted.port in (0, running.port):
            return running
        end_gate()
    state.write(wanted)
    process = start_detached(
        "pyrpl_remote.gate", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    reap(process)
    assert process.stdout is not None
    with process.stdout:
        line = process.stdout.readline()
    report = json.loads(line) if line else {}
    if "ready" in report:
        return GateState(**report["ready"])
    state.end()
    if "error" in report:
        raise rebuild(report["error"])
    raise PairingFailed(
        f"the gate could not be started at port {wanted.port}",
        f"read {settings.log_path('gate')}; `pyrpl-remote share --port` chooses another port",
    )


def invite(present: GateState, role: str, first: Sequence[str] = ()) -> Invitation:
    """An invitation to this host's gate; `first`: the addresses that the other host tries before all others.

    Raises PairingFailed without a network.
    """
    addresses = list(dict.fromkeys([*first, *own_addresses()]))
    if not addresses:
        raise PairingFailed(
            "this machine has no address on a network", "connect it to one; `--address` names one by hand"
        )
    fingerprint = ensure_device(own_addresses()).fingerprint
    return invitations.invite(present.name, addresses, present.port, fingerprint, role)


def serve_here(wanted: GateState, ready: Callable[[GateState], None]) -> None:
    """Be the gate in this process, until it is interrupted or the host is no longer shared."""
    import filelock  # not at the top, as in client/finding/locate.py

    from .service import serve

    ensure_device(own_addresses())
    if state.is_running():
        raise PairingFailed("this host's gate runs already", "`pyrpl-remote unshare` ends it")
    state.write(wanted)
    try:
        serve(wanted, ready)
    except filelock.Timeout:
        raise PairingFailed("this host's gate runs already", "`pyrpl-remote unshare` ends it") from None
    finally:
        with contextlib.suppress(OSError):
            state.end()


def end_gate() -> bool:
    """End the gate; returns whether it ran. Raises HostUnreachable if it does not end."""
    ran = state.is_running()
    state.end()
    deadline = time.monotonic() + START_SECONDS
    while state.is_running():
        if time.monotonic() > deadline:
            raise HostUnreachable("this host's gate does not end", f"see {settings.log_path('gate')}")
        time.sleep(0.02)
    return ran
