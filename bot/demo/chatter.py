"""Neighbours' small talk, going on by itself as long as somebody looks."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.demo.cast import Cast
from bot.demo.stage import Stage
from bot.demo.town import Room, Town, read

log = logging.getLogger(__name__)
PAUSE = (5.0, 9.0)  # seconds between two lines
FIRST = 4  # lines a new group starts with


def load() -> tuple[tuple[str, ...], ...]:
    """The talks of chatter.toml: each a few lines by different people, in their order."""
    return tuple(tuple(talk) for talk in read("chatter.toml")["talks"])


@dataclass(slots=True)
class _Group:
    """`coming`: the rest of the talk that is going on, with who says each line."""

    room: Room
    speakers: tuple[str, ...]
    coming: deque[tuple[str, str]] = field(default_factory=deque)
    bag: list[int] = field(default_factory=list)


class Chatter:
    """`quiet`: who only speaks in the story, so that nobody's report is preceded by his own small talk."""

    def __init__(
        self,
        town: Town,
        cast: Cast,
        stage: Stage,
        talks: Sequence[Sequence[str]],
        *,
        quiet: frozenset[str],
        dice: random.Random,
    ) -> None:
        self._cast, self._stage, self._talks, self._dice = cast, stage, talks, dice
        speakers = town.residents - quiet
        self._groups = {
            room.id: _Group(room, tuple(one for one in room.members if one in speakers)) for room in town.groups
        }

    async def begin(self) -> None:
        """Rooms that are still empty get their first lines."""
        empty = {room for room in self._groups if not await self._cast.people.count(room)}
        for room in sorted(empty):
            for _ in range(FIRST):
                await self.say_one(room)
        if empty == set(self._groups):
            for room, who, text in read("chatter.toml")["opening"]:
                await self._cast.say(who, room, text)

    async def run(self, stop: asyncio.Event) -> None:
        """One line every few seconds; while the story plays it says itself what is said in its group."""
        while not stop.is_set():
            if self._stage.watched:
                await self._one_somewhere()
            try:
                async with asyncio.timeout(self._dice.uniform(*PAUSE)):
                    await stop.wait()
            except TimeoutError:
                continue

    async def _one_somewhere(self) -> None:
        busy = {view.room for view in self._stage.views.values()} if self._stage.playing else set()
        free = sorted(set(self._groups) - busy)
        if not free:
            return
        try:
            await self.say_one(self._dice.choice(free))
        except OSError:
            log.warning("chatter not said", extra={"action": "demo_chatter_away"})

    async def say_one(self, room: str) -> None:
        group = self._groups[room]
        if not group.coming:
            self._next_talk(group)
        who, text = group.coming.popleft()
        await self._cast.say(who, room, text)

    def _next_talk(self, group: _Group) -> None:
        """Every talk once before one comes again; neighbouring lines have different speakers."""
        if not group.bag:
            group.bag = self._dice.sample(range(len(self._talks)), len(self._talks))
        order = self._dice.sample(group.speakers, len(group.speakers))
        lines = self._talks[group.bag.pop()]
        group.coming.extend((order[n % len(order)], line) for n, line in enumerate(lines))
