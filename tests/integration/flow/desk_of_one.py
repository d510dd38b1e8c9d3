"""A chat, a case and a channel on paper around one station of the flow; the clock moves by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select, update

from bot.flow.book import Book
from bot.flow.delivery import Delivery
from bot.flow.draft import Draft
from bot.flow.manners import Night
from bot.flow.post import Quiet
from bot.flow.render import Renderer
from bot.flow.voices import Voices
from bot.talk.texts import Texts
from storage import cases, chats, outbox
from storage.engine import Database
from storage.errors import Unavailable
from storage.records import CaseRow, ChatRow, NewPost
from storage.schema import inbox as inbox_table
from storage.schema import outbox as outbox_table
from tests.fakes.paper import START, PaperChannel

T = TypeVar("T")
ACCOUNT = "paper:main"


class Clock:
    """Stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Cable(Database):
    """Leads to a real database; pulled out, every call finds it away. `out_after`: so many more calls get through."""

    def __init__(self, db: Database) -> None:
        super().__init__(db.dialect, db._backend)
        self.out = False
        self.out_after: int | None = None

    async def run(self, work: Callable[[Connection], T]) -> T:
        self._look()
        return await super().run(work)

    async def run_group(self, works: Sequence[Callable[[Connection], T]]) -> list[T | Exception]:
        self._look()
        return await super().run_group(works)

    async def read(self, work: Callable[[Connection], T]) -> T:
        self._look()
        return await super().read(work)

    def _look(self) -> None:
        if self.out_after is not None:
            self.out = self.out_after == 0
            self.out_after = max(0, self.out_after - 1)
        if self.out:
            raise Unavailable("cable pulled")


def a_chat(conn: Connection, native_id: str = "g1", *, kind: str = "residents") -> int:
    return chats.add_chat(conn, ACCOUNT, native_id, kind=kind, now=START, mode="full")


def a_case(conn: Connection, **values: Any) -> CaseRow:
    facts = {
        "state": "reported",
        "source": "group",
        "category": "streetlight",
        "urgency": "normal",
        "sensitive": "none",
        "reported_at": START,
        "updated_at": START,
    }
    return cases.insert(conn, {**facts, **values})


def a_post(chat_id: int, text: str, *, kind: str = "result", lane: str = "", **values: Any) -> NewPost:
    draft = Draft(view="text", text=text, **values.pop("draft", {}))
    facts: dict[str, Any] = {"priority": 2, "due_at": START, "account": ACCOUNT, "chat_id": chat_id}
    facts |= {"lane": lane or f"{chat_id}:{values.get('case_id', 0)}", "kind": kind, "body": draft.dump()}
    return NewPost(**{**facts, **values})


async def put(db: Database, *posts: NewPost) -> list[int]:
    ids = await db.run(lambda conn: outbox.put(conn, posts, START))
    return [id_ for id_ in ids if id_ is not None]


async def delivery(db: Database, channel: PaperChannel, clock: Clock, *, posts_per_hour: int = 60) -> Delivery:
    book = Book()
    await book.open(db)
    voices = Voices(Texts.load(), lambda code: code, ZoneInfo("Asia/Shanghai"), ("满意", "不满意"))
    renderer = Renderer(voices, lambda: book.directory, late=timedelta(hours=1))
    night = Night(time(21), time(7), ZoneInfo("Asia/Shanghai"))
    quiet = Quiet(night, timedelta(), timedelta(hours=1))
    return Delivery(channel, db, renderer, quiet, clock=clock, posts_per_hour=posts_per_hour)


async def outbox_row(db: Database, row_id: int) -> dict[str, Any]:
    found = select(outbox_table).where(outbox_table.c.id == row_id)
    return dict(await db.read(lambda conn: conn.execute(found).mappings().one()))


async def states(db: Database) -> list[str]:
    """Of all posts, in the order in which they were put."""
    found = select(outbox_table.c.state).order_by(outbox_table.c.id)
    return await db.read(lambda conn: list(conn.execute(found).scalars()))


async def inbox_rows(db: Database) -> list[dict[str, Any]]:
    found = select(inbox_table).order_by(inbox_table.c.id)
    return await db.read(lambda conn: [dict(row) for row in conn.execute(found).mappings()])


async def lapse(db: Database) -> None:
    """Whoever held the leases has been dead for a day (PostgreSQL's own clock counts there)."""
    past = START - timedelta(days=3650)
    late = update(outbox_table).where(outbox_table.c.locked_until.is_not(None)).values(locked_until=past)
    await db.run(lambda conn: conn.execute(late))


async def chat_row(db: Database, chat_id: int) -> ChatRow:
    found = await db.read(lambda conn: chats.chat(conn, chat_id))
    assert found is not None
    return found


def texts(town: PaperChannel, chat: str = "g1") -> list[str]:
    return [post.text for post in town.posts(chat)]


async def run_dry(sender: Delivery) -> int:
    """Steps until nothing is due; how many rows were touched."""
    touched = 0
    async with asyncio.timeout(10):
        while more := await sender.step():
            touched += more
    return touched
