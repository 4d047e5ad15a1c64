"""The environment of a test run: separate folders, a free port for the name server, no screen.

Importing this file sets the environment variables. All processes that the tests start inherit them.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import random
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator

import platformdirs


def free_port() -> int:
    """A TCP port on which nothing listens, below the range that systems use for outgoing connections."""
    for port in random.sample(range(20_000, 32_768), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("100 ports from 20000 to 32767 are in use")


@contextlib.contextmanager
def occupied(port: int) -> Iterator[None]:
    """A server at `port` of localhost that closes each connection without a word."""

    def hang_up() -> None:
        while True:
            try:
                server.accept()[0].close()
            except OSError:
                return

    with socket.create_server(("localhost", port)) as server:
        thread = threading.Thread(target=hang_up)
        thread.start()
        yield
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def own_environment() -> str:
    """Set the environment variables of this process, once, and return the folder of this test run.

    Processes that a test starts with multiprocessing import this file again: they keep what they inherited.
    Each worker of pytest-xdist has an environment of its own.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if os.environ.get("PYRPL_REMOTE_TESTS_OF") != worker:
        os.environ["PYRPL_REMOTE_TESTS_OF"] = worker
        folder = os.environ["PYRPL_REMOTE_TESTS"] = tempfile.mkdtemp(prefix="pyrpl-remote-tests-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        for name in [name for name in os.environ if name.startswith("REDPITAYA_")]:
            del os.environ[name]
        os.environ.update(
            # that of the user, also where a test, or who starts it, changes HOME: compiling takes long
            NUMBA_CACHE_DIR=os.environ.get("NUMBA_CACHE_DIR")
            or str(platformdirs.user_cache_path("pyrpl_remote", appauthor=False)),
            PYRPL_REMOTE_DIR=os.path.join(folder, "state"),
            PYRPL_REMOTE_LOCKS=os.path.join(folder, "locks"),
            PYRPL_REMOTE_LAB=os.path.join(folder, "lab.toml"),
            PYRPL_REMOTE_GRACE="1",
            PYRPL_USER_DIR=folder,
            PYRO_NS_HOST="localhost",
            PYRO_NS_PORT=str(free_port()),
            QT_QPA_PLATFORM="offscreen",
            PYTHONFAULTHANDLER="1",  # a process that crashes says where
        )
    return os.environ["PYRPL_REMOTE_TESTS"]


FOLDER = own_environment()
