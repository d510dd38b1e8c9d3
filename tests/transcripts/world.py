"""The real program on a real database, with a paper platform and a clock that is moved by hand."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from bot.config import CityConfig, Config, MannersConfig
from bot.flow.rules import Rules
from bot.replay.simulation import Simulation
from storage import agenda, cases, ratings, schema
from storage.engine import Database
from storage.records import CaseRow
from tests.transcripts.platform import Platform
from tests.transcripts.script import Cast
from tests.transcripts.town import seed

ACCOUNT = "paper:main"
PHONES = ("镇值班室 0538-6012345", "村值班室 0538-6054321")


class Broken(Exception):  # noqa: N818 - says what it is
    """A row failed, which no transcript may bring about."""


class World(Simulation):
    """A simulation that stands still where something fails, and can be asked about its cases."""

    def __init__(self, cast: Cast, db: Database) -> None:
        assert cast.start is not None
        self.cast = cast
        self.paper = Platform(ACCOUNT, cast.reachable, clock=lambda: self.now)
        super().__init__(db, self.paper, cast.start)

    @classmethod
    async def open(cls, cast: Cast, db: Database, rules: Rules) -> World:
        """The town is written, the parts are put together; nobody has said anything yet."""
        world = cls(cast, db)
        await db.run(lambda conn: seed(conn, cast, ACCOUNT, world.now))
        await world.start(_config(cast), rules)
        return world

    async def settle(self) -> None:
        await super().settle()
        if broken := await self.db.read(agenda.failures):
            raise Broken("; ".join(broken))

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
