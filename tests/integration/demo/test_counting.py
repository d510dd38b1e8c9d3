"""「闲聊保存 0 条」 is counted, and would show what is stored."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.app import App
from bot.channels.webchat.channel import WebchatChannel
from bot.demo import figures, house, town
from bot.ports import ChannelState
from storage import inbox, schema
from storage.records import NewInbox

REPORT = "3号楼前的平安灯又不亮了"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@asynccontextmanager
async def small_town(folder: Path) -> AsyncIterator[tuple[App, WebchatChannel]]:
    """The demo's town with the real program running in it."""
    config = house.settings(folder, port=0, secret="s" * 32, limit=30.0)
    async with App.open(config) as app:
        channel = app.channels[town.ACCOUNT]
        assert isinstance(channel, WebchatChannel)
        place = town.load()
        await app.parts.db.run(lambda conn: town.seed_directory(conn, place, NOW))
        await app.parts.refresh()
        await town.seed_rooms(channel.people, place)
        stop = asyncio.Event()
        serving = asyncio.create_task(app.serve(stop))
        await until(lambda: channel.status.state is ChannelState.UP)
        try:
            yield app, channel
        finally:
            stop.set()
            await serving
            await channel.close()


async def until(found: Any) -> None:
    async with asyncio.timeout(20):
        while not found():  # noqa: ASYNC110 - what is looked for is no event
            await asyncio.sleep(0.02)


async def one_case(app: App) -> figures.Figures:
    """Once there is one and nothing waits any more."""
    async with asyncio.timeout(20):
        counted = await app.parts.db.read(figures.count)
        while not counted.cases or await app.parts.db.read(inbox.pending) > 0:
            await asyncio.sleep(0.05)
            counted = await app.parts.db.read(figures.count)
    return counted


async def everything(app: App) -> str:
    """All that the database holds."""

    def work(conn: sa.Connection) -> str:
        return str([conn.execute(sa.select(table)).all() for table in schema.metadata.sorted_tables])

    return await app.parts.db.read(work)


async def test_small_talk_just_before_a_report_is_not_stored_with_it(tmp_path: Path) -> None:
    """The gate holds a speaker's last words back and hands them in with the report; what is no part of it is dropped."""
    async with small_town(tmp_path) as (app, channel):
        await channel.people.say("lishen", "g-dg1", "晚饭不知道吃什么好")
        await channel.people.say("lishen", "g-dg1", REPORT)
        counted = await one_case(app)
        stored = await everything(app)
    assert REPORT in stored
    assert "晚饭" not in stored
    assert (counted.chatter, counted.cases) == (0, 1)


async def test_a_piece_of_the_report_stays(tmp_path: Path) -> None:
    """「3号楼」 before 「路灯坏了，一周没人修」 is a part of what was reported."""
    async with small_town(tmp_path) as (app, channel):
        await channel.people.say("lishen", "g-dg1", "3号楼前面")
        await channel.people.say("lishen", "g-dg1", "平安灯又不亮了")
        counted = await one_case(app)
        stored = await everything(app)
    assert "3号楼前面" in stored
    assert counted.chatter == 0


async def test_chatter_that_is_stored_is_counted(tmp_path: Path) -> None:
    """A row that keeps its words though it led to nothing, and one that brought a neighbour's along: two."""
    async with small_town(tmp_path) as (app, _):
        await app.parts.db.run(_store_wrongly)
        counted = await app.parts.db.read(figures.count)
    assert counted.chatter == 2


def _store_wrongly(conn: sa.Connection) -> None:
    chat = conn.execute(sa.select(schema.chat.c.id).where(schema.chat.c.title == "河西网格居民群")).scalar_one()
    said = {
        "account": town.ACCOUNT,
        "kind": "message",
        "chat": "g-hexi",
        "at": NOW.isoformat(),
        "from": ["x", "甲", False],
    }
    body = {
        **said,
        "key": "k2",
        "id": "902",
        "text": "好的",
        "earlier": [{**said, "key": "k1", "id": "901", "text": "早"}],
    }
    row = NewInbox(
        account=town.ACCOUNT, event_key="k2", chat_id=chat, kind="message", body=body, sent_at=NOW, received_at=NOW, due_at=NOW
    )  # fmt: skip
    (put,) = inbox.put(conn, [row])
    conn.execute(sa.update(schema.inbox).where(schema.inbox.c.id == put).values(state="done", done_at=NOW))


async def test_a_second_start_goes_on_with_the_first_ones_town(tmp_path: Path) -> None:
    """Seeding twice makes nothing twice, and the cases are still there."""
    async with small_town(tmp_path) as (app, channel):
        await channel.people.say("lishen", "g-dg1", REPORT)
        await one_case(app)
        first = await app.parts.db.read(_census)
    async with small_town(tmp_path) as (app, channel):
        assert await app.parts.db.read(_census) == first
        assert await channel.people.count("g-dg1") == 1


def _census(conn: sa.Connection) -> list[int]:
    tables = (schema.area, schema.chat, schema.person, schema.role, schema.unit, schema.case)
    return [conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in tables]
