"""Photos up and down."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from aiohttp import BodyPartReader, web
from aiohttp.http import HttpProcessingError

from bot.channels.webchat import words
from bot.channels.webchat.door import Door
from bot.channels.webchat.parts import Parts
from bot.channels.webchat.session import Window
from bot.errors import MediaRefused
from bot.flow.photo import PhotoLimits, check_photo
from bot.rooms import Member

_HASH = re.compile(r"[0-9a-f]{64}")
_AT_ONCE = 2  # decoded at the same time: each may need a hundred megabytes


class Album:
    """Checks photos and keeps them for their owners."""

    def __init__(
        self, parts: Callable[[], Awaitable[Parts]], limits: PhotoLimits, clock: Callable[[], datetime]
    ) -> None:
        self._parts, self.limits, self._clock = parts, limits, clock
        self._decoding = asyncio.Semaphore(_AT_ONCE)

    async def keep(self, owner: str, data: bytes) -> dict[str, object]:
        """The answer of an upload. Raises MediaRefused with a sentence."""
        async with self._decoding:
            photo = await asyncio.to_thread(check_photo, data, self.limits)
        place = (photo.location.lat, photo.location.lon) if photo.location else None
        rooms = (await self._parts()).rooms
        await rooms.put_photo(owner, photo.blob, photo.mime, photo.data, now=self._clock(), place=place)
        return {"photo": photo.blob, "width": photo.width, "height": photo.height}


class Pictures:
    def __init__(self, door: Door, album: Album, *, photos_per_minute: int) -> None:
        self._door, self._album = door, album
        self._pace = Window(photos_per_minute, timedelta(minutes=1))

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/chat/{seat}/photo", self._upload),
            web.get("/chat/{seat}/photo/{hash}", self._show),
        ]

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        self._door.refuse_strangers_page(request, must_say=False)
        member = await self._door.member(request)
        if member is None:
            raise web.HTTPUnauthorized
        if not self._pace.allows(member.id, self._door.clock()):
            return _refusal(429, words.TOO_MANY_PHOTOS)
        return await self._take(request, member)

    async def _take(self, request: web.Request, member: Member) -> web.Response:
        data = await self._read(request)
        if data is None:
            return _refusal(400, words.NO_PHOTO)
        try:
            return web.json_response(await self._album.keep(member.id, data))
        except MediaRefused as refused:
            return _refusal(413 if len(data) > self._album.limits.max_bytes else 415, str(refused))

    async def _read(self, request: web.Request) -> bytes | None:
        """The field `photo`, at most one byte more than allowed; None if there is none."""
        if not request.content_type.startswith("multipart/"):
            return None
        try:
            reader = await request.multipart()
            while isinstance(part := await reader.next(), BodyPartReader):
                if part.name == "photo":
                    return await self._bytes_of(part)
        except (ValueError, HttpProcessingError):  # the latter: control characters in a part's own header
            return None
        return None

    async def _bytes_of(self, part: BodyPartReader) -> bytes:
        data = bytearray()
        while len(data) <= self._album.limits.max_bytes and (chunk := await part.read_chunk(64 * 1024)):
            data += chunk
        return bytes(data)

    async def _show(self, request: web.Request) -> web.StreamResponse:
        member = await self._door.member(request)
        photo_hash = request.match_info["hash"]
        if member is None:
            raise web.HTTPUnauthorized
        if not _HASH.fullmatch(photo_hash):
            raise web.HTTPNotFound
        photo = await (await self._door.parts()).rooms.photo_for(photo_hash, member.id)
        if photo is None:  # the same answer whether it exists or not
            raise web.HTTPNotFound
        headers = {
            "Cache-Control": "private, max-age=31536000, immutable",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
        return web.Response(body=photo.data, content_type=photo.mime, headers=headers)


def _refusal(status: int, sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=status)
