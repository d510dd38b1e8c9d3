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
            assert await city.unfit() in {"数据库连接断了，请看它在不在运行，网络通不通", *_unreachable()}

            async def given_up() -> bool:
                return not city.app.parts.owners["paper:main"].tenure.held

            await eventually(given_up)
            await cable.mend()
            await city.has_cases(1, 4)
            await eventually(city.ready, 6)


def _unreachable() -> set[str]:
    return {"数据库连不上，请看它在不在运行，网络、用户名和密码对不对"}


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
            await city.unfit()
            await kept(city)
            await cable.cut()
            await cable.mend()
            await city.has_cases(1, 4)
            await eventually(city.ready, 6)


async def test_read_only(
    tmp_path: Path, postgres_url: str, pg_server: PostgresServer, rules: Rules, caplog: pytest.LogCaptureFixture
) -> None:
    """Also connections that were made while it was so are made anew: they would stay read-only for ever."""
    name = make_url(postgres_url).database
    await settled(postgres_url)
    async with town(postgres_url, tmp_path, rules) as city:
        with outage(caplog):
            await asyncio.to_thread(
                pg_server.sql, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on', _end(name)
            )
            city.say(REPORT)
            await kept(city)
            words = await city.unfit()
            await asyncio.to_thread(pg_server.sql, f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
            await city.has_cases(1, 6)
            await eventually(city.ready, 6)
        assert "只能读不能写" in words


async def test_restarting(
    tmp_path: Path, postgres_url: str, pg_server: PostgresServer, rules: Rules, caplog: pytest.LogCaptureFixture
) -> None:
    """The server ends all sessions and lets nobody in, as it does while it is restarted."""
    name = make_url(postgres_url).database
    await settled(postgres_url)
    async with town(postgres_url, tmp_path, rules) as city:
        with outage(caplog):
            await asyncio.to_thread(pg_server.sql, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false', _end(name))
            city.say(REPORT)
            await kept(city)
            words = await city.unfit()
            await asyncio.to_thread(pg_server.sql, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
            await city.has_cases(1, 6)
            await eventually(city.ready, 6)
        assert "不让连" in words or "正在重启" in words


def _end(name: str | None) -> str:
    return f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
