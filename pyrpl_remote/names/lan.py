"""What announces itself on the local network (mDNS): the gates of hosts, and Red Pitayas.

Announcements are not authenticated: they say where to look. Only a gate with the key of a paired host is
used. Without the library zeroconf, or without multicast, nothing is found, and addresses are given by hand.
"""

from __future__ import annotations

import contextlib
import importlib.util
import ipaddress
import logging
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

GATE = "_pyrpl._tcp.local."
"""The service that a gate announces."""

SSH = "_ssh._tcp.local."
"""A service that Red Pitaya's operating system announces."""

RED_PITAYA = re.compile(r"rp-[0-9a-f]{6}")

BROWSE_SECONDS = 0.6
"""How long `ls` waits for announcements; hosts answer within 0.15 s."""

LOOKUP_SECONDS = 1.5
"""How long a place that was heard of is asked for its address."""

MAX_PLACES = 100
"""How many places are looked up at most: anybody may announce any number."""

MAX_TEXT = 100

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """A gate or a Red Pitaya on the local network: name, addresses, port, and a gate's fingerprint."""

    name: str
    addresses: tuple[str, ...]
    port: int
    fingerprint: str = ""


@dataclass
class Found:
    """What was found on the local network."""

    gates: list[Place] = field(default_factory=list)
    red_pitayas: list[Place] = field(default_factory=list)


def own_addresses() -> list[str]:
    """The addresses of this machine on its networks: those of IPv4 first, none of loopback."""
    import psutil  # not at the top: importing it takes a while

    found: list[str] = []
    for name, addresses in psutil.net_if_addrs().items():
        statistics = psutil.net_if_stats().get(name)
        if statistics is not None and not statistics.isup:
            continue
        for one in addresses:
            if one.family in (socket.AF_INET, socket.AF_INET6):
                address = ipaddress.ip_address(one.address.partition("%")[0])
                if not (address.is_loopback or address.is_link_local):
                    found.append(str(address))
    return sorted(dict.fromkeys(found), key=lambda text: ":" in text)


def browse(seconds: float = BROWSE_SECONDS, until: str = "") -> Found:
    """What announces itself within `seconds`; ends at once when the gate with the fingerprint `until` has."""
    found = Found()
    if importlib.util.find_spec("zeroconf") is None:
        return found
    from zeroconf import DNSQuestionType, ServiceBrowser, ServiceListener, Zeroconf

    done = threading.Event()
    lookups: dict[tuple[str, str], threading.Thread] = {}
    lock = threading.Lock()

    def look_up(network: Zeroconf, kind: str, name: str) -> None:
        info = network.get_service_info(kind, name, int(LOOKUP_SECONDS * 1000))
        place = None if info is None else _place(info, kind)
        if place is None:
            return
        with lock:
            if kind == GATE:
                found.gates.append(place)
            elif RED_PITAYA.fullmatch(place.name.lower()):
                found.red_pitayas.append(place)
        if until and place.fingerprint == until:
            done.set()

    class Listener(ServiceListener):
        # a thread for each: one that does not answer would keep the others waiting
        def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
            with lock:
                if (type_, name) in lookups or len(lookups) == MAX_PLACES:
                    return
                lookups[type_, name] = threading.Thread(target=look_up, args=(zc, type_, name), daemon=True)
                lookups[type_, name].start()

        def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:
            pass

        update_service = remove_service

    try:
        with contextlib.closing(Zeroconf()) as network, contextlib.ExitStack() as browsers:
            # an answer to this process alone comes at once, but may reach another one of this host
            # that listens on the same port; an answer to all may be held back for a second
            for question in (DNSQuestionType.QU, DNSQuestionType.QM):
                # within the network, whose end does not end the browser's thread
                browsers.enter_context(
                    ServiceBrowser(network, [GATE, SSH], Listener(), question_type=question)
                )
            deadline = time.monotonic() + seconds + LOOKUP_SECONDS
            done.wait(seconds)
            with lock:
                begun = list(lookups.values())
            for one in begun:
                if not done.is_set():
                    one.join(max(0.0, deadline - time.monotonic()))
    except OSError as error:  # no network card, or no multicast
        log.debug("nothing can be found on the local network: %s", error)
    with lock:
        found.gates.sort(key=lambda one: one.name)
        found.red_pitayas.sort(key=lambda one: one.name)
        return Found(list(found.gates), list(found.red_pitayas))


def gates_with(fingerprint: str, seconds: float = BROWSE_SECONDS) -> list[Place]:
    """Where the gate with this fingerprint announces itself now."""
    return [one for one in browse(seconds, until=fingerprint).gates if one.fingerprint == fingerprint]


def _place(info: Any, kind: str) -> Place | None:
    """A place as announced, None if it is malformed: anybody may announce anything."""
    name = info.name.removesuffix(f".{kind}")[:MAX_TEXT]
    addresses = tuple(sorted(info.parsed_addresses(), key=lambda text: ":" in text))
    if not addresses or not name.isprintable() or not info.port:
        return None
    if kind == SSH:
        name = str(info.server or name).partition(".")[0]
        return Place(name, addresses, int(info.port))
    properties: Mapping[bytes, bytes | None] = info.properties
    key = (properties.get(b"key") or b"").decode("ascii", "replace")
    if not re.fullmatch("[0-9a-f]{64}", key):
        return None
    return Place(name.partition(" ")[0], addresses, int(info.port), key)


class Announcement:
    """Announces a gate until `close`, in a thread of its own: registering takes 1.7 s.

    The addresses are announced anew when they change.
    """

    def __init__(self, name: str, port: int, fingerprint: str) -> None:
        self._name, self._port, self._fingerprint = name, port, fingerprint
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        if importlib.util.find_spec("zeroconf") is None:
            log.info("this host does not announce itself: zeroconf is not installed")
            return
        self._thread = threading.Thread(target=self._run, name="announcement", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take the announcement back."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(3.0)

    def _run(self) -> None:
        while not self._ended.is_set():
            addresses = own_addresses()
            try:
                with self._announced(addresses):
                    while own_addresses() == addresses and not self._ended.wait(2.0):
                        pass
            except Exception as error:  # noqa: BLE001 - boundary: the gate serves also without
                log.warning("this host cannot announce itself: %s: %s", type(error).__name__, error)
                self._ended.wait(30.0)

    @contextlib.contextmanager
    def _announced(self, addresses: list[str]) -> Iterator[None]:
        from zeroconf import ServiceInfo, Zeroconf

        info = ServiceInfo(
            GATE,
            f"{self._name} {self._fingerprint[:8]}.{GATE}",
            port=self._port,
            properties={"key": self._fingerprint, "name": self._name},
            parsed_addresses=addresses,
            server=f"pyrpl-{self._fingerprint[:12]}.local.",
        )
        begin = time.monotonic()
        with contextlib.closing(Zeroconf()) as network:
            network.register_service(info)
            log.info("announced as %s at %s (%.1f s)", self._name, addresses, time.monotonic() - begin)
            try:
                yield
            finally:
                network.unregister_service(info)
