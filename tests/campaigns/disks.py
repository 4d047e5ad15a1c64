"""Small disks that can be filled and made read-only, where root may mount them; elsewhere plain folders."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

SIZE = 16 * 1024 * 1024
"""Of a disk, in bytes."""


class Disk:
    """A disk at `folder`, which is made. `real`: whether it is one, and not a plain folder."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._filling = folder / "filling"
        self.real = False

    def __enter__(self) -> Disk:
        self.folder.mkdir()
        if sys.platform == "linux" and os.geteuid() == 0:
            command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(self.folder)]
            self.real = subprocess.run(command, capture_output=True).returncode == 0
        return self

    def __exit__(self, *exception: object) -> None:
        if self.real:
            subprocess.run(["umount", "-l", str(self.folder)], check=True)

    def fill(self) -> None:
        """Leave no space on it."""
        with contextlib.suppress(OSError), open(self._filling, "wb", buffering=0) as filling:
            for size in (1 << 16, 4096, 1):
                with contextlib.suppress(OSError):
                    while filling.write(bytes(size)) == size:
                        pass

    def free(self) -> None:
        """Free that space again."""
        self._filling.unlink(missing_ok=True)
