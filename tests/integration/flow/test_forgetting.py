"""What was only perhaps a case and nobody took up leaves nothing behind; what somebody else has said as well stays."""

from __future__ import annotations

import io

from PIL import Image
from sqlalchemy import select

from storage import schema
from storage.schema import blob, case, case_link, inbox, outbox
from tests.integration.flow.bench import Bench

PERHAPS = "那边有人遛狗不牵绳吗"
MORE = "还是个大黑狗"
WEEK = 8 * 86_400
LIST_TIME = 41_400  # seconds to 11:30 of a working day, from midnight


async def everything(bench: Bench) -> str:
    """Every row of every table, as one text."""
    tables = schema.metadata.sorted_tables
    rows = await bench.db.read(lambda conn: [conn.execute(select(table)).all() for table in tables])
    return "\n".join(str(tuple(row)) for found in rows for row in found)


async def test_nothing_is_left_of_it(bench: Bench) -> None:
    """Neither in the case, its history and links, nor in the queues, nor its photo; a list that told of it included."""
    bench.channel.files["dog"] = _photo()
    await bench.hear("g1", "li", PERHAPS, photo="dog", name="李婶")
    await bench.dispatch()
    await bench.hear("g1", "li", MORE, name="李婶")
    await bench.dispatch()
    assert PERHAPS in await everything(bench), "the search itself must be able to find words"
    await listed(bench)
    assert any(PERHAPS in post.text for post in bench.channel.posts("p:limei"))
    bench.clock.move(WEEK)
    await bench.parts.housekeep()
    left = await everything(bench)
    assert [word for word in (PERHAPS, MORE) if word in left] == []
    states = await bench.db.read(lambda conn: conn.execute(select(case.c.state, case.c.reporter_id)).all())
    assert states == [("withdrawn", None)]
    links = await bench.db.read(lambda conn: conn.execute(select(case_link.c.id)).all())
    photos = await bench.db.read(lambda conn: conn.execute(select(blob.c.hash)).all())
    assert (links, photos) == ([], [])


async def test_a_photo_that_another_case_holds_stays(bench: Bench) -> None:
    """The same picture beside a perhaps and beside a report is one picture."""
    bench.channel.files["dog"] = _photo()
    await bench.hear("g1", "li", PERHAPS, photo="dog")
    await bench.hear("g2", "zhang", "3号楼前的路灯坏了好几天了，没人修", photo="dog")
    await bench.dispatch()
    bench.clock.move(WEEK)
    await bench.parts.housekeep()
    photos = await bench.db.read(lambda conn: conn.execute(select(blob.c.hash)).all())
    assert len(photos) == 1
    assert (await bench.cases())[0] == ""


async def test_what_a_neighbour_says_as_well_stays(bench: Bench) -> None:
    """「我家也是」 under it: it is no small talk of one person."""
    await bench.hear("g1", "li", PERHAPS, message_id="m1")
    await bench.dispatch()
    await bench.hear("g1", "zhang", "我家也是", reply_to="m1")
    await bench.dispatch()
    bench.clock.move(WEEK)
    await bench.parts.housekeep()
    assert await bench.cases() == [PERHAPS]


async def test_the_queues_keep_no_words(bench: Bench) -> None:
    """What has been handled or sent stands in its case and in the chats, not in the queues."""
    await bench.hear("g1", "li", "3号楼前的路灯坏了好几天了，没人修")
    await bench.dispatch()
    await bench.hear("p:limei", "limei", "待办", private=True)
    await bench.dispatch()
    bench.clock.move(60)
    await bench.deliver()
    assert bench.channel.posts("p:limei")
    inward = await bench.db.read(lambda conn: conn.execute(select(inbox.c.state, inbox.c.body)).all())
    outward = await bench.db.read(lambda conn: conn.execute(select(outbox.c.state, outbox.c.body)).all())
    assert [tuple(row) for row in inward] == [("done", None)] * 2
    assert {(row.state, str(row.body)) for row in outward} == {("sent", "{}")}


async def listed(bench: Bench) -> None:
    """The clock is moved to the next list time, and what is due then is said."""
    for _ in range(7 * 48):
        bench.clock.move(1800)
        await bench.parts.remind()
        await bench.deliver()
        if bench.channel.posts("p:limei"):
            return
    raise AssertionError("no list came in a week")


def _photo() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 90, 90)).save(held, "JPEG")
    return held.getvalue()
