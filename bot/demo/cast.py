"""The people of the town acting: they say, tap and look through the real web chat, as their pages would."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bot.channels.webchat.parse import BOT
from bot.channels.webchat.people import People
from bot.rooms import Message

LOOK_EVERY = 0.2  # seconds
END = 2**62  # beyond every revision

Marks = Mapping[str, int]
"""Room -> the revision up to which it is old."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A message in a room; `born`: the revision with which it came, where that matters."""

    room: str
    n: int
    born: int = 1


class Cast:
    def __init__(self, people: People) -> None:
        self.people = people

    async def marks(self, rooms: Iterable[str]) -> Marks:
        return {room: (await self.people.page(room, END)).rev for room in rooms}

    async def say(
        self, who: str, room: str, text: str, *, quote: int | None = None, photo: bytes | None = None
    ) -> Spot:
        photos = [await self.people.upload(who, photo)] if photo else []
        return Spot(room, await self.people.say(who, room, text, quote=quote, photos=photos))

    async def press(self, who: str, spot: Spot, action: str) -> bool:
        """Tap the button of this action on the bot's message; False: it has none."""
        message = await self._message(spot)
        buttons = message.body.get("buttons", ()) if message else ()
        found = next((one["data"] for one in buttons if one["data"].startswith(f"{action}:")), None)
        if found is None:
            return False
        await self.people.press(who, spot.room, spot.n, found)
        return True

    async def said_by_bot(self, room: str, after: int) -> list[Message]:
        """The bot's new messages; edits of older ones do not count."""
        page = await self.people.page(room, after)
        return [one for one in page.messages if one.author == BOT and one.born > after]

    async def heard(
        self, room: str, after: int, fits: Callable[[Message], bool], *, within: float, halt: asyncio.Event
    ) -> Spot | None:
        """The first message of the bot that fits; None: it did not come in time, or we were told to stop."""
        loop = asyncio.get_running_loop()
        until = loop.time() + within
        while loop.time() < until and not halt.is_set():
            found = next((one for one in await self.said_by_bot(room, after) if fits(one)), None)
            if found is not None:
                return Spot(room, found.n, found.born)
            await asyncio.sleep(LOOK_EVERY)
        return None

    async def _message(self, spot: Spot) -> Message | None:
        messages = (await self.people.page(spot.room, spot.born - 1)).messages
        return next((one for one in messages if one.n == spot.n), None)
