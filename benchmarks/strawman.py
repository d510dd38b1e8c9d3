"""The peer: the usual bot that stores what it hears. A transaction a message, jieba on every one, the same rows.

Where it has an advantage it is left to it: it is told which messages are reports and which case is whose, asks for
nothing before it writes, and finds chats by a dictionary.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from time import perf_counter, sleep
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, make_url, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from benchmarks.stream import Said
from benchmarks.updates import ACCOUNT, lines, parse
from bot.flow import codec
from bot.model import Inbound
from storage.schema import case, case_event, case_link, chat_address, inbox, outbox
from storage.sqlite import PRAGMAS

CONNECTIONS = 8  # on PostgreSQL; SQLite has one writer
Finds = Callable[[str], bool]
Job = tuple[bytes, bool]  # a document, and whether it is a report


class Strawman:
    """Handles one document in one transaction of the connection it is given."""

    def __init__(self, finds: Finds, chats: Mapping[str, int]) -> None:
        self._finds, self._chats = finds, chats

    def understand(self, document: bytes) -> Inbound:
        inbound = parse(json.loads(document))
        self._finds(inbound.text)
        return inbound

    def handle(self, conn: Connection, inbound: Inbound, *, report: bool) -> None:
        chat_id, now = self._chats[inbound.chat], inbound.sent_at
        row = conn.execute(insert(inbox).returning(inbox.c.id), _row(inbound, chat_id, now)).scalar_one()
        if report:
            self._file(conn, inbound, chat_id, now)
        conn.execute(update(inbox).where(inbox.c.id == row).values(state="done", done_at=now))

    @staticmethod
    def _file(conn: Connection, inbound: Inbound, chat_id: int, now: datetime) -> None:
        number = conn.execute(insert(case).returning(case.c.id), _case(inbound, chat_id, now)).scalar_one()
        told = {"at": now, "recorded_at": now, "action": "report", "to_state": "reported", "data": {}}
        conn.execute(insert(case_event), {"case_id": number, "version": 1, **told})
        link = {"message_id": inbound.message_id, "role": "report", "said_at": now}
        conn.execute(insert(case_link), {"case_id": number, "chat_id": chat_id, **link})
        conn.execute(insert(outbox), [_post(kind, number, chat_id, now) for kind in ("card", "receipt")])


def _row(inbound: Inbound, chat_id: int, now: datetime) -> dict[str, Any]:
    return {
        "account": ACCOUNT, "event_key": inbound.event_key, "chat_id": chat_id, "kind": inbound.kind.value,
        "body": codec.dump(inbound), "sent_at": now, "received_at": now, "state": "pending", "due_at": now,
    }  # fmt: skip


def _case(inbound: Inbound, area_id: int, now: datetime) -> dict[str, Any]:
    return {
        "version": 1, "state": "reported", "source": "group", "category": "other.other", "urgency": "normal",
        "sensitive": "none", "area_id": area_id, "text": inbound.text, "photos": [], "result_photos": [],
        "reporter_name": inbound.sender.name, "reported_at": now, "updated_at": now, "clock": "accept", "due_at": now,
        "next_tick_at": now,
    }  # fmt: skip


def _post(kind: str, number: int, chat_id: int, now: datetime) -> dict[str, Any]:
    return {
        "lane": f"{chat_id}:{number}:{kind}", "account": ACCOUNT, "chat_id": chat_id, "case_id": number, "kind": kind,
        "priority": 3, "body": {"view": kind, "case": number}, "state": "pending", "created_at": now, "due_at": now,
    }  # fmt: skip


def jobs(said: Sequence[Said]) -> list[Job]:
    return [(document, one.report) for document, one in zip(lines(said), said, strict=True)]


def sqlite_engine(url: str) -> Engine:
    """A connection with our own settings: the same durability, an explicit transaction."""
    engine = create_engine(make_url(url), connect_args={"isolation_level": None})

    @event.listens_for(engine, "connect")
    def _prepare(dbapi: Any, _: Any) -> None:
        for pragma in PRAGMAS:
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        conn.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def chats_of(conn: Connection) -> dict[str, int]:
    rows = conn.execute(select(chat_address.c.native_id, chat_address.c.chat_id))
    return {row.native_id: row.chat_id for row in rows}


def on_sqlite(url: str, finds: Finds, work: Sequence[Job], every: float = 0.0) -> list[float]:
    """Handle all, one after the other, the nth not before n times `every` seconds.

    When each was committed, in seconds from the start.
    """
    engine, done = sqlite_engine(url), []
    with engine.connect() as conn:
        with conn.begin():
            man = Strawman(finds, chats_of(conn))
        start = perf_counter()
        for number, (document, report) in enumerate(work):
            if (early := start + number * every - perf_counter()) > 0:
                sleep(early)
            inbound = man.understand(document)
            with conn.begin():
                man.handle(conn, inbound, report=report)
            done.append(perf_counter() - start)
    engine.dispose()
    return done


async def on_postgres(url: str, finds: Finds, work: Sequence[Job]) -> float:
    """Seconds to handle all through eight connections, each with a transaction a message."""
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"), pool_size=CONNECTIONS)
    async with engine.connect() as conn:
        man = Strawman(finds, await conn.run_sync(chats_of))
    waiting = list(reversed(work))
    start = perf_counter()
    await asyncio.gather(*(_worker(engine, man, waiting) for _ in range(CONNECTIONS)))
    taken = perf_counter() - start
    await engine.dispose()
    return taken


async def _worker(engine: AsyncEngine, man: Strawman, waiting: list[Job]) -> None:
    async with engine.connect() as conn:
        while waiting:
            document, report = waiting.pop()
            inbound = man.understand(document)
            async with conn.begin():
                await conn.run_sync(man.handle, inbound, report=report)
