"""What earlier showings left behind: open cases are taken back, and the next one happens at other houses."""

from __future__ import annotations

import asyncio
import re

from sqlalchemy import Connection, or_, select

from bot.channels.webchat.parse import private_room
from bot.demo.cast import Cast
from bot.demo.town import CHANNEL
from storage.engine import Database
from storage.schema import case, identity

PATIENCE = 10.0  # seconds for one case to be settled
HOUSES = 40  # showings after which the first houses come again
_OVER = ("closed", "withdrawn", "declined", "merged")
_BLANK = re.compile(r"\{\w+\}")


class Earlier:
    """`texts`: what the story's reporters say; `closers`: who may close what its reporter cannot take back any more."""

    def __init__(self, db: Database, cast: Cast, texts: frozenset[str], closers: tuple[str, ...]) -> None:
        self._db, self._cast, self._closers = db, cast, closers
        self._told = or_(*(case.c.text.like(_BLANK.sub("%", text)) for text in texts))
        self._lamps = or_(*(case.c.text.like(_BLANK.sub("%", text)) for text in texts if "{lamp}" in text))

    async def clear(self, halt: asyncio.Event) -> None:
        """By commands that anybody could give. What stays open all the same is left alone."""
        for number, reporter in await self._db.read(self._open):
            await self._cast.say(reporter, private_room(reporter), f"撤回 {number}")
            if await self._settled(number, halt):
                continue
            for closer in self._closers:
                await self._cast.say(closer, private_room(closer), f"办结 {number} 上一次演示的，收尾")
            await self._settled(number, halt)

    async def houses(self) -> dict[str, str]:
        """House numbers of the lamp and of the drain that the story has not used lately."""
        before = len(await self._db.read(lambda conn: conn.execute(select(case.c.id).where(self._lamps)).all()))
        place = before % HOUSES
        return {"lamp": str(3 + 2 * place), "drain": str(2 + 2 * place)}

    def _open(self, conn: Connection) -> list[tuple[int, str]]:
        """Numbers with the native ids of their reporters."""
        named = case.join(identity, identity.c.person_id == case.c.reporter_id)
        found = select(case.c.id, identity.c.native_id).select_from(named)
        mine = found.where(identity.c.channel == CHANNEL, case.c.state.not_in(_OVER), self._told)
        return [(row.id, row.native_id) for row in conn.execute(mine.order_by(case.c.id))]

    async def _settled(self, number: int, halt: asyncio.Event) -> bool:
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE
        while loop.time() < until and not halt.is_set():
            if number not in dict(await self._db.read(self._open)):
                return True
            await asyncio.sleep(0.2)
        return False
