"""The programs a command starts. They know everybody, so whoever starts the command line hands them in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.config import Config


class Demo(Protocol):
    def __call__(
        self, stop: asyncio.Event, *, port: int, fresh: bool, speed: float, folder: Path
    ) -> Awaitable[None]: ...


@dataclass(frozen=True, slots=True)
class Programs:
    """Each serves until the event is set, then finishes what it has claimed. `serve` takes the parts to run."""

    serve: Callable[[Config, Sequence[str], asyncio.Event], Awaitable[None]]
    demo: Demo
