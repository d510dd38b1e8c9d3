"""A disk so small that a test can fill it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def small(folder: Path, megabytes: int) -> Iterator[bool]:
    """Mounted there; False: nobody here has the right to."""
    mounted = mount(folder, f"size={megabytes}m")
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", folder], check=True)


def mount(folder: Path, options: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)]
    return os.geteuid() == 0 and subprocess.run(command, check=False, capture_output=True).returncode == 0


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """To the last byte, until the end."""
    big = folder / "big"
    with big.open("wb", buffering=0) as out, suppress(OSError):
        while True:
            out.write(bytes(4096))
    yield
    big.unlink()
