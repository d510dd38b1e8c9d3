"""A program of ours as a process of its own, started and stopped as a person does it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[2]
START = 40.0  # seconds until it must serve, on a busy machine
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/")


class Program:
    """`log`: what it wrote to stderr, complete after it has stopped."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._folder, self._arguments = folder, arguments
        self._process: subprocess.Popen[bytes] | None = None
        self.log = ""

    def start(self) -> None:
        """What it writes goes into files of the folder."""
        with (self._folder / "out.log").open("w") as out, (self._folder / "err.log").open("a") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot", *self._arguments],
                cwd=self._folder,
                env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
            )

    def address(self) -> str:
        """What it prints for people to open."""
        assert self._process
        until = time.monotonic() + START
        while time.monotonic() < until and self._process.poll() is None:
            if found := _ADDRESS.search(self._read("out")):
                return found.group()
            time.sleep(0.1)
        raise TimeoutError(f"no address was printed: {self._read('err')}")

    def wait_for(self, address: str) -> None:
        """Until somebody answers there."""
        until = time.monotonic() + START
        while time.monotonic() < until:
            with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(address, timeout=2):
                return
            time.sleep(0.1)
        raise TimeoutError(f"nobody answers at {address}: {self._read('err')}")

    def stop(self) -> int:
        assert self._process
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(timeout=30)
        self._process = None
        self.log = self._read("err")
        return status

    def _read(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text(encoding="utf-8")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process:
            self.stop()
