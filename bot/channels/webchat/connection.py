"""One open page. It keeps no queue of messages: only which rooms are ahead of it, and reads them at its own pace."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque

from aiohttp import WSMessage, web

from bot.channels.webchat.render import Frame, message_frame, room_entry
from bot.ports import RoomLog
from bot.rooms import Member

PAGE = 50  # messages a frame
MOST_ANSWERS = 256  # answers to its own requests that a page may leave unread
SEND_SECONDS = 30.0  # a page that takes nothing for so long is gone
HEARTBEAT = 25.0  # seconds
LARGEST_FRAME = 64 * 1024  # bytes
ASK_AGAIN = 10.0  # seconds


class Connection:
    """Answers go first, then rooms that are new to the page, then read marks, then messages."""

    def __init__(self, member: Member, rooms: RoomLog) -> None:
        self.member = member
        self.rooms: set[str] = set()  # what the page may see
        self.socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT, max_msg_size=LARGEST_FRAME, compress=False, timeout=5.0
        )
        self._log = rooms
        self._known: dict[str, int] = {}
        self._asked: dict[str, float] = {}
        self._greeted = False
        self._answers: deque[Frame] = deque()
        self._fresh: dict[str, None] = {}
        self._reads: dict[str, int] = {}
        self._ahead: dict[str, None] = {}
        self._wake = asyncio.Event()
        self._closing: asyncio.Task[object] | None = None

    def greet(self, welcome: Frame, known: dict[str, int]) -> None:
        """The page has said what it has; everything newer follows."""
        self._known = known
        self._greeted = True
        self._answers.append(welcome)
        self._ahead.update(dict.fromkeys(self.rooms))
        self._wake.set()

    def answer(self, frame: Frame) -> None:
        """A reply to the page's own request. A page that asks and never reads is cut off, not waited for."""
        self._answers.append(frame)
        self._wake.set()
        if len(self._answers) > MOST_ANSWERS:
            self.close(1013, b"reads nothing")

    def enter(self, room: str) -> None:
        """The member is in a new room, or a room has a new title."""
        self.rooms.add(room)
        self._fresh[room] = None
        self.room_ahead(room)

    def room_ahead(self, room: str) -> None:
        self._ahead[room] = None
        self._wake.set()

    def read_mark(self, room: str, n: int) -> None:
        self._reads[room] = n
        self._wake.set()

    def close(self, code: int, reason: bytes) -> None:
        """Begin to close; the page comes back by itself where it may."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self.socket.close(code=code, message=reason))

    async def frames(self) -> list[Frame]:
        """What may be sent next, oldest first; empty when the page has everything."""
        if not self._greeted:
            return []
        if self._answers:
            answers = list(self._answers)
            self._answers.clear()
            return answers
        if self._fresh:
            return await self._entries()
        if self._reads:
            reads, self._reads = self._reads, {}
            return [{"op": "read", "room": room, "n": n} for room, n in reads.items()]
        return await self._page()

    async def pump(self) -> None:
        """Send until the socket closes. Raises OSError (a TimeoutError is one) when page or history are away."""
        while not self.socket.closed:
            await self._wake.wait()
            self._wake.clear()
            while frames := await self.frames():
                for frame in frames:
                    await self._send(frame)

    async def _entries(self) -> list[Frame]:
        fresh, self._fresh = self._fresh, {}
        found = [entry for room in fresh for entry in await self._log.rooms_of(self.member.id, only=room)]
        return [{"op": "room", **room_entry(entry)} for entry in found] or await self.frames()

    async def _page(self) -> list[Frame]:
        """The next messages of a room that is ahead."""
        while self._ahead:
            room = next(iter(self._ahead))
            del self._ahead[room]  # before reading: what comes meanwhile sets it again
            if not await self._is_still_in(room):
                self.close(1012, b"rights changed")
                return []
            known = self._known.get(room)
            page = await (self._log.latest(room, PAGE) if known is None else self._log.since(room, known, PAGE))
            if room not in self.rooms:
                continue  # he has left it while we read
            if known is not None and len(page.messages) == PAGE:
                self._ahead[room] = None
            self._known[room] = page.rev
            if page.messages:
                return [{"op": "msgs", "room": room, "msgs": [message_frame(one) for one in page.messages]}]
        return []

    async def _is_still_in(self, room: str) -> bool:
        """Asked now and then: another process, such as a command, may have taken the member out."""
        now = time.monotonic()
        if now - self._asked.get(room, -ASK_AGAIN) < ASK_AGAIN:
            return True
        self._asked[room] = now
        return await self._log.is_in(room, self.member.id)

    async def _send(self, frame: Frame) -> None:
        """Raises TimeoutError when the page takes nothing, ConnectionError when it is gone."""
        async with asyncio.timeout(SEND_SECONDS):
            await self.socket.send_str(json.dumps(frame, ensure_ascii=False, separators=(",", ":")))


def parsed(message: WSMessage) -> Frame | None:
    """The frame, or None if it is none of ours."""
    try:
        frame = json.loads(message.data)
    except (ValueError, RecursionError):
        return None
    return frame if isinstance(frame, dict) and isinstance(frame.get("op"), str) else None
