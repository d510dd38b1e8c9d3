"""The real program, in this process, around a platform that keeps what it may not take as acknowledged."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select

from bot.app import App
from bot.config import build
from bot.errors import NotAccepted
from bot.flow.rules import Rules
from bot.flow.terms import Terms
from bot.model import Inbound
from bot.ports import Accept, ChannelState
from storage.engine import Database
from storage.schema import case as case_table
from tests.fakes.paper import PaperChannel
from tests.integration.flow.bench import seed

GROUP = "g1"
REPORT = "3号楼前的路灯坏了好几天了，没人修"
QUICK = Terms(account=timedelta(seconds=3), inbox=timedelta(seconds=3), outbox=timedelta(seconds=3))
Checks = dict[str, dict[str, Any]]


class Insistent(PaperChannel):
    """Events stay with the platform until they are accepted, in their order; it tries ten times a second."""

    def __init__(self, account: str) -> None:
        super().__init__(account, clock=lambda: datetime.now(UTC))
        self.kept = deque[Inbound]()
        self.refusals = 0

    async def run(self, accept: Accept, stop: Callable[[], Awaitable[None]]) -> None:
        insisting = asyncio.create_task(self._insist(accept))
        await super().run(accept, stop)
        insisting.cancel()
        await asyncio.gather(insisting, return_exceptions=True)

    async def _insist(self, accept: Accept) -> None:
        while True:
            await asyncio.sleep(0.1)
            while self.kept:
                try:
                    await accept([self.kept[0]])
                except NotAccepted:
                    self.refusals += 1
                    break
                self.kept.popleft()


@dataclass
class Town:
    app: App
    channel: Insistent

    def say(self, text: str) -> None:
        self.channel.kept.append(self.channel.say(GROUP, "u1", text))

    async def page(self, name: str) -> tuple[int, Checks]:
        address = f"http://127.0.0.1:{self.app.port}/{name}"
        async with aiohttp.ClientSession() as session, session.get(address) as answer:
            return answer.status, json.loads(await answer.text())["checks"]

    async def ready(self) -> bool:
        return (await self.page("readyz"))[0] == 200

    async def listens(self) -> bool:
        return self.channel.status.state is ChannelState.UP and await self.ready()

    async def unfit(self, words: str) -> None:
        """Waits until /readyz says in these words that the database is away. The process itself is well meanwhile."""

        async def away() -> bool:
            status, checks = await self.page("readyz")
            database = checks["database"]
            return status == 503 and not database["ok"] and words in database["detail"]

        await eventually(away)
        assert (await self.page("healthz"))[0] == 200

    async def cases(self) -> int:
        count = select(func.count()).select_from(case_table)
        return int(await self.app.parts.db.read(lambda conn: conn.execute(count).scalar_one()))

    async def has_cases(self, number: int, seconds: float = 10) -> None:
        async def there() -> bool:
            return await self.cases() == number

        await eventually(there, seconds)


async def eventually(true: Callable[[], Awaitable[bool]], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not await true():  # noqa: ASYNC110 - what is looked for is no event
            await asyncio.sleep(0.02)


async def settled(url: str) -> None:
    """A database with one grid, its groups and a worker."""
    db = await Database.open(url)
    await db.run(seed)
    await db.close()


@asynccontextmanager
async def town(url: str, folder: Path, rules: Rules, *, terms: Terms = QUICK) -> AsyncIterator[Town]:
    """The database is settled, see above; it listens when it is yielded."""
    table = {
        "data_dir": str(folder),
        "database": {"url": url},
        "web": {"port": 0},
        "channels": {"paper": {"main": {}}},
    }
    channels: list[Insistent] = []

    def paper(account: str, *_: object) -> Insistent:
        channels.append(Insistent(account))
        return channels[-1]

    stop = asyncio.Event()
    async with App.open(build(table, folder), factories={"paper": paper}, rules=rules, terms=terms) as app:
        serving = asyncio.create_task(app.serve(stop))
        made = Town(app, channels[0])
        await eventually(made.listens)
        try:
            yield made
        finally:
            stop.set()
            async with asyncio.timeout(10):
                await serving


@contextmanager
def outage(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Each reason is told once, the end once, and nobody stumbles."""
    caplog.clear()
    yield
    told = [record for record in caplog.records if record.message.startswith("database ")]
    assert [record.message for record in told] == ["database away"] * (len(told) - 1) + ["database back"]
    reasons = [vars(record)["why"] for record in told[:-1]]
    assert reasons
    assert len(set(reasons)) == len(reasons)
    assert [record.message for record in caplog.records if record.exc_info] == []


async def kept(city: Town) -> None:
    """The platform was told twice that its event is not taken."""

    async def refused() -> bool:
        return city.channel.refusals >= 2

    await eventually(refused)
    assert city.channel.kept
