"""A post over which a stage of the way out stumbles: given up where all can see it, its lane and the others go on."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Text, type_coerce, update

from bot.flow import stumble
from bot.flow.draft import Draft
from bot.flow.retry import MAX_SEND_FAILURES
from bot.model import Dead, Post, Retry, Scope, SendResult, Sent, Unknown
from storage import dead_letters, links, outbox
from storage.engine import Database
from storage.schema import outbox as outbox_table
from tests.fakes.paper import PaperChannel
from tests.integration.flow.desk_of_one import (
    ACCOUNT,
    Clock,
    a_case,
    a_chat,
    a_post,
    delivery,
    lapse,
    outbox_row,
    put,
    run_dry,
    states,
    texts,
)
from tests.integration.flow.refusing import allow, refuse

SAID = "№7 修好了"


async def _body(db: Database, row: int, raw: str) -> None:
    spoilt = update(outbox_table).where(outbox_table.c.id == row).values(body=type_coerce(raw, Text))
    await db.run(lambda conn: conn.execute(spoilt))


class Breaking(PaperChannel):
    """Stumbles over one post as long as there is `trouble`."""

    trouble: BaseException | None = None

    async def send(self, post: Post) -> SendResult:
        if self.trouble is not None and post.text == SAID:
            raise self.trouble
        return await super().send(post)


@dataclass(frozen=True, slots=True)
class Stage:
    """`spoil` before the post is sent; `mend` afterwards; `ends`: the state in which it is given up."""

    why: str
    ends: str
    spoil: Callable[[Database, Breaking, int], Awaitable[None]]
    mend: Callable[[Database, Breaking, int], Awaitable[None]]


def a_body(raw: str) -> Stage:
    whole = json.dumps(Draft(view="text", text=SAID, link="result", closing=1).dump(), ensure_ascii=False)
    return Stage(
        stumble.RENDERING, "dead", lambda db, _, row: _body(db, row, raw), lambda db, _, row: _body(db, row, whole)
    )


def an_error(error: BaseException) -> Stage:
    async def spoil(_: Database, town: Breaking, __: int) -> None:
        town.trouble = error

    async def mend(_: Database, town: Breaking, __: int) -> None:
        town.trouble = None

    return Stage(stumble.SENDING, "unknown", spoil, mend)


STAGES = {
    "a body of newer code": a_body('{"view":"text","text":"x","no such field":1}'),
    "a body that is no JSON": a_body('{"view":"te'),
    "the channel raises": an_error(RuntimeError(SAID)),
    "the channel cancels itself": an_error(asyncio.CancelledError()),
    "marking": Stage(
        stumble.MARKING,
        "unknown",
        lambda db, _, __: refuse(db, "case_link", "NEW.role = 'result'"),
        lambda db, _, __: allow(db),
    ),
}


@pytest.mark.parametrize("name", STAGES)
async def test_a_post_that_stumbles_is_given_up_and_a_retry_brings_it_once(
    db: Database, clock: Clock, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It stands once in its group and is linked once, in the end; what is behind it and beside it went out before."""
    stage, town = STAGES[name], Breaking(ACCOUNT, clock=clock)
    group, other = await db.run(a_chat), await db.run(lambda conn: a_chat(conn, "g2"))
    case = (await db.run(a_case)).id
    said = a_post(group, SAID, lane="a", priority=0, case_id=case, draft={"link": "result", "closing": 1})
    row, *_ = await put(db, said, a_post(group, "下一句", lane="a"), a_post(other, "别的群", lane="b"))
    await stage.spoil(db, town, row)
    sender = await delivery(db, town, clock)
    for _ in range(MAX_SEND_FAILURES):
        await run_dry(sender)
        clock.move(3600)
    assert await states(db) == [stage.ends, "sent", "sent"]
    [letter] = await db.read(dead_letters.waiting)
    assert (letter.id, (letter.reason or "").startswith(f"{stage.why}（")) == (row, True)
    assert "修好" not in (letter.reason or "") + caplog.text

    await stage.mend(db, town, row)
    assert await db.run(lambda conn: outbox.retry(conn, row, clock())) == 1
    await run_dry(sender)
    assert await states(db) == ["sent", "sent", "sent"]
    assert texts(town).count(SAID) == 1
    assert texts(town, "g2") == ["别的群"]
    assert len(await db.read(lambda conn: links.of_case(conn, case))) == 1
    assert await db.run(lambda conn: outbox.retry(conn, row, clock())) == 0


ANSWERS: dict[str, SendResult] = {
    "an impossible id": Sent("9\0\ud83d" + "9" * 500),
    "a long reason": Dead("\0\ud83d" + "为什么" * 5000),
    "no reason": Unknown("\0"),
    "an endless rest": Retry(float("inf"), "\0\ud83d", Scope.ROW),
    "nowhere": Dead("moved", moved_to="\0\ud83d" + "9" * 500),
}


async def test_whatever_a_platform_answers_can_be_written_down(db: Database, town: PaperChannel, clock: Clock) -> None:
    """An outcome that no database takes would be forgotten, and the post sent again and again."""
    groups = [await db.run(lambda conn, n=n: a_chat(conn, f"g{n}")) for n in range(len(ANSWERS))]  # type: ignore[misc]
    case = (await db.run(a_case)).id
    link = {"link": "card"}
    said = [a_post(group, f"{SAID} {group}", kind="reported", case_id=case, draft=link) for group in groups]
    rows = await put(db, *said)
    town.end(*ANSWERS.values())
    sender = await delivery(db, town, clock)
    await sender.step()
    assert [(await outbox_row(db, row))["locked_until"] for row in rows] == [None] * len(rows)
    for _ in range(MAX_SEND_FAILURES):
        clock.move(3600)
        await run_dry(sender)
    assert "pending" not in await states(db)
    assert max(Counter(post.text for post in town.tried).values()) == 2


async def test_a_death_while_it_is_marked_again_sends_nothing_twice(
    db: Database, town: PaperChannel, clock: Clock
) -> None:
    """Sent, not marked, put back; whoever takes it up dies over it, and the next one still knows that it was sent."""
    group, case = await db.run(a_chat), (await db.run(a_case)).id
    [row] = await put(db, a_post(group, SAID, kind="acked", case_id=case, draft={"link": "result", "closing": 1}))
    await refuse(db, "case_link", "NEW.role = 'result'")
    sender = await delivery(db, town, clock)
    await run_dry(sender)
    await allow(db)

    def die(conn: Connection) -> None:
        outbox.retry(conn, row, clock())
        taken = outbox.claim(conn, clock(), accounts=[ACCOUNT], limit=1, lease=timedelta(minutes=1)).rows
        outbox.begin(conn, taken, clock())

    for _ in range(2):
        await db.run(die)
        await lapse(db)
        await run_dry(sender)
    assert await states(db) == ["unknown"]  # what is only news is not tried again by itself
    await db.run(lambda conn: outbox.retry(conn, row, clock()))
    await run_dry(sender)
    assert (await states(db), texts(town)) == (["sent"], [SAID])
    assert len(await db.read(lambda conn: links.of_case(conn, case))) == 1
