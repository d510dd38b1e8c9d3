"""Reminders that had to wait: only the latest of a case counts, worded as things are when it goes out."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from bot.flow.draft import Draft, Item
from bot.flow.manners import Night
from bot.flow.post import Poster, Quiet
from storage import cases
from storage.engine import Database
from storage.records import NewPost
from storage.schema import outbox
from tests.fakes.paper import CAPABILITIES, START, PaperChannel
from tests.integration.flow.desk_of_one import (
    ACCOUNT,
    Clock,
    a_case,
    a_chat,
    a_post,
    chat_row,
    delivery,
    put,
    run_dry,
    states,
    texts,
)

DAY = timedelta(days=1)


def reminder(chat: int, *items: Item) -> NewPost:
    return replace(a_post(chat, "", kind="reminder"), body=Draft(view="reminder", items=items).dump())


def item(case: int, n: int, kind: str) -> Item:
    due = (START + DAY).isoformat()
    return Item(case, generation=3, n=n, kind=kind, audience="staff", data={"stage": "accept", "due": due})


async def running(db: Database, **values: object) -> int:
    """A case whose clock runs in its third generation."""
    clock = {"clock": "accept", "due_at": START + DAY, "yellow_at": START, "generation": 3, "reminders": 2}
    return (await db.run(lambda conn: a_case(conn, **{**clock, **values}))).id


async def test_only_the_latest_of_a_case_is_said(db: Database, town: PaperChannel, clock: Clock) -> None:
    """Yellow and red waited together: red is said, and yellow of a second case that has had no red."""
    chat = await db.run(lambda conn: a_chat(conn, "s1", kind="staff"))
    both, fresh = await running(db), await running(db, reminders=1)
    yellow = [item(both, 0, "overdue_yellow"), item(fresh, 0, "overdue_yellow")]
    await put(db, reminder(chat, *yellow), reminder(chat, item(both, 1, "overdue_red")))
    await run_dry(await delivery(db, town, clock))
    first, second = texts(town, "s1")
    assert (f"№{both}" in first, f"№{fresh}" in first) == (False, True)
    assert f"№{both}" in second


async def test_what_stands_still_is_not_reminded_of(db: Database, town: PaperChannel, clock: Clock) -> None:
    """Paused meanwhile, or on another clock: the post has nothing left to say."""
    chat = await db.run(lambda conn: a_chat(conn, "s1", kind="staff"))
    paused, moved = await running(db, paused_at=START), await running(db, generation=4)
    await put(db, reminder(chat, item(paused, 1, "overdue_red"), item(moved, 1, "overdue_red")))
    await run_dry(await delivery(db, town, clock))
    assert (town.tried, await states(db)) == ([], ["cancelled"])


async def test_it_is_worded_when_it_goes_out(db: Database, town: PaperChannel, clock: Clock) -> None:
    """Written with a day left and sent with an hour left, it says an hour; the place is the corrected one."""
    chat = await db.run(lambda conn: a_chat(conn, "s1", kind="staff"))
    case = await running(db, reminders=1)
    await put(db, reminder(chat, item(case, 0, "overdue_yellow")))
    await db.run(lambda conn: corrected(conn, case))
    clock.now = START + DAY - timedelta(hours=1)
    await run_dry(await delivery(db, town, clock))
    (said,) = texts(town, "s1")
    assert "5号楼" in said
    assert "1小时" in said


def corrected(conn: Connection, case_id: int) -> None:
    case = cases.get(conn, case_id)
    assert case is not None
    cases.update(conn, case, {"place": "5号楼"})


async def test_a_list_shows_what_is_still_open(db: Database, town: PaperChannel, clock: Clock) -> None:
    """A perhaps taken up between the list's making and its sending is not on it."""
    chat = await db.run(lambda conn: a_chat(conn, "p:u1", kind="private"))
    taken, left = await running(db), (await db.run(lambda conn: a_case(conn, text="狗没牵绳"))).id
    body = Draft(view="list", menu=(taken, left), more=3).dump()
    await put(db, replace(a_post(chat, "", kind="list"), body=body))
    await run_dry(await delivery(db, town, clock))
    (said,) = texts(town, "p:u1")
    assert (f"№{taken}" in said, f"№{left}" in said, "4 件" in said) == (False, True, True)


async def test_every_part_of_a_post_is_put_once(db: Database) -> None:
    """A long list in two parts, put by two ticks: neither part stands there a second time."""
    chat = await chat_row(db, await db.run(lambda conn: a_chat(conn, "s1", kind="staff")))
    narrow = PaperChannel(capabilities=replace(CAPABILITIES, max_text=20))
    night = Night(time(21), time(7), ZoneInfo("Asia/Shanghai"))
    poster = Poster(Quiet(night, timedelta(), timedelta(hours=1)), {ACCOUNT: narrow})
    draft = Draft(view="text", text="第一件事要办的写在这里。\n第二件事要办的写在这里。")
    for _ in range(2):
        await db.run(lambda conn: poster.post(conn, chat, "list", draft, START, dedupe="list:7:noon"))
    keys = await db.read(lambda conn: conn.execute(select(outbox.c.dedupe).order_by(outbox.c.id)).scalars().all())
    assert keys == ["list:7:noon", "list:7:noon:2"]
