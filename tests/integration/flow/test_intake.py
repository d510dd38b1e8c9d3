"""From a platform into the inbox, on both databases: what is stored, what is not, and when it is acknowledged."""

from __future__ import annotations

import asyncio
import io
import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select, text

from bot.errors import MediaGone, NotAccepted
from bot.flow import codec
from bot.flow.book import Book
from bot.flow.intake import ALBUM_CAP, ALBUM_WAIT, FETCHES, Intake
from bot.flow.loops import Bell
from bot.flow.photo import PhotoLimits
from bot.model import Attachment, InboundKind
from storage import inbox
from storage.engine import Database
from storage.schema import blob as blob_table
from tests.fakes.paper import START, PaperChannel
from tests.integration.flow.desk_of_one import ACCOUNT, Cable, Clock, a_chat, inbox_rows
from tests.unit.flow.small_rules import GROUP, new_gate

REPORT = "路灯坏了"


class Door:
    """An intake with what it needs; `rung` tells whether dispatch was woken since the last look."""

    def __init__(self, channel: PaperChannel, db: Database, book: Book, clock: Clock) -> None:
        self.bell = Bell()
        self.intake = Intake(
            channel, new_gate(), db, book, clock=clock, limits=PhotoLimits(side=64), max_text=4000, woken=self.bell
        )
        self.accept = self.intake.accept

    def rung(self) -> bool:
        rung = self.bell._event.is_set()
        self.bell._event.clear()
        return rung


async def a_door(db: Database, town: PaperChannel, clock: Clock) -> Door:
    await db.run(lambda conn: a_chat(conn, GROUP))
    book = Book()
    await book.open(db)
    return Door(town, db, book, clock)


def jpeg(colour: str = "red", *, exif: bool = False) -> bytes:
    out, extra = io.BytesIO(), Image.Exif()
    extra[0x010F] = "PhoneMaker"
    Image.new("RGB", (80, 60), colour).save(out, "JPEG", exif=extra if exif else Image.Exif())
    return out.getvalue()


async def blobs_of(db: Database) -> dict[str, bytes]:
    found = select(blob_table.c.hash, blob_table.c.data)
    return await db.read(lambda conn: {row.hash: row.data for row in conn.execute(found)})


async def test_what_passes_is_stored_once(db: Database, town: PaperChannel, clock: Clock) -> None:
    """A report is on disk when `accept` returns; small talk is not, and the second delivery is no second row."""
    door = await a_door(db, town, clock)
    said = [town.say(GROUP, "u1", "吃了吗"), town.say(GROUP, "u2", REPORT)]
    await door.accept(said)
    assert door.rung()
    await door.accept(said)
    [row] = await inbox_rows(db)
    assert (row["account"], row["event_key"], row["kind"]) == (ACCOUNT, said[1].event_key, "message")
    assert (row["state"], row["received_at"], row["due_at"]) == ("pending", START, START)
    assert codec.load(row["body"]) == said[1]


async def test_small_talk_touches_no_disk(db: Database, town: PaperChannel, clock: Clock) -> None:
    """Nothing is written and nobody is woken for it."""
    cable = Cable(db)
    door = await a_door(cable, town, clock)
    cable.out = True
    await door.accept([town.say(GROUP, "u1", "吃了吗"), town.say(GROUP, "u2", "吃了")])
    cable.out = False
    assert await inbox_rows(db) == []
    assert not door.rung()


async def test_held_talk_enters_inside_the_report(db: Database, town: PaperChannel, clock: Clock) -> None:
    """In the body of the message that passed, not as rows of its own."""
    door = await a_door(db, town, clock)
    await door.accept([town.say(GROUP, "u1", "3号楼")])
    await door.accept([town.say(GROUP, "u1", REPORT)])
    [row] = await inbox_rows(db)
    assert [piece.text for piece in codec.load(row["body"]).earlier] == ["3号楼"]


async def test_an_unknown_group_is_remembered_but_not_heard(db: Database, town: PaperChannel, clock: Clock) -> None:
    """The bot was added somewhere: the chat is known from then on, as unbound; what is said there is not kept."""
    door = await a_door(db, town, clock)
    joined = replace(town.say("g9", "u1"), kind=InboundKind.JOINED)
    await door.accept([town.say("g9", "u1", REPORT), joined])
    [row] = await inbox_rows(db)
    kind = await db.read(
        lambda conn: conn.execute(text("SELECT kind FROM chat WHERE id = :id"), {"id": row["chat_id"]}).scalar_one()
    )
    assert (row["kind"], kind) == ("joined", "unknown")


async def test_a_group_that_was_bound_a_moment_ago_is_heard(db: Database, town: PaperChannel, clock: Clock) -> None:
    """By another process, after this one read the directory: the first report in it is no stranger's talk."""
    door = await a_door(db, town, clock)
    await db.run(lambda conn: a_chat(conn, "new group"))
    await door.accept([town.say("new group", "li", REPORT)])
    assert [row["state"] for row in await inbox_rows(db)] == ["pending"]


async def test_a_new_private_chat_is_made(db: Database, town: PaperChannel, clock: Clock) -> None:
    """A stranger writes to the bot: his chat is a private one."""
    door = await a_door(db, town, clock)
    await door.accept([town.say("p:u7", "u7", "你好")])
    [row] = await inbox_rows(db)
    found = text("SELECT kind FROM chat WHERE id = :id")
    assert await db.read(lambda conn: conn.execute(found, {"id": row["chat_id"]}).scalar_one()) == "private"


# ---------------------------------------------------------------- the database away


async def test_nothing_is_acknowledged_while_the_database_is_away(
    db: Database, town: PaperChannel, clock: Clock
) -> None:
    """NotAccepted, and the same batch later gives the same rows, the held pieces included."""
    cable = Cable(db)
    door = await a_door(cable, town, clock)
    batch = [town.say(GROUP, "u1", "3号楼"), town.say(GROUP, "u1", REPORT), town.say(GROUP, "u1", "快来看看")]
    cable.out = True
    for _ in range(2):
        with pytest.raises(NotAccepted):
            await door.accept(batch)
    assert not door.rung()
    cable.out = False
    await door.accept(batch)
    stored = [codec.load(row["body"]) for row in await inbox_rows(db)]
    assert [said.text for said in stored] == [REPORT, "快来看看"]
    assert [len(said.earlier) for said in stored] == [1, 1]


async def test_a_closed_database_is_away(db: Database, town: PaperChannel, clock: Clock) -> None:
    """A program on its way down takes nothing more, and says so."""
    door = await a_door(db, town, clock)
    await db.close()
    with pytest.raises(NotAccepted):
        await door.accept([town.say(GROUP, "u1", REPORT)])


async def test_a_full_disk_is_away(sqlite_url: str, town: PaperChannel, clock: Clock) -> None:
    """SQLite can grow no further: nothing is acknowledged, nothing half stored; with room again all of it is."""
    db = await Database.open(sqlite_url)
    door = await a_door(db, town, clock)

    size = await db.run(lambda conn: conn.exec_driver_sql("PRAGMA page_count").scalar_one())
    await db.run(lambda conn: conn.exec_driver_sql(f"PRAGMA max_page_count={size}").all())
    batch = [town.say(GROUP, f"u{n}", REPORT + "，" + "很长的话" * 400) for n in range(40)]
    with pytest.raises(NotAccepted):
        await door.accept(batch)
    assert await inbox_rows(db) == []
    await db.run(lambda conn: conn.exec_driver_sql("PRAGMA max_page_count=100000").all())
    await door.accept(batch)
    assert len(await inbox_rows(db)) == 40
    await db.close()


async def test_broken_characters_cost_no_report(db: Database, town: PaperChannel, clock: Clock) -> None:
    """People send NULs and halves of emoji; the words around them count."""
    door = await a_door(db, town, clock)
    await door.accept([town.say(GROUP, "u1", "路灯\0坏了\ud83d", name="李\ud83d")])
    [row] = await inbox_rows(db)
    said = codec.load(row["body"])
    assert (said.text, said.sender.name) == (REPORT, "李")


# ---------------------------------------------------------------- photos


async def test_photos_are_fetched_and_kept_clean(db: Database, town: PaperChannel, clock: Clock) -> None:
    """In the transaction of the message: reduced, without the camera's data, the held photo of before as well."""
    door = await a_door(db, town, clock)
    town.files = {"f1": jpeg("red", exif=True), "f2": jpeg("blue")}
    await door.accept([town.say(GROUP, "u1", photo="f1")])
    assert await blobs_of(db) == {}
    await door.accept([town.say(GROUP, "u1", REPORT, photo="f2")])
    [row] = await inbox_rows(db)
    said = codec.load(row["body"])
    kept = await blobs_of(db)
    refs = {file.ref: file.blob for piece in (*said.earlier, said) for file in piece.attachments}
    assert {refs["f1"], refs["f2"]} == set(kept)
    for data in kept.values():
        assert max(Image.open(io.BytesIO(data)).size) <= 64
        assert b"PhoneMaker" not in data


async def test_the_same_photo_is_stored_once(db: Database, town: PaperChannel, clock: Clock) -> None:
    """A forwarded picture costs its bytes one time."""
    door = await a_door(db, town, clock)
    town.files = {"f1": jpeg(), "f2": jpeg()}
    await door.accept([town.say(GROUP, "u1", REPORT, photo="f1"), town.say(GROUP, "u2", REPORT, photo="f2")])
    assert len(await blobs_of(db)) == 1
    assert len(await inbox_rows(db)) == 2


@pytest.mark.parametrize(
    "trouble",
    [MediaGone("expired"), b"no picture at all", jpeg()[:200], RuntimeError("a bug in a channel"), OSError("reset")],
    ids=["gone", "no picture", "cut off", "bug", "network"],
)
async def test_a_photo_never_costs_the_message(
    db: Database, town: PaperChannel, clock: Clock, trouble: bytes | Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever is wrong with one photo, the words are stored, and the other photo with them."""
    caplog.set_level(logging.WARNING)
    door = await a_door(db, town, clock)
    town.files = {"bad": trouble, "good": jpeg()}
    await door.accept([town.say(GROUP, "u1", photo="good"), town.say(GROUP, "u1", REPORT, photo="bad")])
    [row] = await inbox_rows(db)
    said = codec.load(row["body"])
    assert said.text == REPORT
    assert said.attachments[0].blob is None
    assert said.earlier[0].attachments[0].blob in await blobs_of(db)
    assert REPORT not in caplog.text


async def test_photos_of_many_messages_are_fetched_side_by_side(db: Database, clock: Clock) -> None:
    """A batch takes as long as its slowest photos, not as all together; only a few are in memory at a time."""

    class Slow(PaperChannel):
        now = most = 0

        async def fetch(self, attachment: Attachment) -> bytes:
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0.01)
            self.now -= 1
            return await super().fetch(attachment)

    town = Slow(ACCOUNT, clock=clock)
    door = await a_door(db, town, clock)
    town.files = {"f": jpeg()}
    await door.accept([town.say(GROUP, f"u{n}", REPORT, photo="f") for n in range(12)])
    assert town.most == FETCHES
    senders = [codec.load(row["body"]).sender.native_id for row in await inbox_rows(db)]
    assert senders == [f"u{n}" for n in range(12)]


# ---------------------------------------------------------------- albums


async def test_the_parts_of_an_album_wait_for_each_other(db: Database, town: PaperChannel, clock: Clock) -> None:
    """Each new part pushes the whole album by two seconds, up to ten after the first; then they are claimed together."""
    door = await a_door(db, town, clock)
    town.files = {f"f{n}": jpeg() for n in range(9)}
    await door.accept([town.say(GROUP, "u1", REPORT, photo="f0", group_key="a1")])
    for n in range(1, 9):
        clock.move(1.5)
        await door.accept([town.say(GROUP, "u1", photo=f"f{n}", group_key="a1")])
        rows = await inbox_rows(db)
        assert len(rows) == n + 1
        expected = min(clock.now + ALBUM_WAIT, START + ALBUM_CAP)
        assert {row["due_at"] for row in rows} == {expected}
    lease = timedelta(seconds=60)
    early = await db.run(lambda conn: inbox.claim(conn, START + timedelta(seconds=9), limit=9, lease=lease))
    assert early == []
    ready = await db.run(lambda conn: inbox.claim(conn, clock.now, limit=9, lease=lease))
    assert len(ready) == 9


async def test_an_album_that_comes_twice_is_not_pushed(db: Database, town: PaperChannel, clock: Clock) -> None:
    """A second delivery is no further part."""
    door = await a_door(db, town, clock)
    town.files = {"f0": jpeg()}
    said = town.say(GROUP, "u1", REPORT, photo="f0", group_key="a1")
    await door.accept([said])
    clock.move(1)
    await door.accept([said])
    [row] = await inbox_rows(db)
    assert row["due_at"] == START + ALBUM_WAIT
