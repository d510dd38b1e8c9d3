"""A PostgreSQL server that is away, stuck, read-only, full of others: said, waited out, nothing lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.flow.rules import Rules
from tests.databases import PostgresServer
from tests.integration.outage.proxy import Cable, cable_to
from tests.integration.outage.town import REPORT, eventually, kept, outage, settled, town


@pytest.fixture
async def cable(postgres_url: str) -> AsyncIterator[Cable]:
    await settled(postgres_url)
    async with cable_to(postgres_url) as made:
        yield made


async def test_away_at_the_start(tmp_path: Path, cable: Cable, rules: Rules, caplog: pytest.LogCaptureFixture) -> None:
    """Waited for, and said once."""
    await cable.cut()
    with outage(caplog):
        opening = asyncio.create_task(_a_case(cable, tmp_path, rules))
        await eventually_told(caplog)
        await cable.mend()
        await opening


async def _a_case(cable: Cable, folder: Path, rules: Rules) -> None:
    async with town(cable.url, folder, rules) as city:
        city.say(REPORT)
        await city.has_cases(1)


async def eventually_told(caplog: pytest.LogCaptureFixture) -> None:
    async def told() -> bool:
        return "database away" in caplog.text

    await eventually(told)


async def test_away_in_the_middle(tmp_path: Path, cable: Cable, rules: Rules, caplog: pytest.LogCaptureFixture) -> None:
    """Longer than the account's lease lasts: it is given up, and had again as soon as the server is back."""
    async with town(cable.url, tmp_path, rules) as city:
        with outage(caplog):
            await cable.cut()
            city.say(REPORT)
            await kept(city)
            await city.unfit("请看它在不在运行")

            async def given_up() -> bool:
                return not city.app.parts.owners["paper:main"].tenure.held

            await eventually(given_up)
            await cable.mend()
            await city.has_cases(1, 4)
            await eventually(city.ready, 6)


async def test_stuck(
    tmp_path: Path, cable: Cable, rules: Rules, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connections stand and nothing moves: no statement waits for an answer longer than it may."""
    monkeypatch.setattr("storage.postgres.ANSWER_SECONDS", 0.5)
    monkeypatch.setattr("storage.postgres.CONNECT_SECONDS", 0.5)
    async with town(cable.url, tmp_path, rules) as city:
        with outage(caplog):
            cable.stick()
            city.say(REPORT)
            await city.unfit("")
            await kept(city)
            await cable.cut()
            await cable.mend()
            await city.has_cases(1, 4)
            await eventually(city.ready, 6)


@pytest.mark.parametrize(
    ("broken", "mended", "words"),
    [
        (
            "ALTER DATABASE {name} SET default_transaction_read_only = on",
            "ALTER DATABASE {name} RESET default_transaction_read_only",
            "只能读不能写",
        ),
        ("ALTER DATABASE {name} ALLOW_CONNECTIONS false", "ALTER DATABASE {name} ALLOW_CONNECTIONS true", "不让连"),
        ("ALTER ROLE {role} CONNECTION LIMIT 0", "ALTER ROLE {role} CONNECTION LIMIT -1", "连接用完了"),
    ],
    ids=["read only", "restarting", "out of connections"],
)
async def test_the_server_refuses(
    tmp_path: Path,
    plain_user: str,
    pg_server: PostgresServer,
    rules: Rules,
    caplog: pytest.LogCaptureFixture,
    broken: str,
    mended: str,
    words: str,
) -> None:
    """It ends all sessions, as at a restart, and new ones are of no use.

    Connections that were made while it could only read are made anew: they would stay like that for ever.
    """
    address = make_url(plain_user)
    names = {"name": f'"{address.database}"', "role": address.username}
    end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{address.database}'"
    async with town(plain_user, tmp_path, rules) as city:
        with outage(caplog):
            await asyncio.to_thread(pg_server.sql, broken.format(**names), end)
            city.say(REPORT)
            await kept(city)
            await city.unfit(words)
            await asyncio.to_thread(pg_server.sql, mended.format(**names))
            await city.has_cases(1, 6)
            await eventually(city.ready, 6)


@pytest.fixture
async def plain_user(postgres_url: str, pg_server: PostgresServer) -> AsyncIterator[str]:
    """The settled database as somebody reaches it who may do no more than the program needs."""
    await settled(postgres_url)
    address = make_url(postgres_url).set(username="gridbridge_plain")
    make = "CREATE ROLE gridbridge_plain LOGIN IN ROLE pg_read_all_data, pg_write_all_data"
    await asyncio.to_thread(pg_server.sql, make)
    yield address.render_as_string(hide_password=False)
    await asyncio.to_thread(pg_server.sql, "DROP ROLE gridbridge_plain")
