"""A town, its platform, its people and the processes that serve them: everything an experiment needs."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from aiohttp import ClientSession

from bot.flow.book import Book
from bot.flow.render import post_key
from storage import outbox, schema
from storage.engine import Database
from tests.crash.clock import TownClock
from tests.crash.ledger import Books, Reckoning, reckon
from tests.crash.lives import Life, Zygote
from tests.crash.people import Matter, People
from tests.crash.pigeon.platform import Platform
from tests.crash.town import Quarter, config_text, found, quarters, write_config

SETTLE_SECONDS = 60.0
EVERYWHERE = 3  # quarters that stand in each town, also where nobody serves them: one zygote knows all their places
PATIENCE = 15  # events nobody has read yet


@dataclass
class Bench:
    """`under_way`: keys of posts that were claimed when a process was killed; `recovered`: seconds after each kill."""

    folder: Path
    url: str
    clock: TownClock
    town: tuple[Quarter, ...]
    platform: Platform
    people: People
    zygote: Zygote
    db: Database | None  # of the driver's own; None on SQLite, whose file it must not hold open
    lives: list[Life] = field(default_factory=list)
    under_way: set[str] = field(default_factory=set)
    recovered: list[float] = field(default_factory=list)
    killed: int = 0
    _started: int = 0

    # -- the program

    async def start(self, **order: Any) -> Life:
        """One more process."""
        self._started += 1
        name = f"life-{self._started}"
        text = config_text(self.url, self.town, self.platform.port)
        config = write_config(self.folder, text, name)
        life = await self.zygote.start(name, config, self.clock.path, **order)
        self.lives.append(life)
        return life

    async def kill(self, life: Life) -> None:
        """And see what it was about to do."""
        await life.kill()
        await self.buried(life)

    async def buried(self, life: Life) -> None:
        """It has died; its claims are noted."""
        self.killed += 1
        self.lives.remove(life)
        self.under_way |= await self.claimed()

    async def claimed(self) -> set[str]:
        """Keys of the posts that are claimed and not marked."""
        rows = await self.read(
            lambda conn: conn.execute(
                sa.select(schema.outbox.c.id, schema.outbox.c.created_at).where(
                    schema.outbox.c.state == "pending", schema.outbox.c.locked_until.is_not(None)
                )
            ).all()
        )
        return {post_key(*row) for row in rows}

    # -- looking

    async def read(self, work: Callable[[sa.Connection], Any]) -> Any:
        """On SQLite from a copy of its files, so that the dead one's log is found by the next one as it was left."""
        if self.db is not None:
            return await self.db.read(work)
        return await asyncio.to_thread(self._read_copy, work)

    def _read_copy(self, work: Callable[[sa.Connection], Any]) -> Any:
        copy = self.folder / "copy"
        copy.mkdir(exist_ok=True)
        file = Path(self.url.removeprefix("sqlite:///"))
        for path in copy.iterdir():
            path.unlink()
        for suffix in ("-wal", ""):  # the log first: a page that is folded in meanwhile is in the file then
            if (path := Path(f"{file}{suffix}")).exists():
                shutil.copy(path, copy)
        engine = sa.create_engine(f"sqlite:///{copy / file.name}")
        try:
            with engine.connect() as conn:
                return work(conn)
        finally:
            engine.dispose()

    async def books(self) -> Books:
        books: Books = await self.read(Books.read)
        return books

    async def readyz(self, life: Life) -> tuple[int, str]:
        """What an operator sees: the status and what is not well, in the words of the page."""
        port = (await life.running())["port"]
        async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/readyz") as answer:
            checks = (await answer.json())["checks"]
            return answer.status, "；".join(one["detail"] for one in checks.values() if not one["ok"])

    # -- time

    async def busy(self, seconds: float, pace: float = 0.1, patience: int = PATIENCE) -> None:
        """People go on with their lives for so long; where nobody answers they fall silent after a while."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.platform.unread < patience:
                self.people.step()
            await asyncio.sleep(pace)

    async def settle(self, seconds: float = SETTLE_SECONDS) -> None:
        """Until everything that was said has been handled and everything that was done has been told.

        Raises TimeoutError with what is left.
        """
        until = time.monotonic() + seconds
        while (left := await self._left()) is not None:
            if time.monotonic() > until:
                raise TimeoutError(left)
            await asyncio.sleep(0.15)

    async def _left(self) -> str | None:
        if acted := self.people.finish():
            return f"{acted} acts"
        if self.platform.unread:
            return f"{self.platform.unread} events unread"
        if waiting := await self.read(self._waiting):
            return f"waiting: {waiting}"
        return f"{acted} acts" if (acted := self.people.finish()) else None

    async def outlast(self, seconds: float = SETTLE_SECONDS) -> None:
        """Settle, and let the time pass that is left to a platform before what is in doubt goes again.

        Raises TimeoutError with what is left.
        """
        until = time.monotonic() + seconds
        while (due := await self.read(_in_doubt)) is not None:
            if time.monotonic() > until:
                raise TimeoutError("still in doubt")
            if due > self.clock():
                self.clock.jump(due - self.clock())
            await asyncio.sleep(0.15)
        await self.settle(seconds)

    def _waiting(self, conn: sa.Connection) -> list[Any]:
        """Rows of both queues that are due now or at work."""
        now = self.clock() + timedelta(seconds=5)
        found: list[Any] = []
        for queue in (schema.inbox, schema.outbox):
            due = sa.or_(queue.c.due_at <= now, queue.c.locked_until.is_not(None))
            found += [(queue.name, *row) for row in conn.execute(
                sa.select(queue.c.id, queue.c.kind, queue.c.due_at).where(queue.c.state == "pending", due))]  # fmt: skip
        return found

    async def reckoning(self, *, as_said: bool = True) -> Reckoning:
        return reckon(await self.books(), self.people, self.under_way, as_said=as_said)

    async def handled_again(
        self, since: float, account: str | None = None, seconds: float = SETTLE_SECONDS, *, but: Life | None = None
    ) -> float:
        """Seconds from `since` (monotonic) until a post arrived, of another life than `but`. Raises TimeoutError."""
        other = but.name if but else None
        async with asyncio.timeout(seconds):
            while True:
                later = [d for d in self.platform.deliveries if d.at > since and account in {None, d.account}]
                if arrived := [d.at for d in later if d.life != other]:
                    return min(arrived) - since
                await asyncio.sleep(0.01)

    async def shown(self, matter: Matter, seconds: float = 30.0) -> float:
        """Seconds until staff see its card. Raises TimeoutError with what is left."""
        began = time.monotonic()
        while (passed := time.monotonic() - began) < seconds:
            if matter.card is not None:
                return passed
            await asyncio.sleep(0.01)
        raise TimeoutError(f"{matter.building}号楼 has no card: {await self._left()}")


def _in_doubt(conn: sa.Connection) -> datetime | None:
    """When the first post goes again that may have arrived."""
    box = schema.outbox
    doubtful = sa.and_(box.c.state == "pending", box.c.unknowns > 0, box.c.reason != outbox.PACED)
    return conn.execute(sa.select(sa.func.min(box.c.due_at)).where(doubtful)).scalar()


@asynccontextmanager
async def open_bench(url: str, *, accounts: int = 1, seed: int = 4) -> AsyncIterator[Bench]:
    """`url`: a fresh migrated database."""
    folder = Path(tempfile.mkdtemp(prefix="gbcrash"))
    clock, town = TownClock(folder / "clock"), quarters(accounts)
    await found(url, quarters(max(accounts, EVERYWHERE)), clock())
    db = None if url.startswith("sqlite") else await Database.open(url)
    try:
        async with Platform(clock) as platform, Zygote.open(folder, await _places(url)) as zygote:
            people = People(platform, town, random.Random(seed))
            bench = Bench(folder, url, clock, town, platform, people, zygote, db)
            try:
                yield bench
            except Exception as error:
                for life in zygote.lives[-2:]:
                    error.add_note(f"{life.name} (alive: {life.alive}) said last: {life.said()[-4:]}")
                raise
            for life in bench.lives:
                await life.kill()
    finally:
        if db is not None:
            await db.close()
        shutil.rmtree(folder, ignore_errors=True)


async def _places(url: str) -> set[str]:
    db = await Database.open(url)
    try:
        return set((await db.read(Book().refresh)).places())
    finally:
        await db.close()
