"""The web chat's history as a file: who may open it, and what two writers at once do."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from storage.errors import SchemaTooNew
from storage.room_log import RoomLog, RoomLogAway, peek
from storage.room_records import Roster

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


async def with_room(path: Path) -> RoomLog:
    log = await RoomLog.open(path)
    for member in ("li", "wang"):
        await log.ensure_member(member, member, staff=False)
    await log.ensure_room("east", title="东关", kind="residents", members=["li", "wang"], now=NOW)
    return log


async def test_two_programs_on_one_file_still_count_without_gaps(tmp_path: Path) -> None:
    """A command line beside the running program: the numbers are given out inside the file's write lock."""
    first, second = await with_room(tmp_path / "chat.db"), await with_room(tmp_path / "chat.db")
    said = await asyncio.gather(
        *((first, second)[i % 2].append("east", "li", {"text": f"{i}"}, now=NOW, cid=f"c{i}") for i in range(60))
    )
    assert sorted(one.n for one in said if one) == list(range(1, 61))
    assert sorted(one.rev for one in said if one) == list(range(1, 61))
    await first.close()
    await second.close()


async def test_the_same_cid_at_once_is_one_message(tmp_path: Path) -> None:
    """Ten times the same: one number, and only one of them is fresh."""
    log = await with_room(tmp_path / "chat.db")
    said = await asyncio.gather(*(log.append("east", "li", {"text": "灯"}, now=NOW, cid="c") for _ in range(10)))
    assert {one.n for one in said if one} == {1}
    assert sum(1 for one in said if one and one.fresh) == 1
    await log.close()


async def test_what_was_written_is_there_after_reopening(tmp_path: Path) -> None:
    """Messages, marks and seats."""
    log = await with_room(tmp_path / "chat.db")
    await log.append("east", "li", {"text": "灯坏了"}, now=NOW)
    assert await log.mark_read("east", "wang", 1)
    assert not await log.mark_read("east", "wang", 1)
    seat = (await log.ensure_member("li", "李大爷", staff=False)).seat
    await log.close()
    log = await RoomLog.open(tmp_path / "chat.db")
    [room] = await log.rooms_of("wang")
    assert (room.last, room.read, room.members) == (1, 1, 2)
    assert room.preview is not None
    assert room.preview.body["text"] == "灯坏了"
    found = await log.seated(seat)
    assert found is not None
    assert (found.id, found.name) == ("li", "李大爷")
    await log.close()


async def test_a_file_of_newer_code_is_left_alone(tmp_path: Path) -> None:
    """The sentence says what to do."""
    path = tmp_path / "chat.db"
    with sqlite3.connect(path) as conn:
        conn.execute("PRAGMA user_version=99")
    conn.close()
    with pytest.raises(SchemaTooNew, match="update"):
        await RoomLog.open(path)


async def test_a_place_that_cannot_be_had_is_told_as_an_oserror(tmp_path: Path) -> None:
    """Channels know no database, only that the history is away."""
    with pytest.raises(RoomLogAway) as away:
        await RoomLog.open(tmp_path / "no-such-folder" / "chat.db")
    assert isinstance(away.value, OSError)
    log = await with_room(tmp_path / "chat.db")
    await log.close()
    with pytest.raises(RoomLogAway):
        await log.append("east", "li", {"text": "x"}, now=NOW)
    with pytest.raises(RoomLogAway):
        await log.rooms_of("li")


async def test_a_recalled_message_leaves_nothing_on_the_disk(tmp_path: Path) -> None:
    """Neither in the file nor, after housekeeping, in its log."""
    log = await with_room(tmp_path / "chat.db")
    await log.append("east", "li", {"text": "这句我收回"}, now=NOW)
    await log.append("east", "li", {"text": "这句留着"}, now=NOW)
    await log.recall("east", 1, "li", now=NOW)
    await log.forget(NOW, 180)
    stored = b"".join(path.read_bytes() for path in [tmp_path / "chat.db", tmp_path / "chat.db-wal"] if path.exists())
    await log.close()
    assert "这句我收回".encode() not in stored
    assert "这句留着".encode() in stored


async def test_many_members_and_rooms_at_once(tmp_path: Path) -> None:
    """New ones are made, known ones renamed; seats, read marks and memberships stay."""
    log = await with_room(tmp_path / "chat.db")
    seat = (await log.ensure_member("li", "li", staff=False)).seat
    await log.append("east", "wang", {"text": "早"}, now=NOW)
    await log.settle(
        [("li", "李婶", True), ("sun", "孙师傅", True)],
        [("east", "东关新群", "staff", ("sun", "li")), ("p-sun", "小助手", "private", ("sun",))],
        now=NOW,
    )
    member = await log.member("li")
    assert member is not None
    assert (member.name, member.staff, member.seat) == ("李婶", True, seat)
    assert set(await log.members_of("east")) == {"li", "wang", "sun"}
    [room] = await log.rooms_of("sun", only="east")
    assert (room.title, room.kind, room.last, room.read) == ("东关新群", "staff", 1, 1)
    [mine] = await log.rooms_of("li", only="east")
    assert mine.read == 0
    await log.close()
    assert peek(tmp_path / "chat.db") == Roster(
        {"li": ("李婶", True), "wang": ("wang", False), "sun": ("孙师傅", True)},
        {"east": ("东关新群", "staff", frozenset({"li", "wang", "sun"}))},
    )


async def test_an_unknown_member_leaves_everything_as_it_was(tmp_path: Path) -> None:
    log = await with_room(tmp_path / "chat.db")
    with pytest.raises(IntegrityError):
        await log.settle([("sun", "孙", True)], [("west", "西关", "staff", ("nobody",))], now=NOW)
    await log.close()
    assert peek(tmp_path / "chat.db").members.keys() == {"li", "wang"}


def test_looking_makes_nothing(tmp_path: Path) -> None:
    """Neither where there is no file nor in an empty one; what is no database is away, not a traceback."""
    assert peek(tmp_path / "chat.db") == Roster()
    assert not (tmp_path / "chat.db").exists()
    (tmp_path / "chat.db").touch()
    assert peek(tmp_path / "chat.db") == Roster()
    assert (tmp_path / "chat.db").stat().st_size == 0
    (tmp_path / "chat.db").write_bytes(b"no database at all, only words" * 100)
    with pytest.raises(RoomLogAway):
        peek(tmp_path / "chat.db")
