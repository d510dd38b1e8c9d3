"""gridbridge check: what it finds inside the database, in the files of channels and about the machine."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.cases.directory import Directory
from bot.cli.checks import machine
from bot.cli.checks.database import Seen, clocks_agree
from bot.cli.checks.finding import Level
from storage import directory, inbox, outbox, people
from storage.engine import Database
from storage.records import DirectoryRows, NewInbox, NewPost
from tests.integration.cli.command import Run
from tests.integration.cli.test_check import GOOD, check

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
EMPTY = Directory.of(
    DirectoryRows(
        version=0, areas=(), aliases=(), units=(), persons=(), roles=(), duties=(), chats=(), identities=()
    )
)  # fmt: skip


def fill(folder: Path, *works: Callable[[Connection], Any]) -> None:
    async def main() -> None:
        (folder / "data").mkdir(exist_ok=True)
        db = await Database.open(f"sqlite:///{folder}/data/gridbridge.db")
        for work in works:
            await db.run(work)
        await db.close()

    asyncio.run(main())


def found_in(run: Run, folder: Path, *works: Callable[[Connection], Any]) -> dict[str, Any]:
    fill(folder, *works)
    status, found = check(run, folder, GOOD)
    assert status == 0, found
    return found


def town(conn: Connection) -> None:
    """Five grids; the first has all it needs, and the village of the last two looks after nobody's grid."""
    top = directory.add_area(conn, code="T", name="青云镇", level="town")
    near = directory.add_area(conn, code="V", name="东关社区", level="village", parent_id=top)
    far = directory.add_area(conn, code="W", name="西岭村", level="village", parent_id=top)
    grids = [
        directory.add_area(conn, code=f"G{n}", name=f"{n}号网格", level="grid", parent_id=near if n < 4 else far)
        for n in range(1, 6)
    ]
    worker = people.add_person(conn, name="王芳", now=NOW)
    people.grant(conn, worker, "grid_worker", area_id=grids[0])
    secretary = people.add_person(conn, name="赵书记", now=NOW)
    people.grant(conn, secretary, "village_secretary", area_id=near)
    people.grant(conn, people.add_person(conn, name="高专人", now=NOW), "confidant", area_id=top)
    chat = directory.add_chat(conn, "webchat:main", "g1", kind="residents", mode="shadow", title="一群", now=NOW)
    directory.link_area(conn, chat, grids[0])


def test_grids_that_nobody_looks_after_are_named(quickly: Run, tmp_path: Path) -> None:
    """Those where the village steps in are told from those where nobody does; three names and the number."""
    found = found_in(quickly, tmp_path, town)
    assert (found["网格"]["level"], "5 个网格" in found["网格"]["text"]) == ("ok", True)
    assert (found["群"]["level"], found["群"]["text"]) == ("warn", "2号网格、3号网格、4号网格 等 4 个网格没有居民群")
    assert found["群"]["remedy"]
    assert found["网格员"]["remedy"]
    every = quickly("check").out
    assert "4号网格、5号网格一个人也没有，那里的事没人接" in every
    assert "2号网格、3号网格没有网格员，那里的事由上一级接" in every


def test_a_group_of_the_village_serves_its_grids(quickly: Run, tmp_path: Path) -> None:
    def village_group(conn: Connection) -> None:
        areas = {area.code: area.id for area in directory.load(conn).areas}
        chat = directory.add_chat(conn, "webchat:main", "v", kind="residents", mode="shadow", title="村群", now=NOW)
        directory.link_area(conn, chat, areas["T"])

    assert "群" not in found_in(quickly, tmp_path, town, village_group)


def test_a_group_nobody_has_bound_is_named(quickly: Run, tmp_path: Path) -> None:
    def stray(conn: Connection) -> None:
        directory.ensure_chat(conn, "webchat:main", "x", kind="unknown", title="麻将群", now=NOW)

    fill(tmp_path, town, stray)
    check(quickly, tmp_path, GOOD)
    assert "麻将群没有绑定区域，里面的话没人听" in quickly("check").out


def test_a_town_without_grids_is_told_what_to_do(quickly: Run, tmp_path: Path) -> None:
    found = found_in(quickly, tmp_path, lambda conn: directory.add_area(conn, code="T", name="青云镇", level="town"))
    assert (found["网格"]["level"], "gridbridge areas add" in found["网格"]["remedy"]) == ("warn", True)


def test_dead_letters_are_counted(quickly: Run, tmp_path: Path) -> None:
    """What came in and was given up, and what went out and may not have arrived."""

    def give_up(conn: Connection) -> None:
        chat = directory.ensure_chat(conn, "webchat:main", "g", kind="residents", now=NOW).id
        came = NewInbox(
            account="webchat:main", event_key="1", chat_id=chat, kind="message", body={},
            sent_at=NOW, received_at=NOW, due_at=NOW,
        )  # fmt: skip
        inbox.put(conn, [came])
        for row in inbox.claim(conn, NOW, limit=9, lease=HOUR):
            inbox.fail(conn, row, NOW, retry_at=None, reason="KeyError: 'x'")
        went = NewPost(
            lane="1", account="webchat:main", chat_id=chat, kind="answer", priority=1, body={}, due_at=NOW
        )  # fmt: skip
        outbox.put(conn, [went], NOW)
        for post in outbox.claim(conn, NOW, accounts=["webchat:main"], limit=9, lease=HOUR).rows:
            outbox.finish(conn, post, "unknown", NOW)

    assert found_in(quickly, tmp_path)["没办成的消息"]["level"] == "ok"
    dead = found_in(quickly, tmp_path, give_up)["没办成的消息"]
    assert (dead["level"], "2 条" in dead["text"]) == ("warn", True)
    assert "gridbridge dead-letters list" in dead["remedy"]


@pytest.mark.parametrize(
    ("content", "word"), [("newer", "请升级网格桥"), ("garbage", "history"), ("folder", "history")]
)
def test_a_chat_history_that_does_not_open_is_found(quickly: Run, tmp_path: Path, content: str, word: str) -> None:
    file = tmp_path / "data" / "webchat.db"
    file.parent.mkdir()
    if content == "newer":
        with closing(sqlite3.connect(file)) as conn:
            conn.execute("PRAGMA user_version = 99")
    elif content == "garbage":
        file.write_bytes(b"no history at all, only words" * 100)
    else:
        file.mkdir()
    before = file.read_bytes() if file.is_file() else b""
    status, found = check(quickly, tmp_path, GOOD)
    assert (status, found["聊天记录 webchat:main"]["level"]) == (1, "fail")
    assert word in found["聊天记录 webchat:main"]["remedy"]
    assert (file.read_bytes() if file.is_file() else b"") == before


def test_what_this_version_cannot_do_is_said(quickly: Run, tmp_path: Path) -> None:
    """There is no case system to connect to yet, and that is no fault."""
    _, found = check(quickly, tmp_path, GOOD)
    assert (found["对接系统"]["level"], "还不对接" in found["对接系统"]["text"]) == ("ok", True)


@pytest.mark.parametrize(
    ("megabytes", "level"), [(50_000, Level.OK), (1_500, Level.WARN), (100, Level.FAIL)]
)  # fmt: skip
def test_a_disk_that_fills_up_is_found(megabytes: int, level: Level) -> None:
    finding = machine.room(Path("data"), megabytes * 2**20)
    assert finding.level is level
    assert bool(finding.remedy) is (level is not Level.OK)


@pytest.mark.parametrize(
    ("drift", "words"), [(0, "一致"), (-4, "一致"), (90, "慢 90 秒"), (-90, "快 90 秒"), (None, "")]
)
def test_a_clock_that_is_wrong_is_found(drift: int | None, words: str) -> None:
    """SQLite has no clock of its own, so there is nothing to compare."""
    seen = Seen(EMPTY, 0, None if drift is None else timedelta(seconds=drift))
    findings = list(clocks_agree(seen))
    assert [words in finding.text for finding in findings] == ([True] if words else [])
    assert [finding.level is Level.OK for finding in findings] == ([words == "一致"] if words else [])


def test_postgresql_is_asked_for_its_clock(quickly: Run, tmp_path: Path, postgres_url: str) -> None:
    _, found = check(quickly, tmp_path, GOOD.replace("[city]", f'[database]\nurl = "{postgres_url}"\n[city]'))
    assert (found["时钟"]["level"], found["没办成的消息"]["level"], found["网格"]["level"]) == ("ok", "ok", "warn")
