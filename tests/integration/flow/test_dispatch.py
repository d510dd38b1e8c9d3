"""Dispatch on both databases: poison is parked, albums are one message, photos of small talk do not stay."""

from __future__ import annotations

import io

from PIL import Image
from sqlalchemy import select, update

from storage import blobs, dead_letters, inbox, outbox
from storage.schema import blob, case
from storage.schema import inbox as inbox_table
from storage.schema import outbox as outbox_table
from tests.integration.flow.bench import Bench
from tests.integration.flow.desk_of_one import ACCOUNT

REPORT = "3号楼前的平安灯又不亮了"


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


async def test_a_fire_of_days_ago_is_for_staff_alone(bench: Bench) -> None:
    """A dead letter that somebody retries later: the group is not told to run, and the card says when it was said."""
    await bench.hear("g1", "li", "3号楼着火了，快来人")
    (row,) = await bench.db.read(lambda conn: conn.execute(select(inbox_table.c.id)).scalars().all())
    await bench.db.run(lambda conn: conn.execute(update(inbox_table).values(state="dead")))
    bench.clock.move(2 * 86400)
    assert await bench.db.run(lambda conn: inbox.retry(conn, row, bench.clock()))
    await bench.dispatch()
    bench.clock.move(10)
    await bench.deliver()
    assert bench.channel.posts("g1") == []
    (card,) = [post.card for post in bench.channel.posts("s1") if post.card]
    assert "不是刚说的，是" in card.note


async def test_advice_that_could_not_be_sent_in_time_is_not_sent(bench: Bench) -> None:
    """「请先撤到安全处」 hours after the fire, because a dead letter was put back: the group is left in peace."""
    await bench.hear("g1", "li", "3号楼着火了，快来人")
    await bench.dispatch()
    given_up = update(outbox_table).where(outbox_table.c.kind == "emergency").values(state="dead")
    assert (await bench.db.run(lambda conn: conn.execute(given_up))).rowcount == 1
    bench.clock.move(2 * 3600)
    (row,) = [letter.id for letter in await bench.db.read(dead_letters.waiting)]
    assert await bench.db.run(lambda conn: outbox.retry(conn, row, bench.clock()))
    await bench.deliver()
    assert bench.channel.posts("g1") == []
    assert [post.card for post in bench.channel.posts("s1") if post.card]


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


async def test_only_the_photos_of_a_waiting_message_wait_with_it(bench: Bench) -> None:
    """A dead letter keeps its own photo, which its retry will need, and nobody else's."""
    bench.channel.files["lamp"] = _photo(1)
    await bench.db.run(
        lambda conn: blobs.put(
            conn, hash="beach", mime="image/jpeg", width=4, height=3, data=b"beach", now=bench.clock()
        )
    )
    await bench.hear("g2", "zhang", "9号楼前的井盖不见了", photo="lamp")
    broken = update(inbox_table).where(inbox_table.c.state == "pending").values(state="dead")
    await bench.db.run(lambda conn: conn.execute(broken))
    (own,) = await bench.db.read(inbox.unsettled_photos)
    stored = await bench.db.read(lambda conn: conn.execute(select(blob.c.hash)).scalars().all())
    assert len(stored) == 2
    bench.clock.move(7200)
    await bench.parts.housekeep()
    kept = await bench.db.read(lambda conn: conn.execute(select(blob.c.hash)).scalars().all())
    assert kept == [own]


def _photo(shade: int) -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (40, 30), (shade * 20, 90, 90)).save(held, "JPEG")
    return held.getvalue()


async def test_an_edit_that_comes_before_its_original(bench: Bench) -> None:
    """One case in the words that were meant in the end; the earlier wording is no news for staff."""
    said = bench.channel.say("g1", "li", REPORT)
    await bench.parts.intakes[ACCOUNT].accept([bench.channel.edit(said, f"{REPORT}，天黑看不见")])
    await bench.dispatch()
    await bench.parts.intakes[ACCOUNT].accept([said])
    await bench.dispatch()
    assert await bench.cases() == [f"{REPORT}，天黑看不见"]
