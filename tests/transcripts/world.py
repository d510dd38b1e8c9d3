"""The real program on a real database, with a paper platform and a clock that is moved by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from bot.assembly import Parts, assemble
from bot.config import CityConfig, Config, MannersConfig
from bot.flow.rules import Rules
from bot.model import Inbound
from storage import cases, ratings, schema
from storage.engine import Database
from storage.records import CaseRow
from tests.transcripts.platform import Platform
from tests.transcripts.read import SHANGHAI
from tests.transcripts.script import Cast
from tests.transcripts.town import seed

ACCOUNT = "paper:main"
TICK = 10.0  # seconds
ROUNDS = 1000  # a bot that talks to itself never comes to rest
PHONES = ("镇值班室 0538-6012345", "村值班室 0538-6054321")


class Broken(Exception):  # noqa: N818 - says what it is
    """A row failed, which no transcript may bring about; or the bot talks to itself for ever."""


class World:
    """`now` only moves by `advance`."""

    def __init__(self, cast: Cast, db: Database) -> None:
        assert cast.start is not None
        self.cast, self.db = cast, db
        self.now = cast.start.astimezone(UTC)
        self._listed_at: datetime | None = None
        self.paper = Platform(ACCOUNT, cast.reachable, clock=lambda: self.now)
        self.parts: Parts

    @classmethod
    async def open(cls, cast: Cast, db: Database, rules: Rules) -> World:
        """The town is written, the parts are put together; nobody has said anything yet."""
        world = cls(cast, db)
        await db.run(lambda conn: seed(conn, cast, ACCOUNT, world.now))
        world.parts = await assemble(
            _config(cast), db, [world.paper], clock=lambda: world.now, holder="transcript", rules=rules
        )
        await world.parts.owners[ACCOUNT]._traces.rebuild()
        return world

    async def hear(self, events: Sequence[Inbound]) -> None:
        """The platform tells these events, all before the bot has dealt with any of them."""
        for event in events:
            await self.parts.intakes[ACCOUNT].accept([event])
        await self.settle()

    async def settle(self) -> None:
        """Until nothing is due at this moment."""
        for _ in range(ROUNDS):
            waiting = await self.db.read(lambda conn: _waiting(conn, self.now))
            if not any(waiting) and not self._listed_now():
                break
            await self._round(*waiting)
        else:
            raise Broken("it never comes to rest")

    async def _round(self, said: bool, told: bool, ticks: bool) -> None:
        owner = self.parts.owners[ACCOUNT]
        if said:
            await self.parts.dispatch.step()
        await self.parts.refresh()
        if ticks or self._listed_now():
            await self.parts.remind()
            self._listed_at = self.now
        if said or told or ticks:
            await owner.delivery.step()
        await owner._traces.step()
        if broken := await self.db.read(_broken):
            raise Broken("; ".join(broken))

    def _listed_now(self) -> bool:
        """A list time has come, and the lists have not gone out yet."""
        local = self.now.astimezone(SHANGHAI).strftime("%H:%M")
        return local in self.parts.config.manners.list_times and self._listed_at != self.now

    async def advance(self, until: datetime) -> None:
        """Through every moment at which something is due."""
        while (moment := await self._next_moment()) is not None and moment <= until:
            self.now = moment
            await self.settle()
        self.now = max(until, self.now)
        await self.settle()

    async def _next_moment(self) -> datetime | None:
        known = [*await self.db.read(lambda conn: _due(conn, self.now)), self._next_list()]
        return min((moment for moment in known if moment is not None and moment > self.now), default=None)

    def _next_list(self) -> datetime:
        local = self.now.astimezone(SHANGHAI)
        times = [time.fromisoformat(at) for at in self.parts.config.manners.list_times]
        days = (local.date() + timedelta(days=n) for n in (0, 1))
        moments = (datetime.combine(day, at, SHANGHAI).astimezone(UTC) for day in days for at in times)
        return min(moment for moment in moments if moment > self.now)

    async def case(self, number: int) -> CaseRow | None:
        return await self.db.read(lambda conn: cases.get(conn, number))

    async def supporters(self, number: int) -> int:
        return len(await self.db.read(lambda conn: cases.supporters(conn, number)))

    async def grades(self, case: CaseRow) -> list[int]:
        """Those given for the present closing."""
        found = await self.db.read(lambda conn: ratings.of_case(conn, case.id))
        return [rating.grade for rating in found if rating.closing == case.closings]

    async def case_count(self) -> int:
        counted = sa.select(sa.func.count()).select_from(schema.case)
        return int(await self.db.read(lambda conn: conn.execute(counted).scalar_one()))


def _config(cast: Cast) -> Config:
    manners = MannersConfig()
    if "每小时" in cast.settings:
        manners = replace(manners, posts_per_hour=int(cast.settings["每小时"]))
    return Config(manners=manners, city=CityConfig(emergency_phones=PHONES))


def _waiting(conn: Connection, now: datetime) -> tuple[bool, bool, bool]:
    """Whether a row of the inbox, of the outbox, and a clock are due."""
    queues = [
        sa.exists().where(queue.c.state == "pending", queue.c.due_at <= now) for queue in (schema.inbox, schema.outbox)
    ]
    ticks = sa.exists().where(schema.case.c.next_tick_at <= now)
    found = conn.execute(sa.select(*queues, ticks)).one()
    return bool(found[0]), bool(found[1]), bool(found[2])


def _due(conn: Connection, now: datetime) -> list[datetime | None]:
    """When the next row of either queue and the next clock are due, after now."""
    queues = [
        sa.select(sa.func.min(queue.c.due_at)).where(queue.c.state == "pending", queue.c.due_at > now)
        for queue in (schema.inbox, schema.outbox)
    ]
    tick = sa.select(sa.func.min(schema.case.c.next_tick_at)).where(schema.case.c.next_tick_at > now)
    said, told, ticks = conn.execute(sa.select(*(query.scalar_subquery() for query in (*queues, tick)))).one()
    return [said, told, _rounded(ticks)]


def _rounded(moment: datetime | None) -> datetime | None:
    """Ticks come every ten seconds and gather what has become due by then."""
    return None if moment is None else datetime.fromtimestamp(math.ceil(moment.timestamp() / TICK) * TICK, UTC)


def _broken(conn: Connection) -> list[str]:
    """Why a row of either queue failed: a transcript has no failures."""
    return [
        str(reason)
        for queue in (schema.inbox, schema.outbox)
        for reason in conn.execute(sa.select(queue.c.reason).where(queue.c.failures > 0)).scalars()
    ]
