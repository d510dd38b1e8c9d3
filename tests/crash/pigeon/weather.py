"""What may go wrong between the program and a platform, chosen anew for each request."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Weather:
    """Shares from 0 to 1, of all requests of that kind. `seed` makes a storm the same each time.

    `flood`: 429 with `retry_after` seconds. `hang`: no answer ever, nothing posted. `mute`: it is posted, no answer
    ever. `garbage`: it is posted, the answer is no JSON. `cut`: it is posted, the line breaks before the answer.
    `lag`: seconds until a post is answered.
    `polls`: whether polls suffer as well.
    """

    flood: float = 0.0
    retry_after: float = 0.2
    hang: float = 0.0
    mute: float = 0.0
    garbage: float = 0.0
    cut: float = 0.0
    lag: float = 0.0
    polls: bool = False
    dice: random.Random = field(default_factory=lambda: random.Random(4))

    async def poll(self, request: web.Request) -> web.StreamResponse | None:
        """Instead of the news."""
        if not self.polls:
            return None
        return await self.refuse(request) or await self.spoil(request, self.fate())

    async def refuse(self, request: web.Request) -> web.StreamResponse | None:
        """Instead of taking a post."""
        if self._falls(self.flood):
            return web.json_response({"retry_after": self.retry_after}, status=429)
        if self._falls(self.hang):
            await _for_ever(request)
        return None

    def fate(self) -> str:
        """What becomes of the answer to something that was taken; empty: it is told."""
        return next((name for name in ("garbage", "mute", "cut") if self._falls(getattr(self, name))), "")

    @staticmethod
    async def spoil(request: web.Request, fate: str) -> web.StreamResponse | None:
        """Instead of telling that it was taken."""
        if fate == "garbage":
            return web.Response(text="<html>502 Bad Gateway</html>", content_type="text/html")
        if fate == "mute":
            await _for_ever(request)
        if fate == "cut" and request.transport is not None:
            request.transport.close()
            return web.Response()
        return None

    def _falls(self, share: float) -> bool:
        return share > 0 and self.dice.random() < share


async def _for_ever(request: web.Request) -> None:
    """Until the other side loses patience."""
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(0.05)
    raise web.HTTPServiceUnavailable


FAIR = Weather()
