"""A day's small talk with ten reports: afterwards no dropped sentence is anywhere on the disk."""

from __future__ import annotations

import itertools
import logging
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from bot import logs
from bot.assembly import Parts, assemble
from bot.config import build
from storage import chats, directory, people
from storage.engine import Database
from storage.schema import case as case_table
from storage.schema import inbox
from tests.fakes.paper import PaperChannel

START = datetime(2026, 11, 23, 0, tzinfo=UTC)  # 8:00 in the city
GROUPS = 8
MESSAGES = 4000
_WHO = ("我妈", "老周", "小外孙", "我们单位", "家里的猫", "跳舞队", "老同学", "菜摊的大姐")
_DID = ("今天包了", "昨晚梦见", "又买了", "晒了一下午", "终于学会", "一口气吃完", "在群里夸", "念叨着")
_WHAT = ("韭菜饺子", "一盆绿萝", "新围巾", "糖炒栗子", "葫芦丝", "半个西瓜", "那部老电影", "相册")
REPORTS = (
    "5号楼前的路灯不亮了", "2号楼下水道堵了，污水往外冒", "南门口的井盖不见了", "7号楼电梯坏了，老人下不来",
    "9号楼停水了", "6号楼门口垃圾没人收，臭得很", "11号楼停电了", "4号楼楼道里飞线充电太危险了",
    "8号楼外墙皮掉下来差点砸到人", "10号楼前面马路上有个大坑",
)  # fmt: skip


def small_talk() -> Iterator[str]:
    """Sentences of which each stands only once, so that finding one means it was kept."""
    for number, (who, did, what) in zip(range(MESSAGES), itertools.cycle(itertools.product(_WHO, _DID, _WHAT))):
        yield f"{who}{did}{what}，第{number}回了哈"


class City:
    """A town of one grid per group, on a platform of paper."""

    def __init__(self, parts: Parts, channel: PaperChannel) -> None:
        self.parts, self.channel, self.now = parts, channel, START
        self.intake = parts.intakes[channel.account]

    async def hear(self, chat: str, person: str, text: str) -> bool:
        """False: the gate dropped it."""
        before = self.intake.gate.counters.passed
        await self.intake.accept([self.channel.say(chat, person, text, sent_at=self.now)])
        return self.intake.gate.counters.passed > before

    async def settle(self) -> None:
        while await self.parts.dispatch.step():
            pass
        while await self.parts.owners[self.channel.account].delivery.step():
            pass


def _seed(conn: Connection) -> None:
    city = directory.add_area(conn, code="c", name="清禾市", level="city")
    for number in range(GROUPS):
        grid = directory.add_area(conn, code=f"g{number}", name=f"第{number}网格", level="grid", parent_id=city)
        chat = chats.add_chat(conn, "paper:main", f"g{number}", kind="residents", mode="results", now=START)
        chats.link_area(conn, chat, grid)
        staff = chats.add_chat(conn, "paper:main", f"s{number}", kind="staff", now=START)
        chats.link_area(conn, staff, grid)
    worker = people.add_person(conn, name="王芳", now=START)
    people.add_identity(conn, "paper", "wang", worker)
    people.grant(conn, worker, "grid_worker", area_id=city)


async def _a_day(url: str, folder: Path) -> tuple[list[str], Database]:
    """Live through it; the sentences that were dropped, and the database, still open."""
    config = build({"data_dir": str(folder)}, folder)
    db = await Database.open(url)
    await db.run(_seed)
    holder: list[City] = []
    channel = PaperChannel(clock=lambda: holder[0].now)
    city = City(await assemble(config, db, [channel], clock=lambda: holder[0].now if holder else START), channel)
    holder.append(city)
    rng, said = random.Random(7), []
    when = dict(zip(sorted(rng.sample(range(MESSAGES), len(REPORTS))), REPORTS, strict=True))
    for number, sentence in enumerate(small_talk()):
        city.now = START + timedelta(seconds=number * 36_000 / MESSAGES)
        chat, person = f"g{rng.randrange(GROUPS)}", f"u{rng.randrange(400)}"
        if not await city.hear(chat, person, sentence):
            said.append(sentence)
        if number in when:
            await city.hear(f"g{number % GROUPS}", f"reporter{number}", when[number])
            await city.settle()
    await city.settle()
    return said, db


def _on_disk(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.fixture
def program_log(tmp_path: Path) -> Iterator[Path]:
    """Everything the program logs, in a file; the loggers as they were afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    path = tmp_path / "program.log"
    with path.open("w", encoding="utf-8") as stream:
        logs.setup("debug", "json", stream)
        yield path
        root.handlers[:] = before
        root.setLevel(level)


async def test_no_dropped_sentence_is_in_any_file(tmp_path: Path, program_log: Path) -> None:
    """SQLite: database, log of changes and program log hold the ten reports and not one line of small talk."""
    said, db = await _a_day(f"sqlite:///{tmp_path}/gridbridge.db", tmp_path)
    running = _on_disk(tmp_path)
    await db.close()
    assert b"alembic" in _on_disk(program_log.parent), "the log is searched, too"
    assert len(said) > 0.99 * MESSAGES
    assert all(report.encode() in running for report in REPORTS), "the search itself must be able to find words"
    for disk in (running, _on_disk(tmp_path)):
        assert [sentence for sentence in said if sentence.encode() in disk] == []
        escaped = [sentence for sentence in said if sentence.encode("unicode_escape") in disk]
        assert escaped == []


async def test_only_cases_hold_words(postgres_url: str, tmp_path: Path) -> None:
    """PostgreSQL: at the end of the day the reports are in their cases, and the inbox is without a word."""
    said, db = await _a_day(postgres_url, tmp_path)
    bodies = await db.read(
        lambda conn: conn.execute(select(inbox.c.body).where(inbox.c.body.is_not(None))).scalars().all()
    )
    texts = await db.read(lambda conn: "\n".join(conn.execute(select(case_table.c.text)).scalars()))
    await db.close()
    assert len(said) > 0.99 * MESSAGES
    assert bodies == []
    assert [sentence for sentence in said if sentence in texts] == []
    assert all(report in texts for report in REPORTS)
