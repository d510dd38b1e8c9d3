"""The programs a command starts. They know everybody, so whoever starts the command line hands them in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.cli.replay.conversation import Conversation
from bot.cli.replay.outcome import Outcome
from bot.config import Config
from bot.model import Mode


class Demo(Protocol):
    def __call__(
        self, stop: asyncio.Event, *, port: int, fresh: bool, speed: float, folder: Path
    ) -> Awaitable[None]: ...


class Replay(Protocol):
    def __call__(
        self, config: Config, conversations: Iterable[Conversation], *, mode: Mode, heard: Callable[[int], None]
    ) -> AsyncIterator[Outcome]: ...


@dataclass(frozen=True, slots=True)
class Programs:
    """`serve` (with the parts to run) and `demo` serve until the event is set, then finish what they have claimed.

    `replay` plays past talks one after the other and tells `heard` how many more messages are through.
    """

    serve: Callable[[Config, Sequence[str], asyncio.Event], Awaitable[None]]
    demo: Demo
    replay: Replay
