"""From the outbox to a platform, on both databases: order, lanes, pace, ceilings."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from bot.model import Retry, Scope
from storage import outbox
from storage.engine import Database
from storage.records import NewPost
from storage.schema import outbox as outbox_table
from tests.fakes.paper import CAPABILITIES, PaperChannel
from tests.integration.flow.desk_of_one import (
    ACCOUNT,
    Clock,
    a_chat,
    a_post,
    delivery,
    outbox_row,
    put,
    run_dry,
    states,
    texts,
)

# ---------------------------------------------------------------- keys


async def test_a_number_given_out_again_is_another_post(db: Database, town: PaperChannel, clock: Clock) -> None:
    """After a backup was restored, or retention has emptied the table: a platform must not take it for the old one."""
    chat = await db.run(a_chat)
    sender = await delivery(db, town, clock)
    for text in ("从前的", "现在的"):
        await db.run(lambda conn, text=text: put_as_number_one(conn, a_post(chat, text), clock()))  # type: ignore[misc]
        await run_dry(sender)
        clock.move(3600)
    assert texts(town) == ["从前的", "现在的"]
    assert len({post.key for post in town.tried}) == 2


def put_as_number_one(conn: Connection, post: NewPost, now: datetime) -> None:
    conn.execute(outbox_table.delete())
    (row,) = outbox.put(conn, [post], now)
    conn.execute(outbox_table.update().where(outbox_table.c.id == row).values(id=1))


# ---------------------------------------------------------------- silence


async def test_nothing_is_said_in_a_group_at_night(db: Database, town: PaperChannel, clock: Clock) -> None:
    """However it came to be due then: put back by an operator, restored from a backup, after an outage."""
    group, staff = await db.run(a_chat), await db.run(lambda conn: a_chat(conn, "s1", kind="staff"))
    dead, _, _ = await put(
        db,
        a_post(group, "修好了", lane="a", kind="result"),
        a_post(group, "着火了", lane="b", kind="emergency", priority=0),
        a_post(staff, "派给您了", lane="c", kind="dispatched"),
    )
    sender = await delivery(db, town, clock)
    clock.move(15 * 3600)  # 01:30
    await run_dry(sender)
    assert (texts(town), texts(town, "s1")) == (["着火了"], ["派给您了"])
    clock.move(5 * 3600)
    await run_dry(sender)
    assert (await outbox_row(db, dead))["state"] == "pending"
    clock.move(3600)
    await run_dry(sender)
    assert texts(town) == ["着火了", "修好了"]


# ---------------------------------------------------------------- order


async def test_a_lane_goes_out_in_order_the_urgent_first(db: Database, town: PaperChannel, clock: Clock) -> None:
    """Within a lane as written, among lanes by priority, each post once."""
    chat = await db.run(a_chat)
    await put(
        db,
        *(a_post(chat, f"一{n}", lane="a", priority=4) for n in range(3)),
        *(a_post(chat, f"急{n}", lane="b", priority=0) for n in range(3)),
    )
    sender = await delivery(db, town, clock)
    assert await run_dry(sender) == 6
    said = texts(town)
    assert [text for text in said if text.startswith("一")] == ["一0", "一1", "一2"]
    assert [text for text in said if text.startswith("急")] == ["急0", "急1", "急2"]
    assert said[0] == "急0"
    assert await states(db) == ["sent"] * 6
    assert sender.outcomes.sent == 6
    assert len({post.key for post in town.tried}) == 6


async def test_a_held_back_post_blocks_its_own_lane_only(db: Database, town: PaperChannel, clock: Clock) -> None:
    """One case waits, another does not; the second post of the waiting lane never overtakes the first."""
    chat = await db.run(a_chat)
    await put(db, a_post(chat, "先", lane="a"), a_post(chat, "后", lane="a"))
    town.end(Retry(30, "busy"))
    sender = await delivery(db, town, clock)
    await run_dry(sender)
    await put(db, a_post(chat, "别的事", lane="b"))
    await run_dry(sender)
    assert texts(town) == ["别的事"]
    clock.move(30)
    await run_dry(sender)
    assert texts(town) == ["别的事", "先", "后"]


async def test_lanes_go_side_by_side(db: Database, town: PaperChannel, clock: Clock) -> None:
    """A room that does not answer costs the others nothing but that one step's time-out."""
    one, two = await db.run(a_chat), await db.run(lambda conn: a_chat(conn, "g2"))
    town.hang()
    await put(db, a_post(one, "会卡住", priority=0), a_post(two, "不会"))
    sender = await delivery(db, town, clock)
    async with asyncio.timeout(5):
        await sender.step()
    assert texts(town, "g2") == ["不会"]


# ---------------------------------------------------------------- pace


async def test_no_burst_beyond_the_platforms_pace(db: Database, clock: Clock) -> None:
    """Thirty posts for one chat claimed together: five now, never more than twenty in a minute, none lost."""
    town = PaperChannel(ACCOUNT, replace(CAPABILITIES, per_chat_per_minute=20), clock=clock)
    chat = await db.run(a_chat)
    await put(db, *(a_post(chat, f"{n}", lane=f"lane{n}") for n in range(30)))
    sender = await delivery(db, town, clock)
    counts = []
    for _ in range(24):
        await run_dry(sender)
        counts.append(len(town.tried))
        clock.move(5)
    assert counts[0] == 5
    assert counts[11] <= 20
    assert counts[-1] == 30
    assert set(await states(db)) == {"sent"}
    assert {(await outbox_row(db, id_))["failures"] for id_ in range(1, 31)} == {0}


async def test_a_group_hears_no_more_than_its_ceiling(db: Database, town: PaperChannel, clock: Clock) -> None:
    """Three an hour, in one batch or in many; results are counted, never delayed; staff have no ceiling."""
    group, staff = await db.run(a_chat), await db.run(lambda conn: a_chat(conn, "s1", kind="staff"))
    await put(db, a_post(group, "修好了", kind="result", lane="r"))
    sender = await delivery(db, town, clock, posts_per_hour=3)
    await run_dry(sender)
    await put(db, *(a_post(group, f"受理{n}", kind="accepted", lane=f"a{n}") for n in range(5)))
    await put(db, *(a_post(staff, f"卡片{n}", kind="accepted", lane=f"s{n}") for n in range(5)))
    await put(db, a_post(group, "又修好了", kind="result", lane="r2"))
    await run_dry(sender)
    assert len(texts(town, "s1")) == 5
    assert sorted(texts(town)) == ["修好了", "又修好了", "受理0", "受理1"]
    clock.move(3599)
    await run_dry(sender)
    assert len(texts(town)) == 4
    clock.move(2)
    await run_dry(sender)
    assert len(texts(town)) == 7


async def test_a_ceiling_of_nothing_lets_results_only_through(db: Database, town: PaperChannel, clock: Clock) -> None:
    """Zero an hour: what would wait for ever is taken back."""
    group = await db.run(a_chat)
    await put(db, a_post(group, "受理", kind="accepted"), a_post(group, "结果", kind="result"))
    await run_dry(await delivery(db, town, clock, posts_per_hour=0))
    assert texts(town) == ["结果"]
    assert await states(db) == ["cancelled", "sent"]


async def test_a_flood_limit_is_a_deadline_of_the_chat(db: Database, town: PaperChannel, clock: Clock) -> None:
    """What the platform said of one chat holds for all its lanes, also for later posts; no attempt is used up."""
    one, two = await db.run(a_chat), await db.run(lambda conn: a_chat(conn, "g2"))
    town.end(Retry(40, "flood", Scope.DESTINATION))
    [first] = await put(db, a_post(one, "一"))
    sender = await delivery(db, town, clock)
    await run_dry(sender)
    await put(db, a_post(one, "二", lane="other", priority=0), a_post(two, "三"))
    await run_dry(sender)
    assert (texts(town, "g1"), texts(town, "g2")) == ([], ["三"])
    clock.move(39)
    assert await run_dry(sender) == 0
    clock.move(1)
    await run_dry(sender)
    assert sorted(texts(town)) == ["一", "二"]
    assert (await outbox_row(db, first))["failures"] == 0


async def test_an_account_that_is_down_for_a_day_costs_nothing(db: Database, town: PaperChannel, clock: Clock) -> None:
    """All its chats wait, nothing dies, nothing is lost."""
    chats = [await db.run(partial(a_chat, native_id=f"g{n}")) for n in range(3)]
    await put(db, *(a_post(chat, "到了") for chat in chats))
    sender = await delivery(db, town, clock)
    for _ in range(30):
        town.end(*[Retry(3000, "down", Scope.ACCOUNT)] * 3)
        await run_dry(sender)
        clock.move(3000)
    assert set(await states(db)) == {"pending"}
    assert {(await outbox_row(db, id_))["failures"] for id_ in range(1, 4)} == {0}
    town._endings.clear()
    await run_dry(sender)
    assert [texts(town, f"g{n}") for n in range(3)] == [["到了"]] * 3


async def test_a_pause_of_the_account_holds_those_that_follow(db: Database, town: PaperChannel, clock: Clock) -> None:
    """After the first refusal the other chats are not even tried."""
    one, two = await db.run(a_chat), await db.run(lambda conn: a_chat(conn, "g2"))
    town.end(Retry(60, "flood", Scope.ACCOUNT))
    await put(db, a_post(one, "一"))
    sender = await delivery(db, town, clock)
    await run_dry(sender)
    await put(db, a_post(two, "急", priority=0))
    await run_dry(sender)
    assert len(town.tried) == 1
    clock.move(60)
    await run_dry(sender)
    assert (texts(town, "g1"), texts(town, "g2")) == (["一"], ["急"])
