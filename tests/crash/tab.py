"""A page of the web chat as a browser has it open: it keeps what is not confirmed and says it again on every new line."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from aiohttp import ClientError

from tests.fakes.webtown import Page

REST = 0.1  # seconds between two tries to connect; the real page takes longer
AGAIN = 0.3  # seconds until somebody taps "again" under a message that was refused for now


@dataclass(eq=False)
class Unsent:
    """`wait`: seconds of the loop before which it is not sent (again)."""

    cid: str
    room: str
    frame: dict[str, Any]
    under_way: bool = False
    wait: float = 0.0


class Tab(Page):
    """`confirmed`: cid -> number. One message of a room is on its way at a time (page/outbox.js)."""

    def __init__(self, url: str, name: str, invite: str) -> None:
        super().__init__(url)
        self.name, self._invite = name, invite
        self.unsent: list[Unsent] = []
        self.pressing: dict[str, dict[str, Any]] = {}
        self.confirmed: dict[str, int] = {}
        self.broken: list[str] = []  # what no page should ever see
        self.lines = 0  # connections so far

    # -- what its person does

    def write(self, room: str, text: str, quote: int | None = None) -> str:
        cid = uuid4().hex
        frame: dict[str, Any] = {"op": "say", "cid": cid, "room": room, "text": text, "quote": quote, "photos": []}
        self.unsent.append(Unsent(cid, room, frame))
        return cid

    def tap(self, room: str, n: int, data: str) -> str:
        cid = uuid4().hex
        self.pressing[cid] = {"op": "press", "cid": cid, "room": room, "n": n, "data": data}
        return cid

    # -- the line

    async def enter(self, tries: int = 300) -> None:
        """Through the invite, as soon as somebody answers."""
        for _ in range(tries):
            try:
                await self.use(self._invite)
            except ClientError:
                await asyncio.sleep(REST)
            else:
                return
        raise TimeoutError(f"{self.name} never got in")

    async def live(self) -> None:
        """Connect, send, reconnect, for ever."""
        pressed: set[str] = set()
        while True:
            if self.socket is None or self.socket.closed:
                pressed.clear()
                if not await self._reconnect():
                    await asyncio.sleep(REST)
                    continue
            try:
                await self._pump(pressed)
            except (ClientError, OSError):
                await self.disconnect()
            await asyncio.sleep(0.02)

    async def _reconnect(self) -> bool:
        await self.disconnect()
        for one in self.unsent:
            one.under_way = False
        try:
            async with asyncio.timeout(3):
                await self.connect()
        except (ClientError, OSError):
            return False
        self.lines += 1
        return True

    async def _pump(self, pressed: set[str]) -> None:
        now = asyncio.get_running_loop().time()
        busy = {one.room for one in self.unsent if one.under_way}
        for one in list(self.unsent):
            if one.room not in busy and one.wait <= now:
                busy.add(one.room)
                one.under_way = True
                await self.send(one.frame)
            busy.add(one.room)  # what was written first goes first
        for cid, frame in list(self.pressing.items()):
            if cid not in pressed:
                pressed.add(cid)
                await self.send(frame)

    def _take(self, frame: dict[str, Any]) -> None:
        try:
            super()._take(frame)
        except AssertionError as wrong:  # a message a second time, or backwards
            self.broken.append(f"{self.name}: {wrong}")
        cid = frame.get("cid")
        if cid is None:
            return
        if self.pressing.pop(cid, None) is not None:
            return  # answered; if it was lost, the person sees the buttons and taps again
        for one in [one for one in self.unsent if one.cid == cid]:
            if frame["op"] == "said":
                self.unsent.remove(one)
                self.confirmed[cid] = frame["n"]
            elif frame["op"] == "error":
                one.under_way, one.wait = False, asyncio.get_running_loop().time() + AGAIN
