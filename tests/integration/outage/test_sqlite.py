"""What can happen to a SQLite file under a running program: it says so, loses nothing and goes on by itself."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, update

from bot import monitor
from bot.app import App
from bot.config import build
from bot.errors import ConfigError
from bot.flow.rules import Rules
from storage.engine import Database
from storage.errors import Unavailable
from storage.schema import meta
from tests.integration.outage import disk
from tests.integration.outage.town import REPORT, Town, eventually, kept, outage, settled, town

pytestmark = pytest.mark.usefixtures("impatient")
SECOND = "6号楼的下水道堵了，污水往外冒"


async def test_another_program_locks_it(
    tmp_path: Path, town_url: str, rules: Rules, caplog: pytest.LogCaptureFixture
) -> None:
    async with town(town_url, tmp_path, rules) as city:
        with outage(caplog), closing(sqlite3.connect(tmp_path / "gridbridge.db", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            city.say(REPORT)
            await kept(city)
            await city.unfit("别的程序占着它")
            other.execute("ROLLBACK")
            await city.has_cases(1, 3)
            await eventually(city.ready, 6)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    with disk.small(folder, 4) as mounted:
        if not mounted:
            pytest.skip("no right to mount a small disk")
        yield


@contextmanager
def quota() -> Iterator[None]:
    """No file of this process may grow: the same kind of trouble, and needs no rights to be made."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


async def waits_for_room(
    city: Town, caplog: pytest.LogCaptureFixture, full: AbstractContextManager[None], words: str
) -> None:
    with outage(caplog):
        with full:
            city.say(REPORT)
            await city.unfit(words)
            await city.channel.hear(city.channel.say("g2", "u2", "今天的白菜真新鲜"))  # dropped: it proves nothing
            assert not await city.ready()
            await kept(city)
        await city.has_cases(1, 3)
        await eventually(city.ready, 6)


async def test_a_full_disk(tmp_path: Path, rules: Rules, caplog: pytest.LogCaptureFixture) -> None:
    url = f"sqlite:///{tmp_path}/gridbridge.db"
    with small_disk(tmp_path):
        await settled(url)
        async with town(url, tmp_path, rules) as city:
            await waits_for_room(city, caplog, disk.filled(tmp_path), "磁盘满了，请先腾出空间")


async def test_what_fills_the_disk_may_be_our_own_log(tmp_path: Path) -> None:
    """The write-ahead log has grown as large as the disk lets it; it is folded in, and the next try succeeds."""
    with small_disk(tmp_path):
        db = await Database.open(f"sqlite:///{tmp_path}/gridbridge.db")
        for key in "ka":
            await db.run(lambda conn, key=key: conn.execute(insert(meta).values(key=key, value="0" * 100_000)))  # type: ignore[misc]
        await db.run(lambda conn: conn.execute(delete(meta).where(meta.c.key == "a")))  # the file has room to spare
        await db.checkpoint()
        refused = 0
        for number in range(80):
            change = update(meta).where(meta.c.key == "k").values(value=str(number % 10) * 100_000)
            try:
                await db.run(lambda conn, change=change: conn.execute(change))  # type: ignore[misc]
            except Unavailable:
                refused += 1
                await db.run(lambda conn, change=change: conn.execute(change))  # type: ignore[misc]
        await db.close()
    assert refused, "the disk was never full"


async def test_a_quota(tmp_path: Path, town_url: str, rules: Rules, caplog: pytest.LogCaptureFixture) -> None:
    async with town(town_url, tmp_path, rules) as city:
        await waits_for_room(city, caplog, quota(), "磁盘可能满了")


async def test_the_data_folder_is_gone(tmp_path: Path, rules: Rules, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is written into files that nobody would find again; put back, it goes on."""
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    data.mkdir()
    await settled(f"sqlite:///{data}/gridbridge.db")
    async with town(f"sqlite:///{data}/gridbridge.db", data, rules) as city:
        with outage(caplog):
            data.rename(elsewhere)
            city.say(REPORT)
            await kept(city)
            await city.unfit("文件不见了，请放回原处")
            _, checks = await city.page("readyz")
            assert (checks["disk"]["value"], checks["disk"]["warn"]) == ("gone", True)
            assert (await city.app.monitor.snapshot()).disk is None
            elsewhere.rename(data)
            await city.has_cases(1, 3)
            await eventually(city.ready, 6)


async def test_another_file_takes_its_place(tmp_path: Path, town_url: str, rules: Rules) -> None:
    """A backup put there by hand under a running program: it must be started again, and says so."""
    file = tmp_path / "gridbridge.db"
    async with town(town_url, tmp_path, rules) as city:
        file.rename(tmp_path / "old.db")
        file.write_bytes((tmp_path / "old.db").read_bytes())
        city.say(REPORT)
        await kept(city)
        await city.unfit("被换掉了，请重新启动")
        (tmp_path / "old.db").rename(file)
        await city.has_cases(1, 6)


async def test_a_reader_lets_the_log_grow(
    tmp_path: Path, town_url: str, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A warning that says what to do, and no more than that; when the reader is gone, the log is folded in."""
    monkeypatch.setattr(monitor, "MUCH_LOG", 2**14)
    async with town(town_url, tmp_path, rules) as city:
        with closing(sqlite3.connect(tmp_path / "gridbridge.db", isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM cases").fetchone()
            city.say(REPORT)
            await city.has_cases(1)
            city.say(SECOND)
            await city.has_cases(2)

            async def warned() -> bool:
                status, checks = await city.page("readyz")
                log = checks["wal"]
                return status == 200 and log.get("warn", False) and "一直在读数据库，请关掉它" in log["detail"]

            await eventually(warned)
        await city.app.parts.wipe()

        async def over() -> bool:
            return "warn" not in (await city.page("readyz"))[1]["wal"]

        await eventually(over)


async def test_a_disk_that_can_only_be_read_is_a_refusal_at_the_start(tmp_path: Path, rules: Rules) -> None:
    """Until the disk is mounted as it should be, whoever starts the program again and again reads why."""
    url = f"sqlite:///{tmp_path}/gridbridge.db"
    with small_disk(tmp_path):
        await settled(url)
        disk.mount(tmp_path, "remount,ro")
        with pytest.raises(ConfigError, match=r"\[database\] url：数据库打不开，.*看磁盘是不是只读"):
            async with App.open(build({"data_dir": str(tmp_path), "database": {"url": url}}, tmp_path), rules=rules):
                pass
