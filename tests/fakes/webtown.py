"""A web chat on a real server with a real history, and people's pages as real WebSocket clients."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar, FormData, WSMsgType
from yarl import URL

from bot.channels.needs import Needs
from bot.channels.webchat.channel import WebchatChannel, build
from bot.model import ChatKind
from bot.ports import ChannelState
from bot.web.server import WebServer
from storage.room_log import RoomLog
from tests.fakes.bridge import Bridge, until

ROOM = "east"
PEOPLE = {"wang": "王芳", "li": "李大爷", "zhao": "赵敏"}
SECRET = "a-secret-for-tests-only-0123456789"


@dataclass
class Clock:
    """A clock that can be moved."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Town:
    """`channel` with its server; 王芳 is staff, everybody is in the room "east"."""

    folder: Path
    bridge: Bridge = field(default_factory=Bridge)
    clock: Clock = field(default_factory=Clock)
    settings: dict[str, Any] = field(default_factory=dict)
    port: int = 0

    def __post_init__(self) -> None:
        needs = Needs(self.folder, clock=self.clock, open_rooms=RoomLog.open)
        self.channel: WebchatChannel = build("webchat:main", {"secret": SECRET, **self.settings}, needs)
        self._stop = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._server: WebServer | None = None
        self._pages: list[Page] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        async def stopped() -> None:
            await self._stop.wait()

        self._stop.clear()
        self._running = asyncio.create_task(self.channel.run(self.bridge.accept, stopped))
        await until(lambda: self.channel.status.state is ChannelState.UP)
        self._server = WebServer(self.channel.routes(), "127.0.0.1", self.port)
        self.port = await self._server.start()

    async def stop(self) -> None:
        self._stop.set()
        if self._running:
            await self._running
        if self._server:
            await self._server.stop()
        await self.channel.close()

    async def populate(self) -> None:
        for member, name in PEOPLE.items():
            await self.channel.ensure_member(member, name, staff=member == "wang")
        await self.channel.ensure_room(ROOM, "东关1号网格", ChatKind.RESIDENTS, PEOPLE)

    async def enter(self, member: str) -> Page:
        """Through a fresh invite, as a browser does it."""
        page = Page(self.url)
        self._pages.append(page)
        await page.use(await self.channel.invite(member))
        return page

    async def page(self, member: str) -> Page:
        """Entered and connected."""
        page = await self.enter(member)
        await page.connect()
        return page

    def rewind(self, room: str) -> None:
        """The last accepted event of a room counts as not accepted, as after a death between the two commits."""
        with closing(sqlite3.connect(self.folder / "webchat.db")) as conn, conn:
            conn.execute("UPDATE room SET fed = fed - 1 WHERE id = ?", (room,))

    async def leave(self) -> None:
        for page in self._pages:
            await page.close()

    async def __aenter__(self) -> Self:
        await self.start()
        await self.populate()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bridge.open.set()
        self.bridge.away = False
        await self.leave()
        await self.stop()


@asynccontextmanager
async def running(folder: Path, **settings: Any) -> AsyncIterator[Town]:
    async with Town(folder, settings=settings) as town:
        yield town


class Page:
    """What a browser holds: a cookie, a socket, the messages it has seen. Checks that nothing comes twice or backwards."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = ClientSession(cookie_jar=CookieJar(unsafe=True), headers={"Origin": url})
        self.seat = ""
        self.revs: dict[str, int] = {}
        self.messages: dict[str, dict[int, dict[str, Any]]] = {}
        self.frames: list[dict[str, Any]] = []
        self.socket: ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None

    async def use(self, invite: str) -> None:
        """Again and again while the chat is only starting, as a person does who is told to wait a moment."""
        for _ in range(100):
            async with self.session.post(self.url + invite, allow_redirects=True) as answer:
                if answer.status != 503:
                    assert answer.status == 200
                    self.seat = answer.url.path.split("/")[2]
                    return
            await asyncio.sleep(0.1)
        raise AssertionError("the chat did not start")

    @property
    def home(self) -> str:
        return f"{self.url}/chat/{self.seat}/"

    @property
    def cookie(self) -> str:
        """As a Cookie header."""
        found = self.session.cookie_jar.filter_cookies(URL(self.home))
        return "; ".join(f"{name}={value.value}" for name, value in found.items())

    async def connect(self, *, fresh: bool = False) -> dict[str, Any]:
        """Open the socket and say hello with what we have; returns the welcome."""
        if fresh:
            self.revs, self.messages = {}, {}
        seen = len(self.frames)
        self.socket = await self.session.ws_connect(self.home + "ws")
        self._reader = asyncio.create_task(self._read(self.socket))
        await self.send({"op": "hello", "revs": self.revs})
        return await self.frame("welcome", after=seen)

    async def disconnect(self) -> None:
        if self.socket:
            await self.socket.close()
        if self._reader:
            await self._reader
        self.socket = self._reader = None

    async def close(self) -> None:
        await self.disconnect()
        await self.session.close()

    async def send(self, frame: dict[str, Any]) -> None:
        assert self.socket is not None
        await self.socket.send_str(json.dumps(frame))

    async def say(
        self,
        text: str,
        *,
        room: str = ROOM,
        cid: str | None = None,
        quote: int | None = None,
        photos: Sequence[str] = (),
    ) -> str:
        """Send, without waiting for the answer; returns the cid."""
        used = cid or uuid4().hex
        frame = {"op": "say", "cid": used, "room": room, "text": text, "quote": quote, "photos": list(photos)}
        await self.send(frame)
        return used

    async def said(self, text: str, **more: Any) -> int:
        """Say and wait until it is acknowledged; the number."""
        cid = await self.say(text, **more)
        return int((await self.answer(cid, "said"))["n"])

    async def act(self, op: str, n: int, *, room: str = ROOM, **more: Any) -> dict[str, Any]:
        """edit, recall or press; the answer."""
        cid = uuid4().hex
        await self.send({"op": op, "cid": cid, "room": room, "n": n, **more})
        return await self.answer(cid)

    async def upload(self, data: bytes) -> tuple[int, dict[str, Any]]:
        form = FormData()
        form.add_field("photo", io.BytesIO(data), filename="photo.jpg", content_type="image/jpeg")
        async with self.session.post(self.home + "photo", data=form) as answer:
            return answer.status, await answer.json()

    async def photo(self, photo_hash: str) -> tuple[int, bytes]:
        async with self.session.get(f"{self.home}photo/{photo_hash}") as answer:
            return answer.status, await answer.read()

    async def answer(self, cid: str, op: str | None = None) -> dict[str, Any]:
        return await until(lambda: self._find(lambda one: one.get("cid") == cid and op in {None, one["op"]}))

    async def frame(self, op: str, *, after: int = 0) -> dict[str, Any]:
        return await until(lambda: self._find(lambda one: one["op"] == op, after))

    async def sees(self, n: int, room: str = ROOM) -> dict[str, Any]:
        return await until(lambda: self.messages.get(room, {}).get(n))

    def texts(self, room: str = ROOM) -> list[str]:
        return [one["text"] for _, one in sorted(self.messages.get(room, {}).items())]

    def _find(self, wanted: Callable[[dict[str, Any]], bool], after: int = 0) -> dict[str, Any] | None:
        return next((one for one in self.frames[after:] if wanted(one)), None)

    async def _read(self, socket: ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self._take(json.loads(message.data))

    def _take(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)
        if frame["op"] == "msgs":
            for message in frame["msgs"]:
                known = self.revs.get(frame["room"], 0)
                assert message["rev"] > known, f"revision {message['rev']} after {known}"
                self.revs[frame["room"]] = message["rev"]
                self.messages.setdefault(frame["room"], {})[message["n"]] = message
