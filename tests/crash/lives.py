"""Starting, killing and stopping real processes of the program, from the driver's side."""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(eq=False)
class Life:
    """One process. Its log is a JSON line a record."""

    name: str
    pid: int
    log: Path

    def __post_init__(self) -> None:
        self._fd: int | None = os.pidfd_open(self.pid)
        self._ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._fd, self._end)

    def _end(self) -> None:
        if self._fd is not None:
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)
            self._fd = None
        self._ended.set()

    @property
    def alive(self) -> bool:
        return not self._ended.is_set()

    def signal(self, number: signal.Signals) -> None:
        if self._fd is not None:
            signal.pidfd_send_signal(self._fd, number)

    async def kill(self) -> None:
        self.signal(signal.SIGKILL)
        await self._ended.wait()

    async def stop(self, seconds: float = 20.0) -> None:
        """As an operator does. Raises TimeoutError."""
        self.signal(signal.SIGTERM)
        await self.ended(seconds)

    async def ended(self, seconds: float) -> None:
        async with asyncio.timeout(seconds):
            await self._ended.wait()

    def said(self) -> list[dict[str, Any]]:
        """The log's records; what is no JSON (the exit status, a traceback) as {"line": …}."""
        if not self.log.exists():
            return []
        return [_record(line) for line in self.log.read_text(encoding="utf-8", errors="replace").splitlines()]

    async def running(self, seconds: float = 20.0) -> dict[str, Any]:
        """Until it says that it runs; that record. Raises TimeoutError; RuntimeError if it ended before."""
        async with asyncio.timeout(seconds):
            while True:
                if found := next((one for one in self.said() if one.get("action") == "running"), None):
                    return found
                if not self.alive:
                    raise RuntimeError(f"{self.name} has ended: {self.said()[-3:]}")
                await asyncio.sleep(0.01)


def _record(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {"line": line}
    return found if isinstance(found, dict) else {"line": line}


class _Process:
    """See zygote.py. Started once for all who want the same places, in whatever loop they run; ends with the tests."""

    def __init__(self, places: frozenset[str]) -> None:
        self._turn = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.zygote"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        atexit.register(self._close)
        self.ask(sorted(places))

    def ask(self, order: Any) -> str:
        """Blocks. Raises RuntimeError if it has ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._turn:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline().decode().strip()
        if not answer:
            raise RuntimeError("the zygote has ended")
        return answer

    def _close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


_process = cache(_Process)


class Zygote:
    """Starts lives and sees to it that none is left. `folder` takes the logs."""

    def __init__(self, process: _Process, folder: Path) -> None:
        self._process, self._folder = process, folder
        self.lives: list[Life] = []

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path, places: Collection[str] = ()) -> AsyncIterator[Zygote]:
        zygote = cls(await asyncio.to_thread(_process, frozenset(places)), folder)
        try:
            yield zygote
        finally:
            for life in zygote.lives:
                if life.alive:
                    await life.kill()

    async def start(self, name: str, config: Path, clock: Path, **order: Any) -> Life:
        log = self._folder / f"{name}.log"
        order |= {"config": str(config), "clock": str(clock), "log": str(log)}
        life = Life(name, int(await asyncio.to_thread(self._process.ask, order)), log)
        self.lives.append(life)
        return life
