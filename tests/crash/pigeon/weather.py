"""What may go wrong between the program and a platform, chosen anew for each request."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any

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
        if not self.polls:
            return None
        return await self._refuse(request) or (await self._spoil(request))

    async def before(self, request: web.Request, _body: dict[str, Any]) -> web.StreamResponse | None:
        """Instead of taking a post."""
        return await self._refuse(request)

    async def after(self, request: web.Request, _body: dict[str, Any]) -> web.StreamResponse | None:
        """Instead of telling that it was taken."""
        await asyncio.sleep(self.lag)
        return await self._spoil(request)

    async def _refuse(self, request: web.Request) -> web.StreamResponse | None:
        if self._falls(self.flood):
            return web.json_response({"retry_after": self.retry_after}, status=429)
        if self._falls(self.hang):
            await _for_ever(request)
        return None

    async def _spoil(self, request: web.Request) -> web.StreamResponse | None:
        if self._falls(self.garbage):
            return web.Response(text="<html>502 Bad Gateway</html>", content_type="text/html")
        if self._falls(self.mute):
            await _for_ever(request)
        if self._falls(self.cut) and request.transport is not None:
            request.transport.close()
            await asyncio.sleep(0)
        return None

    def _falls(self, share: float) -> bool:
        return share > 0 and self.dice.random() < share


async def _for_ever(request: web.Request) -> None:
    """Until the other side loses patience."""
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(0.05)
    raise web.HTTPServiceUnavailable


FAIR = Weather()
