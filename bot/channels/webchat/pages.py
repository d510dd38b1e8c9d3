"""The page itself, its files, and the invite that lets somebody in."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from bot.channels.webchat import words
from bot.channels.webchat.door import Door
from bot.channels.webchat.session import Window, token_hash

_FOLDER = Path(__file__).with_name("page")
_FILE = re.compile(r"[a-z0-9_-]+\.(css|js|svg|png|ico|webmanifest)")
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_LONGEST_TOKEN = 64
_FRESH = {"Cache-Control": "no-cache"}  # kept, but asked about each time: a new version shows at once
_NEVER_KEPT = {"Cache-Control": "no-store"}
TRIES = 5
TRY_SPAN = timedelta(minutes=10)


class Pages:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._wrong = Window(TRIES, TRY_SPAN)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/chat/static/{file}", self._static),
            web.get("/chat/i/{token}", self._show_invite),
            web.post("/chat/i/{token}", self._take_invite),
            web.get("/chat/{seat}", self._to_seat),
            web.get("/chat/{seat}/", self._page),
        ]

    async def _static(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["file"]
        path = _FOLDER / name
        if not _FILE.fullmatch(name) or not path.is_file():
            raise web.HTTPNotFound
        response = web.FileResponse(path, headers=_FRESH)
        if path.suffix in _TYPES:
            response.content_type = _TYPES[path.suffix]
        return response

    async def _to_seat(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(request.rel_url.with_path(request.path + "/", keep_query=True))

    async def _page(self, request: web.Request) -> web.StreamResponse:
        member = await self._door.member(request)
        if member is None:
            return _html("stranger.html", 401)
        response = _html("index.html", 200)
        self._door.admit(request, response, member)  # who comes regularly is not asked for a new invite
        return response

    async def _show_invite(self, request: web.Request) -> web.StreamResponse:
        """A button, no exchange yet: programs that preview links fetch them too."""
        state = await self._look(request)
        return state if isinstance(state, web.Response) else _html("invite.html", 200)

    async def _take_invite(self, request: web.Request) -> web.StreamResponse:
        self._door.refuse_strangers_page(request, must_say=False)
        token = await self._look(request)
        if isinstance(token, web.Response):
            return token
        parts = await self._door.parts()
        member = await parts.rooms.use_invite(token, self._door.clock())
        if member is None:  # somebody was faster
            return _html("expired.html", 410)
        response = web.Response(status=303, headers={"Location": f"/chat/{member.seat}/", **_NEVER_KEPT})
        self._door.admit(request, response, member)
        return response

    async def _look(self, request: web.Request) -> str | web.Response:
        """The hash of a good token, or the page to show instead. Only tokens that never existed count as guesses."""
        now, address = self._door.clock(), self._door.address(request)
        if self._wrong.full(address, now):
            headers = {"Retry-After": str(int(TRY_SPAN.total_seconds())), **_NEVER_KEPT}
            return web.Response(text=words.TOO_MANY_TRIES, status=429, headers=headers)
        hashed = token_hash(request.match_info["token"][:_LONGEST_TOKEN])
        state = await (await self._door.parts()).rooms.invite_state(hashed, now)
        if state == "good":
            return hashed
        if state == "unknown":
            self._wrong.count(address, now)
        return _html("expired.html", 410)


def _html(name: str, status: int) -> web.Response:
    text = (_FOLDER / name).read_text(encoding="utf-8")
    return web.Response(text=text, status=status, content_type="text/html", headers=_NEVER_KEPT)
