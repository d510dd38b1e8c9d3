"""The page's WebSocket: one task reads its requests, one sends what it lacks."""

from __future__ import annotations

import asyncio
import logging

from aiohttp import WSMsgType, web

from bot.channels.webchat.connection import Connection, parsed
from bot.channels.webchat.door import Door
from bot.channels.webchat.parts import Parts

log = logging.getLogger(__name__)


class Sockets:
    def __init__(self, door: Door) -> None:
        self._door = door

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/chat/{seat}/ws", self._open)]

    async def _open(self, request: web.Request) -> web.StreamResponse:
        self._door.refuse_strangers_page(request, must_say=True)
        member = await self._door.member(request)
        if member is None:
            raise web.HTTPUnauthorized
        parts = await self._door.parts()
        connection = Connection(member, parts.rooms)
        await connection.socket.prepare(request)
        await self._serve(connection, parts, request)
        return connection.socket

    async def _serve(self, connection: Connection, parts: Parts, request: web.Request) -> None:
        parts.hub.add(connection)
        pump = asyncio.create_task(self._pump(connection, request))
        try:
            async for message in connection.socket:
                frame = parsed(message) if message.type is WSMsgType.TEXT else None
                await parts.protocol.handle(connection, frame)
        finally:
            parts.hub.remove(connection)
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
            await parts.protocol.finish(connection)

    @staticmethod
    async def _pump(connection: Connection, request: web.Request) -> None:
        try:
            await connection.pump()
        except OSError as away:  # the page takes nothing, is gone, or the history is: it comes back by itself
            log.info("page cut off", extra={"action": "webchat_cut_off", "why": type(away).__name__})
        finally:
            if request.transport is not None and not connection.socket.closed:
                request.transport.abort()
