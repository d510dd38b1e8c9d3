"""The demo's addresses: its two pages, their files, what they show, and the two buttons."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from bot.channels.webchat.session import COOKIE, Sessions
from bot.rooms import Member
from storage.errors import Unavailable

_FOLDER = Path(__file__).parents[1] / "web" / "demo"
_FILE = re.compile(r"[a-z0-9_-]+\.(css|js|svg)")
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_NO_STORE = {"Cache-Control": "no-store"}
_LOOK_EVERY = 0.4  # seconds
_STILL_THERE = 15.0  # seconds of silence after which a stream says that it lives

_AWAY = (OSError, Unavailable)  # the history or the database closes or rests; a page asks again by itself

State = Callable[[], Awaitable[dict[str, Any]]]


class Seats:
    """Whoever opens the demo may be anybody: it gives all seats. Only for a town that is made up, on this machine."""

    def __init__(self, sessions: Sessions, clock: Callable[[], datetime]) -> None:
        self._sessions, self._clock = sessions, clock
        self.members: tuple[Member, ...] = ()

    def give(self, response: web.StreamResponse) -> None:
        """One cookie a seat, all of the same name: each with the path of its seat."""
        for member in self.members:
            holder = web.Response()
            holder.set_cookie(
                COOKIE,
                self._sessions.issue(member, self._clock()),
                path=f"/chat/{member.seat}/",
                max_age=self._sessions.seconds,
                httponly=True,
                samesite="Lax",
            )
            response.headers.add(hdrs.SET_COOKIE, holder.cookies[COOKIE].OutputString())


class Pages:
    def __init__(self, seats: Seats, state: State, *, looked: Callable[[], None], stopping: asyncio.Event) -> None:
        self._seats, self._state, self._looked, self._stopping = seats, state, looked, stopping
        self._acts: dict[str, Callable[[], None]] = {}

    def offer(self, acts: Iterable[tuple[str, Callable[[], None]]]) -> None:
        """What /demo/play and /demo/stop do, once the town stands."""
        self._acts = dict(acts)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self._demo),
            web.get("/wechat", self._truth),
            web.get("/demo/static/{file}", self._static),
            web.get("/demo/state", self._now),
            web.get("/demo/events", self._events),
            web.post("/demo/{act:play|stop}", self._act),
        ]

    async def _demo(self, request: web.Request) -> web.Response:
        response = _html("demo.html")
        self._seats.give(response)
        return response

    async def _truth(self, request: web.Request) -> web.Response:
        return _html("truth.html")

    async def _static(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["file"]
        path = _FOLDER / name
        if not _FILE.fullmatch(name) or not path.is_file():
            raise web.HTTPNotFound
        response = web.FileResponse(path, headers={"Cache-Control": "no-cache"})
        response.content_type = _TYPES[path.suffix]
        return response

    async def _now(self, request: web.Request) -> web.Response:
        self._must_stand()
        self._looked()
        try:
            state = await self._state()
        except _AWAY as away:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "1"}) from away
        response = web.json_response(state, headers=_NO_STORE)
        self._seats.give(response)
        return response

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """The state at once and whenever it has changed."""
        self._must_stand()
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", **_NO_STORE})
        await stream.prepare(request)
        with suppress(*_AWAY):  # the page was closed, or the program stops
            await self._tell(stream)
        return stream

    async def _tell(self, stream: web.StreamResponse) -> None:
        told, silent = "", 0.0
        while not self._stopping.is_set():
            self._looked()
            state = json.dumps(await self._state(), ensure_ascii=False)
            if state != told or silent >= _STILL_THERE:
                await stream.write((f"data: {state}\n\n" if state != told else ": still there\n\n").encode())
                told, silent = state, 0.0
            silent += _LOOK_EVERY
            await _pause(self._stopping, _LOOK_EVERY)

    async def _act(self, request: web.Request) -> web.Response:
        self._must_stand()
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            raise web.HTTPForbidden
        self._acts[request.match_info["act"]]()
        return web.Response(status=204)

    def _must_stand(self) -> None:
        if not self._acts:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "1"})


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return


def _html(name: str) -> web.Response:
    text = (_FOLDER / name).read_text(encoding="utf-8")
    return web.Response(text=text, content_type="text/html", headers=_NO_STORE)
