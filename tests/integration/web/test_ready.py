"""/readyz and /healthz of a process: what makes it pass for unfit, and what is only said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import monitor as monitor_module
from bot.assembly import rules_of
from bot.config import PARTS, Config
from bot.flow.rules import Rules
from bot.monitor import Monitor
from bot.ports import ChannelState, Status
from bot.web.health import Check
from storage import inbox
from storage.engine import Database
from tests.fakes.paper import START, PaperChannel
from tests.integration.flow.bench import Bench
from tests.integration.flow.desk_of_one import Cable, a_post, put
from tests.storage.seeds import message

FIRST_GROUP = 1
FAILED = Status(ChannelState.FAILED, "口令过期")


@pytest.fixture(scope="module")
def rules() -> Rules:
    return rules_of(Config())


@pytest.fixture
async def bench(sqlite_url: str, tmp_path: Path, rules: Rules) -> AsyncIterator[Bench]:
    db = await Database.open(sqlite_url)
    yield await Bench.open(Cable(db), tmp_path, rules)
    await db.close()


def watching(bench: Bench, *channels: PaperChannel, only: tuple[str, ...] = PARTS) -> Monitor:
    """Of a process that works."""
    monitor = Monitor(bench.parts, {one.account: one for one in channels or (bench.channel,)}, only, fresh=0)
    monitor.begin(asyncio.Event())
    return monitor


async def checks(monitor: Monitor) -> dict[str, Check]:
    return {check.name: check for check in await monitor.ready()}


async def fit(monitor: Monitor) -> bool:
    return all(check.ok for check in await monitor.ready())


async def warnings(monitor: Monitor) -> list[str]:
    return [check.name for check in await monitor.ready() if check.warn]


async def test_only_a_process_that_works_is_ready(bench: Bench) -> None:
    """Not before it began, not once it was told to stop: nobody should be sent there any more."""
    monitor, stop = Monitor(bench.parts, {}, PARTS, fresh=0), asyncio.Event()
    assert not await fit(monitor)
    monitor.begin(stop)
    assert (await fit(monitor), await warnings(monitor)) == (True, [])
    stop.set()
    assert not await fit(monitor)


async def test_one_broken_account_does_not_take_the_others_out(bench: Bench) -> None:
    """It is said; only where not one is left the process is unfit. Where no channels run it is nobody's concern."""
    one, two = PaperChannel("paper:one"), PaperChannel("paper:two")
    one._status, two._status = FAILED, Status(ChannelState.STOPPED)  # another process holds the second
    monitor = watching(bench, one, two)
    assert (await fit(monitor), await warnings(monitor)) == (True, ["paper:one"])
    assert (await checks(monitor))["paper:one"].detail == "口令过期"
    two._status = FAILED
    assert not await fit(monitor)
    elsewhere = watching(bench, one, two, only=("dispatch", "schedule"))
    assert await fit(elsewhere)
    assert "paper:one" not in await checks(elsewhere)


async def test_a_database_that_is_away_or_cannot_be_written(bench: Bench) -> None:
    """Reading may go on when the disk is full: the loops that write say so. A tick that found it locked does not count."""
    monitor, pulse = watching(bench), bench.parts.pulse
    pulse.fail("tick:wipe", "database locked", away=True)
    assert await fit(monitor)
    pulse.fail("dispatch", "database disk full", away=True)
    found = (await checks(monitor))["database"]
    assert (found.ok, found.detail) == (False, "数据库所在的磁盘满了，请先腾出空间")
    pulse.beat("dispatch")
    assert await fit(monitor)
    assert isinstance(bench.db, Cable)
    bench.db.out = True
    found = (await checks(monitor))["database"]
    assert (found.ok, found.value, "cable pulled" in found.detail) == (False, "away", True)


async def test_a_newer_program_has_changed_the_database(bench: Bench) -> None:
    """As long as it still serves this one, that is said; after that this process must go."""
    monitor = watching(bench)
    await bench.db.run(lambda conn: conn.execute(text("UPDATE alembic_version SET version_num = 'future'")))
    assert (await fit(monitor), await warnings(monitor)) == (True, ["schema"])
    await bench.db.run(lambda conn: conn.execute(text("UPDATE meta SET value = 'future' WHERE key = 'oldest_code'")))
    found = (await checks(monitor))["schema"]
    assert (found.ok, "重新启动" in found.detail) == (False, True)


async def test_a_loop_that_hangs_and_one_that_only_fails(bench: Bench) -> None:
    """Only a restart helps the first, so /healthz says so as well; the clock is such a loop."""
    monitor, pulse = watching(bench), bench.parts.pulse
    pulse.begin("dispatch")
    pulse.fail("dispatch", "ValueError")
    assert (await fit(monitor), await warnings(monitor)) == (True, ["dispatch"])
    assert all(check.ok for check in monitor.alive())
    pulse.begin("tick:reminders", patience=-1)
    assert not await fit(monitor)
    assert [check.name for check in monitor.alive() if not check.ok] == ["tick:reminders"]
    pulse.forget("tick:reminders")
    assert all(check.ok for check in monitor.alive())


async def test_what_waits_too_long_is_said(bench: Bench) -> None:
    """A minute for what was heard, five for results; what is held back on purpose, and a digest, may wait."""
    monitor = watching(bench)
    await bench.db.run(lambda conn: inbox.put(conn, [message(FIRST_GROUP, "k", due_at=START)]))
    await put(bench.db, a_post(FIRST_GROUP, "清单", priority=6, lane="d"), a_post(FIRST_GROUP, "换好了"))
    bench.clock.move(61)
    assert await warnings(monitor) == ["inbox"]
    bench.clock.move(240)
    assert (await fit(monitor), await warnings(monitor)) == (True, ["inbox", "outbox"])
    await bench.deliver()
    assert await warnings(monitor) == ["inbox"]


async def test_a_disk_that_is_nearly_full_is_said(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monitor = watching(bench)
    assert await warnings(monitor) == []
    monkeypatch.setattr(monitor_module, "LITTLE_SPACE", 2**62)
    assert (await fit(monitor), await warnings(monitor)) == (True, ["disk"])
