"""Dispatch on both databases: poison is parked, albums are one message, photos of small talk do not stay."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import Connection, select, update

from bot.assembly import Parts, assemble
from bot.config import build
from storage import chats, directory, inbox
from storage.engine import Database
from storage.schema import blob, case
from storage.schema import inbox as inbox_table
from tests.fakes.paper import START, PaperChannel
from tests.integration.flow.desk_of_one import ACCOUNT, Clock

REPORT = "3号楼前的平安灯又不亮了"


class Bench:
    def __init__(self, parts: Parts, channel: PaperChannel, clock: Clock) -> None:
        self.parts, self.channel, self.clock, self.db = parts, channel, clock, parts.db

    async def hear(self, chat: str, person: str, text: str = "", **fields: object) -> None:
        said = self.channel.say(chat, person, text, sent_at=self.clock(), **fields)
        await self.parts.intakes[ACCOUNT].accept([said])

    async def dispatch(self) -> None:
        while await self.parts.dispatch.step():
            pass

    async def cases(self) -> list[str]:
        return list(await self.db.read(lambda conn: conn.execute(select(case.c.text).order_by(case.c.id)).scalars()))

    async def inbox(self) -> list[tuple[str, str | None]]:
        rows = select(inbox_table.c.state, inbox_table.c.reason).order_by(inbox_table.c.id)
        return [(row.state, row.reason) for row in await self.db.read(lambda conn: conn.execute(rows).all())]


@pytest.fixture
async def bench(db: Database, tmp_path: Path) -> AsyncIterator[Bench]:
    clock = Clock()
    channel = PaperChannel(clock=clock)

    def seed(conn: Connection) -> None:
        grid = directory.add_area(conn, code="g", name="东关一网格", level="grid")
        for native, kind in (("g1", "residents"), ("g2", "residents"), ("s1", "staff")):
            chat = chats.add_chat(conn, ACCOUNT, native, kind=kind, mode="results", now=START)
            chats.link_area(conn, chat, grid)

    await db.run(seed)
    config = build({"data_dir": str(tmp_path)}, tmp_path)
    yield Bench(await assemble(config, db, [channel], clock=clock), channel, clock)


async def test_poison_is_parked_and_harms_nobody_else(bench: Bench) -> None:
    """A row that makes the program stumble waits 1 and 5 seconds, is dead then, and works once it is mended."""
    await bench.hear("g1", "li", REPORT)
    poison = update(inbox_table).values(body={"account": ACCOUNT, "kind": "nonsense"})
    bodies = await bench.db.read(lambda conn: conn.execute(select(inbox_table.c.id, inbox_table.c.body)).all())
    await bench.db.run(lambda conn: conn.execute(poison))
    await bench.hear("g2", "zhang", "2号楼门口下水道堵了，污水往外冒")
    for seconds in (0, 1, 5):
        bench.clock.move(seconds)
        await bench.dispatch()
    (bad, why), good = await bench.inbox()
    assert (bad, good) == ("dead", ("done", None))
    assert why is not None
    assert await bench.cases() == ["2号楼门口下水道堵了，污水往外冒"]

    mend = update(inbox_table).where(inbox_table.c.id == bodies[0].id).values(body=bodies[0].body)
    await bench.db.run(lambda conn: conn.execute(mend))
    assert await bench.db.run(lambda conn: inbox.retry(conn, bodies[0].id, bench.clock()))
    await bench.dispatch()
    assert REPORT in await bench.cases()


async def test_an_album_is_one_report(bench: Bench) -> None:
    """Three parts, the caption on one of them: one case with three photos."""
    for number, text in enumerate(("", REPORT, "")):
        bench.channel.files[f"p{number}"] = _photo(number)
        await bench.hear("g1", "li", text, photo=f"p{number}", group_key="album")
    await bench.dispatch()
    assert await bench.cases() == []
    bench.clock.move(3)
    await bench.dispatch()
    photos = await bench.db.read(lambda conn: conn.execute(select(case.c.photos)).scalars().all())
    assert [len(set(found)) for found in photos] == [3]
    assert [len(found) for found in photos] == [3]


async def test_photos_of_small_talk_go_and_those_of_a_case_stay(bench: Bench) -> None:
    """A reporter's holiday picture that came while he was warm is deleted, his photo of the lamp is not."""
    bench.channel.files |= {"lamp": _photo(1), "beach": _photo(2)}
    await bench.hear("g1", "li", REPORT, photo="lamp")
    await bench.dispatch()
    await bench.hear("g1", "li", "哈哈哈")
    await bench.hear("g1", "zhang", "", photo="beach")
    await bench.hear("g1", "zhang", "9号楼前的井盖不见了")
    await bench.dispatch()
    bench.clock.move(7200)
    await bench.parts.housekeep()
    kept = await bench.db.read(lambda conn: conn.execute(select(blob.c.hash)).scalars().all())
    used = await bench.db.read(lambda conn: conn.execute(select(case.c.photos)).scalars().all())
    assert sorted(kept) == sorted(photo for photos in used for photo in photos)
    assert kept


def _photo(shade: int) -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (40, 30), (shade * 20, 90, 90)).save(held, "JPEG")
    return held.getvalue()
