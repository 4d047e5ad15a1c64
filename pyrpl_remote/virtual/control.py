"""The control channel of a virtual board, on a port of its own: it causes faults and changes the plant.

Both ends of the protocol are here: `ControlServer` in the board's process, `BoardControl` for tests and
scripts. A request is one line of JSON, and so is its reply. The channel is on loopback only, and every
request contains the key that the board printed, because a plant can be any Python function.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import math
import secrets
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import ControlError
from .options import LONGEST_LATENCY, require_range, require_text

if TYPE_CHECKING:
    from .red_pitaya import Board

_LINE_LIMIT = 65536
"""The longest request, in bytes."""

LONGEST_AWAY = 3600.0
"""The longest time for which a rebooting board is away, in s."""


class BoardControl:
    """Causes faults on a virtual board, and changes its plant.

    `address` is the text `port:key` that a board started with `--control` prints; `timeout` is how long to
    wait for a reply, in s. Every method raises ControlError if the board refuses the request, and OSError if
    its process has ended. It is also a context manager.
    """

    def __init__(self, address: str, timeout: float = 30.0):
        self.address = address
        port, _, self._key = address.partition(":")
        self._socket = socket.create_connection(("127.0.0.1", int(port)), timeout=timeout)
        self._lines = self._socket.makefile("rb")

    def close(self) -> None:
        """Close the channel; the board keeps running."""
        self._lines.close()
        self._socket.close()

    def __enter__(self) -> BoardControl:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def status(self) -> dict[str, Any]:
        """The state of the board as a dict.

        `gateware`: its name; `os_version`; `ssh`: whether SSH answers; `programs`: name and port of each
        running program; `clients`: the addresses (`host:port`) of connected monitor clients.
        """
        return self._ask("status")

    def drop(self, reset: bool = False) -> None:
        """Close the monitor client's connection now: normally, as when the server exits, or by a TCP reset.

        PyRPL reconnects after a reset; after a normal close its next read never returns.
        """
        self._ask("drop", reset=reset)

    def drop_in_frame(self, after: int = 6, reset: bool = False) -> None:
        """Close the connection after `after` bytes of the next reply; `reset` is as for `drop`."""
        self._ask("drop_in_frame", after=after, reset=reset)

    def silence(self, on: bool = True) -> None:
        """Stop answering register requests, or start again if not `on`.

        Requests in between are never answered.
        """
        self._ask("silence", on=on)

    def deaf(self, on: bool = True) -> None:
        """Let the board not notice when a client's connection ends, as after its machine lost its power.

        If not `on`, the next end is noticed.
        """
        self._ask("deaf", on=on)

    def latency(self, seconds: float, write_seconds: float | None = None) -> None:
        """Set the shortest duration of a register access to `seconds`.

        `write_seconds`: that of a write, if it differs.
        """
        self._ask("latency", seconds=seconds, write_seconds=write_seconds)

    def reboot(self, away: float = 5.0) -> None:
        """Restart the board: connections are closed, SSH is off for `away` s, PyRPL's gateware is lost."""
        self._ask("reboot", away=away)

    def load_gateware(self, name: str) -> None:
        """Replace the gateware while clients use it. With any name but `pyrpl` all registers read 0."""
        self._ask("load_gateware", name=name)

    def os_version(self, version: str) -> None:
        """Set the version of the system in `/root/.version`, for example `0.92` or `3.00`."""
        self._ask("os_version", version=version)

    def password(self, password: str) -> None:
        """Set the password of SSH."""
        self._ask("password", password=password)

    def second_client(self) -> None:
        """Connect another client to the board, as a second PyRPL does.

        The monitor server is ended and started again, and the new client connects to it.
        """
        self._ask("second_client")

    def plant(self, plant: str, **parameters: float) -> None:
        """Replace the plant between outputs and inputs.

        `plant` is the name of a class of `plants` in lower case, or `module:Class`; `parameters` are its
        arguments, in the units that the class says.
        """
        self._ask("plant", plant=plant, parameters=parameters)

    def plant_parameters(self, **parameters: float) -> None:
        """Change `parameters` of the present plant, in the units that its class says; its state is kept."""
        self._ask("plant_parameters", parameters=parameters)

    def watch_outputs(self) -> None:
        """Compare every word of both outputs from now on with those of a board that nobody disturbs."""
        self._ask("watch_outputs")

    def watched_outputs(self) -> dict[str, Any]:
        """End the comparison; returns its result, see output_watch.OutputWatch.result."""
        return self._ask("watched_outputs")

    def _ask(self, verb: str, **arguments: Any) -> Any:
        request = {"key": self._key, "verb": verb, "arguments": arguments}
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        line = self._lines.readline()
        if not line:
            raise ConnectionError("the virtual board has closed its control channel")
        reply = json.loads(line)
        if "error" in reply:
            raise ControlError(reply["error"], reply["remedy"])
        return reply["result"]


class ControlServer:
    """The board's end of the control channel."""

    def __init__(self, board: Board):
        self._board = board
        self._key = secrets.token_hex(16)
        self._server: asyncio.Server | None = None
        self._second_client_socket: socket.socket | None = None

    async def start(self) -> str:
        """Listen on a free port; returns the address for `BoardControl`."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_LINE_LIMIT)
        return f"{self._server.sockets[0].getsockname()[1]}:{self._key}"

    def close(self) -> None:
        """Stop listening, and disconnect the second client if there is one."""
        if self._server is not None:
            self._server.close()
        if self._second_client_socket is not None:
            self._second_client_socket.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # cancelled at the end of the board: asyncio would print a traceback for each open channel
        ends = OSError, ValueError, asyncio.IncompleteReadError, asyncio.CancelledError
        with contextlib.suppress(*ends):
            while line := await reader.readline():
                writer.write(json.dumps(await self._reply(line)).encode() + b"\n")
                await writer.drain()
        writer.close()

    async def _reply(self, line: bytes) -> dict[str, Any]:
        """Carry out a request; returns the reply.

        Raises ValueError if it has no valid key: that ends the connection.
        """
        try:
            request = json.loads(line)
        except RecursionError:
            raise ValueError("not a request") from None
        if not isinstance(request, dict) or not hmac.compare_digest(str(request.get("key")), self._key):
            raise ValueError("not a request with this board's key")
        name = str(request.get("verb"))
        verb = self._VERBS.get(name)
        if verb is None:
            return {
                "error": f"a virtual board knows no verb {name!r}",
                "remedy": f"it knows {', '.join(self._VERBS)}; use a BoardControl of the board's own version",
            }
        try:
            return {"result": await verb(self, **request["arguments"])}
        except Exception as error:  # noqa: BLE001 - boundary: the client raises a ControlError
            return {
                "error": f"the virtual board could not carry out {name!r}: {type(error).__name__}: {error}",
                "remedy": f"the docstring of BoardControl.{name} says what it needs",
            }

    async def _status(self) -> dict[str, Any]:
        return self._board.status()

    async def _drop(self, reset: bool) -> None:
        self._board.drop_clients(reset)

    async def _drop_in_frame(self, after: int, reset: bool) -> None:
        require_range("after", after, 0, math.inf)
        self._board.faults.cut_resets = reset
        self._board.faults.cut_after = after

    async def _silence(self, on: bool) -> None:
        self._board.faults.silent = on

    async def _deaf(self, on: bool) -> None:
        self._board.faults.deaf = on

    async def _latency(self, seconds: float, write_seconds: float | None) -> None:
        require_range("seconds", seconds, 0, LONGEST_LATENCY)
        if write_seconds is not None:
            require_range("write_seconds", write_seconds, 0, LONGEST_LATENCY)
        self._board.faults.latency = seconds
        self._board.faults.write_latency = write_seconds

    async def _reboot(self, away: float) -> None:
        require_range("away", away, 0, LONGEST_AWAY)
        await self._board.go_down(away)

    async def _load_gateware(self, name: str) -> None:
        require_text("name", name)
        self._board.note_gateware(name)

    async def _os_version(self, version: str) -> None:
        require_text("version", version)
        self._board.set_os_version(version)

    async def _password(self, password: str) -> None:
        require_text("password", password)
        self._board.password = password

    async def _second_client(self) -> None:
        board = self._board
        board.kill_program("monitor_server")
        board.start_program("monitor_server", board.monitor_port, _NoConsole())
        self._second_client_socket = socket.create_connection((board.host, board.monitor_port))

    async def _plant(self, plant: str, parameters: dict[str, float]) -> None:
        await asyncio.to_thread(self._board.set_plant, plant, parameters)

    async def _plant_parameters(self, parameters: dict[str, float]) -> None:
        await asyncio.to_thread(self._board.set_plant_parameters, parameters)

    async def _watch_outputs(self) -> None:
        await asyncio.to_thread(self._board.clock.watch_outputs)

    async def _watched_outputs(self) -> dict[str, Any]:
        return await asyncio.to_thread(self._board.clock.watched_outputs)

    _VERBS: ClassVar[dict[str, Callable[..., Awaitable[Any]]]] = {
        "status": _status,
        "drop": _drop,
        "drop_in_frame": _drop_in_frame,
        "silence": _silence,
        "deaf": _deaf,
        "latency": _latency,
        "reboot": _reboot,
        "load_gateware": _load_gateware,
        "os_version": _os_version,
        "password": _password,
        "second_client": _second_client,
        "plant": _plant,
        "plant_parameters": _plant_parameters,
        "watch_outputs": _watch_outputs,
        "watched_outputs": _watched_outputs,
    }


class _NoConsole:
    """A terminal that shows nothing, for the second client."""

    def program_started(self, program: object) -> None:
        pass

    def program_exited(self, printed: str) -> None:
        pass
