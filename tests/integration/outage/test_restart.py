"""A program that was killed, and the next one: what the dead had claimed does not wait for its leases."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from bot.__main__ import main
from bot.app import App
from bot.config import build
from bot.flow.rules import Rules
from storage import leases
from storage.engine import Database
from storage.presence import is_served, serving
from storage.schema import inbox as inbox_table
from storage.schema import outbox as outbox_table
from tests.integration.cli.command import environment
from tests.integration.outage.town import eventually
from tests.storage.seeds import ACCOUNT

CHANNELS = {"webchat": {"main": {"secret": "0123456789abcdef" * 2}}}
HOUR = timedelta(hours=1)


# A process that serves a database, has claimed an account and a message for an hour, and is sending a post.
BUSY = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
from bot.flow import codec
from storage import inbox, leases, outbox
from storage.engine import Database
from storage.presence import serving
from tests.fakes.paper import PaperChannel
from tests.storage.seeds import ACCOUNT, a_chat, message, post

def take(conn):
    now, hour = datetime.now(UTC), timedelta(hours=1)
    said = codec.dump(PaperChannel(ACCOUNT).say("g1", "u1", "路灯"))
    inbox.put(conn, [message(a_chat(conn), "claimed", body=said, due_at=now)])
    outbox.put(conn, [post("claimed", due_at=now, kind="thanks")], now)
    assert inbox.claim(conn, now, limit=1, lease=hour)
    rows = outbox.claim(conn, now, accounts=[ACCOUNT], limit=1, lease=hour).rows
    assert rows
    outbox.begin(conn, rows, now)
    assert leases.acquire(conn, f"account:{ACCOUNT}", "busy", now, hour)

async def main():
    database = await Database.open(sys.argv[1])
    async with serving(database):
        await database.run(take)
        print("busy", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@asynccontextmanager
async def busy(url: str) -> AsyncIterator[None]:
    """It is killed at the end."""
    command = [sys.executable, "-c", BUSY, url]
    process = await asyncio.create_subprocess_exec(*command, env=environment(), stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"busy\n"
        yield
    finally:
        process.kill()
        await process.wait()


def states(conn: Connection) -> tuple[str, int]:
    handled = conn.execute(select(inbox_table.c.state)).scalar_one()
    return handled, conn.execute(select(outbox_table.c.unknowns)).scalar_one()


def holder(conn: Connection) -> str | None:
    return leases.holder(conn, f"account:{ACCOUNT}", datetime.now(UTC))


def empty(folder: Path) -> None:
    for path in folder.glob("gridbridge.db*"):
        if path.suffix != ".lock":
            path.unlink()


@pytest.mark.crash
async def test_the_next_one_goes_on_at_once_and_a_second_one_frees_nothing(
    tmp_path: Path, sqlite_url: str, rules: Rules
) -> None:
    """Killed with its account, a message and a post in its hands, which it would have kept for an hour.

    The post is in doubt, and so goes once more: the web chat knows what it has had.
    """
    config = build({"data_dir": str(tmp_path), "web": {"port": 0}, "channels": CHANNELS}, tmp_path)
    db = await Database.open(sqlite_url)
    async with busy(sqlite_url):
        async with App.open(config, rules=rules):  # beside the living
            assert (await db.read(states), await db.read(holder)) == (("pending", 0), "busy")
        assert is_served(tmp_path / "gridbridge.db")
    assert not is_served(tmp_path / "gridbridge.db")
    begun, stop = time.monotonic(), asyncio.Event()
    async with App.open(config, rules=rules) as app:
        assert is_served(tmp_path / "gridbridge.db")
        serve = asyncio.create_task(app.serve(stop))

        async def done() -> bool:
            return await db.read(states) == ("done", 1) and await db.read(holder) not in {None, "busy"}

        try:
            await eventually(done, 10)
            assert time.monotonic() - begun < 5
        finally:
            stop.set()
            await serve
    await db.close()


async def test_whoever_serves_is_never_taken_for_dead(sqlite_url: str) -> None:
    """Many start and end at any moments: nobody frees what another, who lives, has taken."""
    alone = 0

    async def one(name: str) -> None:
        nonlocal alone
        await asyncio.sleep(random.uniform(0, 0.1))
        db = await Database.open(sqlite_url)
        async with serving(db) as nobody_else:
            alone += nobody_else
            await db.run(lambda conn: leases.acquire(conn, name, name, datetime.now(UTC), HOUR))
            await asyncio.sleep(random.uniform(0, 0.05))
            assert await db.read(lambda conn: leases.holder(conn, name, datetime.now(UTC))) == name
            await db.close()

    for turn in range(3):
        await asyncio.gather(*(one(f"{turn}:{number}") for number in range(8)))
    assert alone >= 3


async def test_restore_sees_a_program_that_has_no_port(
    tmp_path: Path, sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its files were moved away under it, so the place looks empty; the lock was not."""
    file = tmp_path / "gridbridge.db"
    (tmp_path / "config.toml").write_text('data_dir = "."\n[web]\nport = 0\n', encoding="utf-8")
    db = await Database.open(sqlite_url)
    async with serving(db):
        empty(tmp_path)
        assert is_served(file)
        command = ["restore", "none.tar.gz", "--config", str(tmp_path / "config.toml")]
        assert await asyncio.to_thread(main, command) == 1
        assert "请先停下再恢复" in capsys.readouterr().err
        await db.close()
    assert not is_served(file)


@pytest.mark.parametrize("address", ["sqlite:///{}", "sqlite:///{}?timeout=3", "sqlite:///file:{}?mode=rw&uri=true"])
async def test_the_lock_lies_beside_the_file_however_it_is_addressed(
    tmp_path: Path, sqlite_url: str, address: str
) -> None:
    file = tmp_path / "gridbridge.db"
    db = await Database.open(address.format(file))
    async with serving(db) as alone:
        assert (alone, is_served(file)) == (True, True)
        await db.close()


async def test_several_machines_share_a_postgresql(postgres_url: str) -> None:
    """Nobody can tell who lives there: leases run out."""
    db = await Database.open(postgres_url)
    async with serving(db) as alone:
        assert not alone
        await db.close()
