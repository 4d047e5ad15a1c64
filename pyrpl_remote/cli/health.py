"""The figures of a board's status as texts, for `status` and `top`."""

from __future__ import annotations

from ..board_status import BoardStatus

UNKNOWN = "-"
"""What stands for a figure that is not known, or of which there is none."""


def board_lines(status: BoardStatus) -> list[str]:
    """What `status` says about the link, the requests and the process."""
    requests, daemon = status.requests, status.daemon
    known = [f"{name} {version}" for name, version in daemon.versions.items() if name != "system"]
    lines = [
        f"link {link_text(status)}",
        f"{requests.per_second:.1f} calls/s, half within {seconds(requests.p50)}, 99 % within "
        f"{seconds(requests.p99)}; {requests.count} calls since the start, {errors_text(status)}",
        f"{memory(daemon.memory)} of memory, {daemon.cpu:.1f} % of a core, {daemon.threads} threads; "
        f"{status.backlog} events wait for clients",
    ]
    if known:
        lines.append(", ".join(known))
    if daemon.metrics:
        lines.append(f"metrics for Prometheus at {daemon.metrics}")
    return lines


def link_text(status: BoardStatus) -> str:
    """The link's state with its reason, latency and reconnects, and the board's gateware and system."""
    link = status.link
    state = f"{link.state}: {link.reason}" if link.reason else link.state
    facts = [state]
    if link.latency is not None:
        facts.append(f"latency {seconds(link.latency)}, {seconds(link.slowest)} at most")
    facts.append(f"{link.reconnects} reconnects")
    if status.gateware:
        facts.append(f"gateware {status.gateware}")
    if status.os_version:
        facts.append(f"OS {status.os_version}")
    return ", ".join(facts)


def errors_text(status: BoardStatus) -> str:
    """How many errors clients got, by kind."""
    errors = status.requests.errors
    if not errors:
        return "no errors"
    kinds = ", ".join(f"{count} {kind}" for kind, count in errors.items())
    return f"{sum(errors.values())} errors ({kinds})"


def seconds(value: float | None) -> str:
    """A time with two or three digits, and its unit: "35 us", "1.2 ms"."""
    if value is None:
        return UNKNOWN
    for factor, unit in ((1e6, "us"), (1e3, "ms"), (1.0, "s")):
        if value * factor < 1000 or unit == "s":
            break
    scaled = value * factor
    return f"{scaled:.0f} {unit}" if scaled >= 10 else f"{scaled:.1f} {unit}"


def memory(size: int) -> str:
    """An amount of memory in MB."""
    return f"{size / 1e6:.0f} MB"
