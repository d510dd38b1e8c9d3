"""What no database takes, on the way in: what can be foreseen is made to fit, all else is parked with its words."""

from __future__ import annotations

import asyncio
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from bot.flow import codec, stumble
from bot.model import Attachment, Inbound, InboundKind, Location, Sender
from storage import dead_letters, inbox
from storage.records import DeadLetter
from storage.schema import blob as blob_table
from storage.schema import case as case_table
from tests.fakes.paper import START
from tests.integration.flow.bench import Bench
from tests.integration.flow.desk_of_one import ACCOUNT, inbox_rows
from tests.integration.flow.refusing import allow, refuse

REPORT = "3号楼前的平安灯又不亮了"
NEXT = "2号楼门口下水道堵了，污水往外冒"
HALF = "\ud83d"
LONG = "长" * 3000


async def accept(bench: Bench, *said: Inbound) -> None:
    await bench.parts.intakes[ACCOUNT].accept(said)


# ---------------------------------------------------------------- foreseen

FORESEEN: dict[str, Callable[[Inbound], Inbound]] = {
    f"{name} {kind}": (lambda said, name=name, bad=bad: replace(said, **{name: bad}))
    for name in ("event_key", "message_id", "reply_to", "group_key", "button")
    for kind, bad in {"half": f"a{HALF}", "nul": "a\0", "long": LONG}.items()
} | {
    "sender": lambda said: replace(said, sender=Sender(f"u{HALF}\0{LONG}", f"李{HALF}\0{LONG}")),
    "text": lambda said: replace(said, text=f"{HALF}{REPORT}\0"),
    "file": lambda said: replace(said, attachments=(Attachment(f"photo{HALF}", f"\0{HALF}{LONG}"),)),
    "nowhere": lambda said: replace(said, location=Location(float("nan"), float("inf"), f"\0{HALF}")),
    "title": lambda said: replace(said, location=Location(34.0, 113.0, f"家\0{HALF}{LONG}")),
}


async def test_what_can_be_foreseen_is_made_to_fit(bench: Bench) -> None:
    """NULs, halves of characters, ids and names of any length: stored, handled and said again without a hitch."""
    said = [
        fit(bench.channel.say("s1", "limei", f"上报 {n}号楼前的路灯坏了")) for n, fit in enumerate(FORESEEN.values())
    ]
    await accept(bench, *said)
    heard = bench.parts.intakes[ACCOUNT].heard
    assert (heard.stored, heard.parked, heard.refused) == (len(said), 0, 0)
    await accept(bench, *said)
    assert heard.repeated == len(said)
    bench.clock.move(10)
    for _ in range(3):
        await bench.dispatch()
        bench.clock.move(5)
    assert {row["state"] for row in await inbox_rows(bench.db)} == {"done"}


async def test_chats_and_moves_are_made_to_fit(bench: Bench) -> None:
    """A new private chat with an impossible id, and a group that moves to one."""
    strange = bench.channel.say(f"p:{HALF}{LONG}\0", "u7", "你好", private=True)
    moved = replace(bench.channel.say("g1", "u1", f"g1{HALF}{LONG}"), kind=InboundKind.MIGRATED)
    await accept(bench, strange, moved)
    await bench.dispatch()
    assert [row["state"] for row in await inbox_rows(bench.db)] == ["done", "done"]
    await accept(bench, replace(bench.channel.say("g1", "li", REPORT), chat=f"g1{HALF}{LONG}"))
    await bench.dispatch()
    assert await bench.cases() == [REPORT]


async def test_two_broken_ids_are_two(bench: Bench) -> None:
    """Shortened or cleaned they would be one, and the second message would be taken for a second delivery."""
    keys = ("a", "a\0", f"a{HALF}", "a" * 300, "a" * 301)
    said = [replace(bench.channel.say("p:u1", "u1", f"{n}号楼"), event_key=key) for n, key in enumerate(keys)]
    await accept(bench, *said)
    rows = await inbox_rows(bench.db)
    assert len({row["event_key"] for row in rows}) == len(keys)
    assert rows[0]["event_key"] == "a"


@pytest.mark.parametrize(
    "at",
    [
        datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-8))),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=8))),
    ],
    ids=["far future", "long ago"],
)
async def test_an_impossible_moment_harms_nobody(bench: Bench, at: datetime) -> None:
    """Neither its own message, nor what the gate remembers of the others."""
    await bench.hear("g1", "li", "3号楼前面")
    await accept(bench, bench.channel.say("g1", "wang", NEXT, sent_at=at))
    await bench.hear("g1", "li", "平安灯又不亮了")
    moments = [codec.load(row["body"]).sent_at for row in await inbox_rows(bench.db)]
    assert moments == [START if at > START else datetime(1970, 1, 1, tzinfo=UTC), START]
    await bench.dispatch()
    assert "3号楼前面\n平安灯又不亮了" in await bench.cases()


# ---------------------------------------------------------------- not foreseen


async def the_letter(bench: Bench) -> DeadLetter:
    [letter] = await bench.db.read(dead_letters.waiting)
    assert (letter.state, letter.kind) == ("dead", "message")
    assert (letter.reason or "").startswith(f"{stumble.KEEPING}（")
    assert "灯" not in (letter.reason or "")
    return letter


async def test_what_is_refused_is_parked_and_comes_back_once(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """With its photo and what was said before it. The others are stored; the platform's repeat changes nothing."""
    bench.channel.files["lamp"] = _photo()
    await refuse(bench.db, "inbox", f"NEW.state = 'pending' AND NEW.body LIKE '%{REPORT}%'")
    await bench.hear("g1", "li", "3号楼前面")
    batch = [
        bench.channel.say("g1", "wang", NEXT),
        bench.channel.say("g1", "li", REPORT, photo="lamp", message_id="77"),
        bench.channel.say("g2", "zhang", "9号楼前的井盖不见了"),
    ]
    await accept(bench, *batch)
    await accept(bench, *batch)
    heard = bench.parts.intakes[ACCOUNT].heard
    assert (heard.stored, heard.parked, heard.refused, heard.repeated) == (2, 1, 0, 3)
    await bench.dispatch()
    assert REPORT not in "".join(await bench.cases())
    assert len(await bench.cases()) == 2
    assert REPORT not in caplog.text
    letter = await the_letter(bench)
    bench.clock.move(2 * 3600)
    await bench.parts.housekeep()

    await allow(bench.db)
    assert await bench.db.run(lambda conn: inbox.retry(conn, letter.id, bench.clock())) == 1
    await bench.dispatch()
    await accept(bench, *batch)
    await bench.dispatch()
    found = select(case_table.c.text, case_table.c.photos).where(case_table.c.text.contains(REPORT))
    [(text, photos)] = await bench.db.read(lambda conn: conn.execute(found).all())
    assert text == f"3号楼前面\n{REPORT}"
    kept = await bench.db.read(lambda conn: conn.execute(select(blob_table.c.hash)).scalars().all())
    assert photos == list(kept)
    assert len(kept) == 1
    assert len(await bench.cases()) == 3


async def test_a_photo_that_is_refused_costs_no_words(bench: Bench) -> None:
    """The database takes no picture: the message is parked without it, and a retry brings the words."""
    bench.channel.files["lamp"] = _photo()
    await refuse(bench.db, "blob", "NEW.mime = 'image/jpeg'")
    await accept(bench, bench.channel.say("g1", "li", REPORT, photo="lamp"), bench.channel.say("g1", "wang", NEXT))
    letter = await the_letter(bench)
    await bench.db.run(lambda conn: inbox.retry(conn, letter.id, bench.clock()))
    await bench.dispatch()
    assert sorted(await bench.cases()) == sorted([REPORT, NEXT])


UNFIT: dict[str, dict[str, Any]] = {
    "no text": {"text": None},
    "a moment without a zone": {"sent_at": START.replace(tzinfo=None)},
    "a number for an id": {"message_id": 77, "event_key": 77},
    "no files": {"attachments": None},
    "no moment": {"sent_at": None},
    "an unheard-of kind": {"kind": "poll", "chat": "p:li", "private": True},
}


async def test_events_out_of_shape_stop_nobody_and_are_kept(bench: Bench) -> None:
    """A channel makes events as its types forbid: nothing raises, the next is handled, each of them can be seen."""
    unfit = [replace(bench.channel.say("g1", name, REPORT), **fields) for name, fields in UNFIT.items()]
    await accept(bench, *unfit, bench.channel.say("g1", "wang", NEXT))
    for _ in range(3 * len(unfit)):  # they are of one lane
        await bench.dispatch()
        bench.clock.move(5)
    assert bench.parts.intakes[ACCOUNT].heard.refused == 0
    ended = Counter(state for state, _ in await bench.inbox())
    assert ended["dead"] >= len(unfit) - 1  # SQLite takes a number for a text
    assert ended["dead"] + ended["done"] == len(unfit) + 1
    assert NEXT in await bench.cases()
    letters = await bench.db.read(dead_letters.waiting)
    assert all(letter.reason and "灯" not in letter.reason for letter in letters)


async def test_a_channel_that_cancels_its_own_fetch_costs_the_photo_alone(bench: Bench) -> None:
    """A future of the platform's library that was cancelled is no order to stop."""

    bench.channel.files["lamp"] = asyncio.CancelledError()
    await bench.hear("g1", "li", REPORT, photo="lamp")
    await bench.dispatch()
    assert await bench.cases() == [REPORT]


def _photo() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(held, "JPEG")
    return held.getvalue()
