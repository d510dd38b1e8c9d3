"""Floods: what they must not do to a program, each as figures for the table of faults.

Every function takes the address of a fresh, migrated database; how much is said is a parameter, so that the tests run
the same in small.
"""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import Connection, func, select

from bot.assembly import rules_of
from bot.config import Config
from bot.flow.rules import Rules
from storage.engine import Database
from storage.schema import blob, case, case_link, inbox, outbox, supporter
from tests.fakes.paper import PostedMessage
from tests.integration.flow.bench import Bench
from tests.integration.flow.desk_of_one import ACCOUNT

OUTAGE = (
    "停电了", "我家也没电", "3号楼停电", "整个小区都没电了", "5号楼2单元停电了", "家里没电了", "东关这边全停电了",
    "8号楼也停电了", "我们这栋也停电了", "又停电了，饭煮到一半",
)  # fmt: skip
"""Said by people who have the trouble themselves; none of them only asks."""
TROUBLES = ("路灯坏了", "下水道堵了，污水往外冒", "井盖没了", "垃圾没人收", "路面塌了个坑", "有人把车停在人行道上")
BROKEN = (
    "路灯坏了\u202e№9 已办结\u202c", "路\u200b灯\u200b坏\u2060了", "路灯坏了\x00\x07\x1b[2J", "路灯\ud83d坏了\udc00",
    "路灯坏\u0301\u0302\u0303\u0304\u0305\u0306了", "\u2067路灯坏了\u2069\ufeff", "路灯坏了\n\n\n\n\n\n\n\n上报人：王芳",
)  # fmt: skip
HIDING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u2060\ufeff\x00\x07\x1b\ud83d\udc00")
GROUP, OTHER, STAFF = "g1", "g2", "s1"


@dataclass(frozen=True, slots=True)
class Figures:
    """`told`: messages colleagues got of it; `heard`: lines the group got."""

    said: int
    lost: int
    doubled: int
    out_of_order: int
    told: int
    heard: int
    note: str


async def power_cut(url: str, said: int = 300) -> Figures:
    """Different people in two groups of one grid tell of one power cut in a minute, through two programs."""
    async with town(url) as bench:
        other = await bench.twin()
        works = [_tell(one, number, said) for one, number in zip((bench, other) * said, range(said), strict=False)]
        over = asyncio.Event()
        working = [asyncio.create_task(_dispatching(one, over)) for one in (bench, other)]
        await asyncio.gather(*works)
        over.set()
        await asyncio.gather(*working)
        await settle(bench, minutes=25)
        cases = await rows(bench, select(case.c.id, case.c.reporter_id))
        backers = await rows(bench, select(supporter.c.person_id))
        reported = {row.reporter_id for row in cases} | {row.person_id for row in backers}
        posts, heard = bench.channel.posts(STAFF), bench.channel.posts(GROUP)
        waiting = await number_of(bench, inbox, inbox.c.state != "done")
        return Figures(
            said=said, lost=said - len(reported) + waiting,
            doubled=len(cases) - 1 + len(backers) + 1 - len(reported), out_of_order=0, told=len(posts),
            heard=len(heard), note=f"{len(cases)} 件，{len(backers)} 人附议",
        )  # fmt: skip


async def one_sender(url: str, said: int = 10_000, chatter: int = 10_000) -> Figures:
    """One person: first small talk, then as many reports of different troubles, all within a minute."""
    async with town(url) as bench:
        for number in range(chatter):
            bench.clock.move(30 / chatter)
            await bench.hear(GROUP, "loud", f"今天天气不错，说第{number}遍")
        stored = await number_of(bench, inbox)
        for number in range(said):
            bench.clock.move(30 / said)
            await bench.hear(GROUP, "loud", f"{number}号楼前面{TROUBLES[number % len(TROUBLES)]}")
            if number % 500 == 499:
                await bench.dispatch()
        await settle(bench, minutes=25)
        cases = await rows(bench, select(case.c.id, case.c.text))
        linked = await rows(bench, select(case_link.c.message_id).where(case_link.c.role.in_(("report", "piece"))))
        waiting = await number_of(bench, inbox, inbox.c.state != "done")
        return Figures(
            said=said + chatter, lost=said - len({row.message_id for row in linked}) + waiting,
            doubled=len(linked) - len({row.message_id for row in linked}), out_of_order=0,
            told=len(bench.channel.posts(STAFF)), heard=len(bench.channel.posts(GROUP)),
            note=f"{len(cases)} 件，最长 {max(len(row.text) for row in cases)} 字，闲聊进库 {stored} 条",
        )  # fmt: skip


async def million(url: str, characters: int = 1_000_000) -> Figures:
    """A message of a million characters that begins with a report, and one that a neighbour sends right after it."""
    async with town(url) as bench:
        await bench.hear(GROUP, "long", "3号楼路灯坏了" + "啊路灯坏了" * (characters // 5))
        kept = await number_of(bench, inbox)
        body = await rows(bench, select(inbox.c.body))
        await bench.hear(GROUP, "neighbour", "5号楼井盖没了，快来看看")
        await settle(bench, minutes=5)
        cases = await rows(bench, select(case.c.text))
        return Figures(
            said=2, lost=2 - len(cases), doubled=max(0, len(cases) - 2), out_of_order=0,
            told=len(bench.channel.posts(STAFF)), heard=len(bench.channel.posts(GROUP)),
            note=f"进库 {kept} 条，留 {max(len(row.body['text']) for row in body)} 字",
        )  # fmt: skip


async def broken(url: str) -> Figures:
    """Control, bidi and invisible characters, piles of accents, halves of characters: in words and in names."""
    async with town(url) as bench:
        for number, text in enumerate(BROKEN):
            name = f"李\u202e大\x00爷\ud83d\n{number}"
            await bench.hear(GROUP, f"u{number}", f"{number + 1}号楼{text}", name=name)
        await settle(bench, minutes=5)
        cases = await rows(bench, select(case.c.text, case.c.reporter_name))
        shown = "".join(_words(post) for post in bench.channel.posts(STAFF))
        spoilt = sum(bool(HIDING & set(f"{row.text}{row.reporter_name}")) for row in cases)
        return Figures(
            said=len(BROKEN), lost=len(BROKEN) - len(cases), doubled=0, out_of_order=0,
            told=len(bench.channel.posts(STAFF)), heard=len(bench.channel.posts(GROUP)),
            note=f"卡片上残留 {len(HIDING & set(shown)) + spoilt} 处",
        )  # fmt: skip


async def bombs(url: str) -> Figures:
    """Photos that must not be unfolded, each beside words that must not be lost, and one that is a photo."""
    files = {"50mp": picture((8200, 6100)), "bomb": picture((6000, 6000), "PNG"), "wrong": b"%PDF" * 1000,
             "cut": picture((800, 600))[:900], "huge": b"\xff\xd8\xff" + bytes(11 * 2**20), "good": picture((640, 480))}  # fmt: skip
    async with town(url) as bench:
        bench.channel.files.update(files)
        for number, ref in enumerate(files):
            await bench.hear("p:" + ref, ref, f"{number + 1}号楼{TROUBLES[number]}", photo=ref)
        await settle(bench, minutes=5)
        cases = await rows(bench, select(case.c.text, case.c.photos))
        answered = sum(any("照片" in post.text for post in bench.channel.posts("p:" + ref)) for ref in files)
        return Figures(
            said=len(files), lost=len(files) - len(cases), doubled=0, out_of_order=0,
            told=len(bench.channel.posts(STAFF)), heard=0,
            note=f"收下 {await number_of(bench, blob)} 张，说明 {answered} 张为什么没收",
        )  # fmt: skip


# -- what they share


@cache
def the_rules() -> Rules:
    """Loading takes a second: once a process."""
    return rules_of(Config())


@asynccontextmanager
async def town(url: str) -> AsyncIterator[Bench]:
    """Two groups of one grid and its staff chat, on paper."""
    db = await Database.open(url)
    with tempfile.TemporaryDirectory() as folder:
        try:
            yield await Bench.open(db, Path(folder), the_rules())
        finally:
            await db.close()


async def settle(bench: Bench, *, minutes: int) -> None:
    """Everything that is said of it is said, minute by minute."""
    await bench.dispatch()
    for _ in range(minutes):
        await bench.deliver()
        bench.clock.move(60)
    await bench.deliver()


async def rows(bench: Bench, statement: Any) -> Sequence[Any]:
    return await bench.db.read(lambda conn: conn.execute(statement).all())


async def number_of(bench: Bench, table: Any, *conditions: Any) -> int:
    def count(conn: Connection) -> int:
        return conn.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()

    return await bench.db.read(count)


async def kinds_told(bench: Bench, chat: str) -> Counter[str]:
    """How many messages of which kind a chat got; all edits of cards together."""
    sent = select(outbox.c.native_id, outbox.c.kind).where(outbox.c.state == "sent")
    there = {post.message_id for post in bench.channel.posts(chat)}
    return Counter(row.kind.partition(":")[0] for row in await rows(bench, sent) if row.native_id in there)


def picture(size: tuple[int, int], kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("1" if kind == "PNG" else "L", size).save(out, kind)
    return out.getvalue()


async def _tell(bench: Bench, number: int, said: int) -> None:
    bench.clock.move(60 / said)
    chat = GROUP if number % 3 else OTHER
    await bench.hear(chat, f"u{number}", OUTAGE[number % len(OUTAGE)], name=f"住户{number}", message_id=f"m{number}")


async def _dispatching(bench: Bench, over: asyncio.Event) -> None:
    while not over.is_set():
        await bench.parts.dispatch.step()
        await asyncio.sleep(0)


def _words(post: PostedMessage) -> str:
    card = post.card
    return post.text + ("".join(f"{label}{value}" for label, value in card.lines) + card.title if card else "")


__all__ = ["ACCOUNT", "Figures", "bombs", "broken", "million", "one_sender", "power_cut"]
