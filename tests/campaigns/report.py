"""What a campaign has counted, and its table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Report:
    """The counts of a campaign. `broken`: what happened that must not happen, as (kind, text)."""

    rounds: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    outages: dict[str, float] = field(default_factory=dict)
    limits: dict[str, float] = field(default_factory=dict)
    broken: list[tuple[str, str]] = field(default_factory=list)
    reconnects: int = 0
    pieces: int = 0

    def outage(self, kind: str, seconds: float, limit: float) -> None:
        """Note how long a client was without its board after a fault."""
        self.outages[kind] = max(seconds, self.outages.get(kind, 0.0))
        self.limits[kind] = limit

    def table(self) -> str:
        """Everything, as lines of text."""
        counted = Counter(kind for kind, _ in self.broken)
        lines = [f"rounds                              {self.rounds}"]
        lines += [f"faults                              {self.faults.total()}"]
        lines += [f"  {name:33} {count}" for name, count in sorted(self.faults.items())]
        lines += [f"pieces of work that succeeded       {self.pieces}"]
        lines += [f"errors that clients got             {self.errors.total()}"]
        lines += [f"  {name:33} {count}" for name, count in sorted(self.errors.items())]
        lines += [f"reconnects to board or daemon       {self.reconnects}"]
        lines += [f"{text:35} {counted[kind]}" for kind, text in ZEROS.items()]
        lines += ["longest outage after the end of     s     limit"]
        lines += [
            f"  {kind:33} {seconds:<5.1f} {self.limits[kind]:g}"
            for kind, seconds in sorted(self.outages.items())
        ]
        return "\n".join(lines)


ZEROS = {
    "wrong": "wrong values",
    "lost": "lost writes without an error",
    "hang": "hangs",
    "unexpected": "errors of other kinds",
    "left": "leftovers",
    "connect": "clients that needed connect()",
    "status": "wrong status after 5 s",
    "outage": "outages above their limit",
}
"""What must be zero: its line in the table."""
