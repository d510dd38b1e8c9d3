"""The web chat's test bench: its own server and history, a browser for each person."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from bot.channels.webchat.parse import MENTION
from bot.ports import Channel
from tests.contract.harness import RESIDENT, WORKER, Harness, Seen
from tests.fakes.bridge import Bridge, until
from tests.fakes.webtown import ROOM, Page, Town

MEMBERS = {RESIDENT: "li", WORKER: "wang"}


class WebchatHarness:
    group = ROOM
    unknown_chat = "nowhere"
    lacks: Mapping[str, str] = {"outage": "its platform is this program: posts go into the history even with no line"}

    def __init__(self, folder: Path) -> None:
        self._town = Town(folder)
        self._pages: dict[str, Page] = {}
        self._unsent: list[tuple[str, str, str]] = []

    @property
    def channel(self) -> Channel:
        return self._town.channel

    @property
    def bridge(self) -> Bridge:
        return self._town.bridge

    async def start(self) -> None:
        await self._town.__aenter__()
        self._pages = {person: await self._town.page(member) for person, member in MEMBERS.items()}

    async def stop(self) -> None:
        await self._town.__aexit__(None, None, None)

    def native(self, person: str) -> str:
        return MEMBERS[person]

    def private(self, person: str) -> str:
        return f"p-{MEMBERS[person]}"

    async def say(
        self, person: str, text: str, *, chat: str = "", quote: str | None = None, photo: bytes | None = None
    ) -> str:
        page = self._pages[person]
        photos = [(await page.upload(photo))[1]["photo"]] if photo else []
        quoted = int(quote) if quote else None
        cid = await page.say(text, room=chat or ROOM, quote=quoted, photos=photos)
        if self.bridge.away:  # not acknowledged then; the number is seen in the room
            return await until(lambda: next((str(n) for n, one in self._own(page) if one["text"] == text), None))
        return str((await page.answer(cid, "said"))["n"])

    async def mention(self, person: str, text: str) -> str:
        return await self.say(person, f"{MENTION} {text}")

    async def edit(self, person: str, message_id: str, text: str) -> None:
        assert (await self._pages[person].act("edit", int(message_id), text=text))["op"] == "said"

    async def recall(self, person: str, message_id: str) -> None:
        assert (await self._pages[person].act("recall", int(message_id)))["op"] == "said"

    async def press(self, person: str, message_id: str, data: str) -> str:
        return str((await self._pages[person].act("press", int(message_id), data=data))["text"])

    async def posted(self, chat: str) -> list[Seen]:
        """Through a page opened for this look, so that it shows what the history holds."""
        page = await self._town.page("li" if chat == self.private(RESIDENT) else "wang")
        await page.disconnect()
        welcome = await page.connect(fresh=True)
        last = next((room["last"] for room in welcome["rooms"] if room["id"] == chat), 0)
        if last:
            await page.sees(last, chat)
        posts = [one for _, one in sorted(page.messages.get(chat, {}).items()) if one["from"]["bot"]]
        return [await self._seen(page, one) for one in posts]

    async def deliver_again(self) -> None:
        """The cursor goes back by one, as if the program had died before it moved."""
        parts = await self._town.channel._parts()
        await until(lambda: not parts.feeder._tasks)
        await asyncio.to_thread(self._town.rewind, ROOM)
        parts.feeder.nudge(ROOM)

    async def cut(self) -> None:
        await self._town.stop()
        for page in self._pages.values():
            await page.disconnect()

    async def restore(self) -> None:
        await self._town.start()
        for page in self._pages.values():
            await page.connect()
        for person, cid, text in self._unsent:
            await self._pages[person].say(text, cid=cid)
        self._unsent.clear()

    async def say_while_cut(self, person: str, text: str) -> None:
        self._unsent.append((person, uuid4().hex, text))

    @staticmethod
    def _own(page: Page) -> list[tuple[int, dict[str, Any]]]:
        return sorted(page.messages.get(ROOM, {}).items())

    @staticmethod
    async def _seen(page: Page, message: dict[str, Any]) -> Seen:
        card = message["card"] or {"title": "", "lines": [], "note": ""}
        lines = [message["text"], card["title"], *(f"{label} {value}" for label, value in card["lines"]), card["note"]]
        return Seen(
            id=str(message["n"]),
            text="\n".join(line for line in lines if line),
            quote=str(message["quote"]["n"]) if message["quote"] else None,
            photos=tuple([(await page.photo(one))[1] for one in message["photos"]]),
            buttons=tuple((one["label"], one["data"]) for one in message["buttons"]),
        )


def make(folder: Path) -> Harness:
    return WebchatHarness(folder)
