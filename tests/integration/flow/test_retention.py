"""One list of what is forgotten: the rehearsal counts what the run deletes, and changes nothing, on both databases."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, select

from bot.config import RetentionConfig
from bot.flow import retention
from storage import blobs, inbox, outbox, schema
from storage.engine import Database
from storage.schema import blob, case
from tests.fakes.paper import START
from tests.integration.flow.bench import Bench
from tests.integration.flow.desk_of_one import a_case, a_chat, a_post
from tests.storage.seeds import message

LONG_AGO = START - timedelta(days=100)


def seed(conn: Connection) -> None:
    """Of each kind one that is due, and one that is not yet or never will be."""
    chat = a_chat(conn)
    for name, text, at in (("old", "旧的闲话", LONG_AGO), ("new", "新的闲话", START)):
        blobs.put(conn, hash=f"{name}-loose", mime="image/jpeg", width=1, height=1, data=b"x", now=at)
        blobs.put(conn, hash=f"{name}-held", mime="image/jpeg", width=1, height=1, data=b"x", now=at)
        blobs.use(conn, [f"{name}-held"])
        a_case(conn, text=text, reported_at=at, photos=(f"{name}-held",))
        inbox.put(conn, [message(chat, name, received_at=at, sent_at=at, due_at=at)])
        (row,) = inbox.claim(conn, START, limit=1, lease=timedelta(minutes=1))
        inbox.finish(conn, row, at)
        outbox.put(conn, [a_post(chat, text, lane=name), a_post(chat, text, lane=f"{name}2", dedupe=name)], at)
        sent = outbox.claim(conn, START, accounts=["paper:main"], limit=5, lease=timedelta(minutes=1)).rows
        for post, state in zip(sent, ("sent", "unknown"), strict=True):
            outbox.finish(conn, post, state, at)
    a_case(conn, text="路灯不亮", reported_at=LONG_AGO, state="closed", clock=None)
    inbox.put(conn, [message(chat, "dead", received_at=LONG_AGO, due_at=LONG_AGO)])
    (row,) = inbox.claim(conn, START, limit=1, lease=timedelta(minutes=1))
    inbox.fail(conn, row, LONG_AGO, retry_at=None, reason="ValueError")


async def everything(db: Database) -> list[str]:
    tables = schema.metadata.sorted_tables
    return await db.read(
        lambda conn: sorted(f"{table}{tuple(row)}" for table in tables for row in conn.execute(select(table)).all())
    )


async def test_the_rehearsal_counts_what_the_run_deletes(db: Database) -> None:
    """The same figures; nothing is changed by the first, and a second run has nothing left to do."""
    await db.run(seed)
    steps, before = retention.steps(RetentionConfig()), await everything(db)
    rehearsed = await retention.rehearse(db, steps, START)
    assert await everything(db) == before
    done = await retention.forget(db, steps, START)
    assert done == rehearsed
    # the photo of the forgotten perhaps goes in the same run; of the doubtful post only the words go
    assert {one.name: one.count for one in done} == {"perhapses": 1, "photos": 2, "inbox": 1, "outbox": 2}
    assert done[0].before == START - timedelta(days=7)
    assert {one.count for one in await retention.forget(db, steps, START)} == {0}


async def test_what_is_not_due_and_what_was_taken_up_stays(db: Database) -> None:
    await db.run(seed)
    await retention.forget(db, retention.steps(RetentionConfig()), START)
    texts = await db.read(lambda conn: conn.execute(select(case.c.text).order_by(case.c.id)).scalars().all())
    photos = await db.read(lambda conn: conn.execute(select(blob.c.hash).order_by(blob.c.hash)).scalars().all())
    letters = await db.read(lambda conn: conn.execute(select(schema.inbox.c.state)).scalars().all())
    assert (texts, photos, sorted(letters)) == (
        ["", "新的闲话", "路灯不亮"],
        ["new-held", "new-loose"],
        ["dead", "done"],
    )


async def test_the_tick_goes_through_the_same_list(bench: Bench) -> None:
    """The hourly housekeeping deletes what the list says, with the windows of the configuration."""
    await bench.db.run(lambda conn: a_case(conn, text="旧的闲话", reported_at=START - timedelta(days=8)))
    steps = retention.steps(bench.parts.config.retention)
    assert [one.count for one in await retention.rehearse(bench.db, steps, bench.clock())] == [1, 0, 0, 0]
    await bench.parts.housekeep()
    assert [one.count for one in await retention.rehearse(bench.db, steps, bench.clock())] == [0, 0, 0, 0]


async def test_the_windows_are_those_of_the_configuration(db: Database) -> None:
    await db.run(seed)
    patient = RetentionConfig(perhaps_days=90, loose_photo_hours=72, traffic_days=365)
    done = await retention.rehearse(db, retention.steps(patient), START)
    assert {one.name: one.count for one in done} == {"perhapses": 1, "photos": 2, "inbox": 0, "outbox": 0}
