"""The far side of a channel's `accept`: remembers what it took, and can be away or slow like a real database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from bot.errors import NotAccepted
from bot.model import Inbound, InboundKind

T = TypeVar("T")


async def until(found: Callable[[], T | None], seconds: float = 5.0) -> T:
    """Look every few milliseconds; raises TimeoutError with what was looked for."""
    try:
        async with asyncio.timeout(seconds):
            while not (value := found()):  # noqa: ASYNC110 - what is looked for is no event
                await asyncio.sleep(0.005)
            return value
    except TimeoutError as late:
        raise TimeoutError(f"never came: {getattr(found, '__qualname__', found)}") from late


class Bridge:
    """`taken`: each event once, in the order of acceptance; `deliveries`: every event as often as it came."""

    def __init__(self) -> None:
        self.taken: list[Inbound] = []
        self.deliveries: list[Inbound] = []
        self.away = False
        self.open = asyncio.Event()
        self.open.set()
        self.tries = 0

    async def accept(self, inbounds: Sequence[Inbound]) -> None:
        self.tries += 1
        await self.open.wait()
        if self.away:
            raise NotAccepted("the database is away")
        known = {one.event_key for one in self.taken}
        self.deliveries += inbounds
        self.taken += [one for one in inbounds if one.event_key not in known]

    def of(self, kind: InboundKind, chat: str | None = None) -> list[Inbound]:
        return [one for one in self.taken if one.kind is kind and chat in {None, one.chat}]

    def said(self, chat: str | None = None) -> list[Inbound]:
        return self.of(InboundKind.MESSAGE, chat)

    async def got(self, kind: InboundKind, count: int = 1, chat: str | None = None) -> list[Inbound]:
        await until(lambda: len(self.of(kind, chat)) >= count)
        return self.of(kind, chat)
