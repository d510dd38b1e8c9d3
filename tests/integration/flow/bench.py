"""The whole program around a platform on paper, without its loops: a test hears, dispatches and delivers by hand."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, select

from bot.assembly import Parts, assemble
from bot.config import build
from bot.flow.rules import Rules
from storage import chats, directory, people
from storage.engine import Database
from storage.schema import case
from storage.schema import inbox as inbox_table
from tests.fakes.paper import START, PaperChannel
from tests.integration.flow.desk_of_one import ACCOUNT, Clock


class Bench:
    def __init__(self, parts: Parts, channel: PaperChannel, clock: Clock) -> None:
        self.parts, self.channel, self.clock, self.db = parts, channel, clock, parts.db

    @classmethod
    async def open(
        cls, db: Database, folder: Path, rules: Rules | None = None, *, channel: type[PaperChannel] = PaperChannel
    ) -> Bench:
        """One grid with two groups, a staff chat and a worker, 李梅. Shared `rules` save loading them again."""
        clock = Clock()
        paper = channel(clock=clock)
        await db.run(seed)
        config = build({"data_dir": str(folder)}, folder)
        return cls(await assemble(config, db, [paper], clock=clock, rules=rules), paper, clock)

    async def twin(self) -> Bench:
        """Another program beside this one: the same database, clock and platform, a memory of its own."""
        parts = self.parts
        assembled = await assemble(parts.config, self.db, [self.channel], clock=self.clock, rules=parts.rules)
        return Bench(assembled, self.channel, self.clock)

    async def hear(self, chat: str, person: str, text: str = "", **fields: object) -> None:
        said = self.channel.say(chat, person, text, sent_at=self.clock(), **fields)
        await self.parts.intakes[ACCOUNT].accept([said])

    async def dispatch(self) -> None:
        while await self.parts.dispatch.step():
            pass

    async def deliver(self) -> None:
        while await self.parts.owners[ACCOUNT].delivery.step():
            pass

    async def cases(self) -> list[str]:
        return list(await self.db.read(lambda conn: conn.execute(select(case.c.text).order_by(case.c.id)).scalars()))

    async def inbox(self) -> list[tuple[str, str | None]]:
        rows = select(inbox_table.c.state, inbox_table.c.reason).order_by(inbox_table.c.id)
        return [(row.state, row.reason) for row in await self.db.read(lambda conn: conn.execute(rows).all())]


def seed(conn: Connection) -> None:
    grid = directory.add_area(conn, code="g", name="东关一网格", level="grid")
    for native, kind in (("g1", "residents"), ("g2", "residents"), ("s1", "staff")):
        chat = chats.add_chat(conn, ACCOUNT, native, kind=kind, mode="results", now=START)
        chats.link_area(conn, chat, grid)
    worker = people.add_person(conn, name="李梅", now=START)
    people.add_identity(conn, "paper", "limei", worker)
    people.grant(conn, worker, "grid_worker", area_id=grid)
