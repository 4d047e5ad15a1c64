"""Registers of the gateware at whose accesses virtual time passes in a way of its own: see clock.py."""

from __future__ import annotations

_CURVES = range(0x40110000, 0x40130000), range(0x40210000, 0x40230000)
"""Addresses of whole curves, which are transferred at once: no time passes between their words."""

SCOPE_STATE = 0x40100000
"""Address of the scope's state: armed, waiting, done."""

SUMS = {0x40300000 + (module << 16) + 0x140: iq for iq, module in enumerate((5, 6, 7))}
"""The index of the iq module by the address at which its network analyser's sums are read."""

FREQUENCIES = frozenset(address - 0x140 + 0x108 for address in SUMS)
"""Addresses of the frequencies of the iq modules. A sweep writes one for each point, and the gateware counts
the settling cycles itself, so such a write need not take effect at the time when it was sent."""


def is_curve(address: int, count: int) -> bool:
    """Whether all of the words belong to one curve."""
    return any(address in curve and address + 4 * count <= curve.stop for curve in _CURVES)
