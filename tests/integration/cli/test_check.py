"""gridbridge check: each fault is found and named, nothing is changed by looking."""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import Connection

from bot.cli.checks import content, places, watching
from bot.cli.checks.finding import Level
from bot.config import Config, WebConfig, build
from bot.web import health, metrics
from bot.web.server import WebServer
from bot.web.visitors import Visitors
from storage import directory, people
from storage.engine import Database
from tests.integration.cli.command import Run
from tests.integration.web.test_visitors import Sample, own_address

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
SECRET = "0123456789abcdef" * 2
GOOD = f"""
[web]
port = 0
public_url = "https://wangge.example.org"
[city]
emergency_phones = ["值班室 12345"]
[office]
workdays = [2027-02-07, 2028-02-05]
[channels.webchat.main]
secret = "{SECRET}"
"""


def check(run: Run, folder: Path, text: str) -> tuple[int, dict[str, Any]]:
    """Exit status and the findings by name; a name found twice keeps the worst."""
    (folder / "config.toml").write_text(text, encoding="utf-8")
    ended = run("check", "--json")
    assert ended.err == ""
    rank = ["ok", "warn", "fail"]
    found: dict[str, Any] = {}
    for finding in json.loads(ended.out):
        if rank.index(finding["level"]) >= rank.index(found.get(finding["name"], {"level": "ok"})["level"]):
            found[finding["name"]] = finding
    return ended.status, found


def test_a_good_configuration_passes_and_leaves_no_trace(gridbridge: Run, tmp_path: Path) -> None:
    """No database, no folder and no file is made by checking."""
    (tmp_path / "config.toml").write_text(GOOD, encoding="utf-8")
    ended = gridbridge("check")
    assert ended.status == 0, ended.out
    assert "✗" not in ended.out
    assert ended.out.count("✓") >= 7
    assert SECRET not in ended.out
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


@pytest.mark.parametrize(
    ("change", "name", "words"),
    [
        (("port = 0", "prot = 0"), "配置文件", ("[web] prot", "port")),
        ((f'secret = "{SECRET}"', 'secret = "change-me"'), "渠道 webchat:main", ("占位",)),
        ((f'secret = "{SECRET}"', 'secret = "env:NOT_SET_ANYWHERE"'), "渠道 webchat:main", ("NOT_SET_ANYWHERE",)),
        (("[channels.webchat.main]", "[channels.wbchat.main]"), "渠道 wbchat:main", ("没有这个渠道", "webchat")),
        (("[city]", '[classifier]\nrules = "nowhere"\n[city]'), "分类规则", ("nowhere",)),
        (("[city]", "[clocks]\nroundz = 1\n[city]"), "办理时限", ("roundz",)),
        (("[city]", '[database]\nurl = "postgresql://u:pass77@127.0.0.1:1/none"\n[city]'), "数据库", ("打不开",)),
    ],
)
def test_each_fault_is_found(
    quickly: Run, tmp_path: Path, change: tuple[str, str], name: str, words: tuple[str, ...]
) -> None:
    status, found = check(quickly, tmp_path, GOOD.replace(*change))
    assert status == 1
    assert found[name]["level"] == "fail"
    assert found[name]["remedy"]
    assert all(word in found[name]["text"] + found[name]["remedy"] for word in words)
    assert "pass77" not in str(found)


def test_a_busy_port_is_found(quickly: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        status, found = check(quickly, tmp_path, GOOD.replace("port = 0", f"port = {port}"))
    assert (status, found["网页端口"]["level"]) == (1, "fail")
    assert str(port) in found["网页端口"]["text"]


def test_what_is_only_doubtful_does_not_fail(quickly: Run, tmp_path: Path) -> None:
    """No duty phones, no public address, a secret others can read: said, but it runs."""
    (tmp_path / "s").write_text(SECRET, encoding="utf-8")
    (tmp_path / "s").chmod(0o644)
    text = GOOD.replace('["值班室 12345"]', "[]").replace("https://wangge.example.org", "")
    status, found = check(quickly, tmp_path, text.replace(f'secret = "{SECRET}"', 'secret_file = "s"'))
    assert status == 0
    assert {name for name, finding in found.items() if finding["level"] == "warn"} == {
        "值班电话",
        "对外网址",
        "密钥文件",
    }


async def test_a_database_is_looked_at_without_changing_it(quickly: Run, tmp_path: Path) -> None:
    """An empty file could be migrated but is not; a current database is fine; a newer one is refused."""
    file = tmp_path / "data" / "gridbridge.db"
    file.parent.mkdir()
    sqlite3.connect(file).close()
    status, found = check(quickly, tmp_path, GOOD)
    assert (status, found["数据库"]["level"]) == (0, "ok")
    assert tables(file) == set()
    await (await Database.open(f"sqlite:///{file}")).close()
    status, found = check(quickly, tmp_path, GOOD)
    assert (status, found["数据库"]["level"]) == (0, "ok")
    with sqlite3.connect(file) as conn:
        conn.execute("UPDATE alembic_version SET version_num = 'future'")
        conn.execute("UPDATE meta SET value = 'future' WHERE key = 'oldest_code'")
    conn.close()
    status, found = check(quickly, tmp_path, GOOD)
    assert (status, found["数据库"]["level"]) == (1, "fail")
    assert "升级" in found["数据库"]["remedy"]


def tables(file: Path) -> set[str]:
    conn = sqlite3.connect(file)
    try:
        return {name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    finally:
        conn.close()


def test_a_file_that_is_no_database_is_found(quickly: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "gridbridge.db").write_bytes(b"no database at all, only words" * 100)
    status, found = check(quickly, tmp_path, GOOD)
    assert (status, found["数据库"]["level"]) == (1, "fail")


def test_a_data_folder_that_is_a_file_is_found(quickly: Run, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way", encoding="utf-8")
    status, found = check(quickly, tmp_path, GOOD)
    assert (status, found["数据目录"]["level"]) == (1, "fail")


async def _town(file: Path, *, outside: bool) -> None:
    """A grid whose leader is its confidant; `outside`: the town has one besides."""

    def fill(conn: Connection) -> None:
        town = directory.add_area(conn, code="T", name="青云镇", level="town", parent_id=None)
        grid = directory.add_area(conn, code="G", name="东关一网格", level="grid", parent_id=town)
        leader = people.add_person(conn, name="何专人", now=NOW)
        people.grant(conn, leader, "confidant", area_id=town)
        people.grant(conn, leader, "grid_leader", area_id=grid)
        if outside:
            people.grant(conn, people.add_person(conn, name="高专人", now=NOW), "confidant", area_id=town)

    db = await Database.open(f"sqlite:///{file}")
    await db.run(fill)
    await db.close()


@pytest.mark.parametrize("outside", [True, False])
def test_a_complaint_must_have_somebody_who_hears_it(quickly: Run, tmp_path: Path, outside: bool) -> None:
    """A grid whose only confidant works in it is named; with one outside of it nothing is said."""
    file = tmp_path / "data" / "gridbridge.db"
    file.parent.mkdir()
    asyncio.run(_town(file, outside=outside))
    status, found = check(quickly, tmp_path, GOOD)
    assert status == 0
    assert ("专人" in found) is not outside
    if not outside:
        assert (found["专人"]["level"], "东关一网格" in found["专人"]["text"]) == ("warn", True)


def test_a_postgresql_database_is_looked_at(quickly: Run, tmp_path: Path, database_url: str) -> None:
    """The same on both databases; the fixture gives a fresh one."""
    status, found = check(quickly, tmp_path, GOOD.replace("[city]", f'[database]\nurl = "{database_url}"\n[city]'))
    assert (status, found["数据库"]["level"]) == (0, "ok"), found["数据库"]


async def test_a_running_gridbridge_on_the_port_is_no_fault() -> None:
    """It is recognised by what /healthz answers."""

    class Fine:
        def alive(self) -> list[health.Check]:
            return []

        async def ready(self) -> list[health.Check]:
            return []

    server = WebServer(health.routes(Fine()), "127.0.0.1", 0)
    port = await server.start()
    config = Config(web=WebConfig(port=port))
    running = await asyncio.to_thread(places.running, config)
    [finding] = places.port(config, ours=running)
    await server.stop()
    assert finding.level is Level.OK
    assert "已有网格桥" in finding.text


@pytest.mark.parametrize(
    ("lines", "level", "words"),
    [
        ("", "ok", "只给本机"),
        ('metrics = "off"', "ok", "不提供"),
        ('metrics = "token"\nmetrics_token = "0123456789abcdef"', "ok", "要口令"),
        ('host = "0.0.0.0"\npublic_url = ""\nmetrics = "token"\nmetrics_token = "0123456789abcdef"', "warn", "不加密"),
    ],
)
def test_who_sees_the_figures_is_said(quickly: Run, tmp_path: Path, lines: str, level: str, words: str) -> None:
    """A token that crosses the network in the clear is a warning."""
    kept = GOOD if "public_url" not in lines else GOOD.replace('public_url = "https://wangge.example.org"\n', "")
    status, found = check(quickly, tmp_path, kept.replace("port = 0", f"port = 0\n{lines}"))
    assert (status, found["监控数据"]["level"]) == (0, level)
    assert words in found["监控数据"]["text"]
    assert "0123456789abcdef" not in found["监控数据"]["text"]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('metrics = "everybody"', ("[web] metrics", "local", "token", "off")),
        ('metrics = "token"', ("[web] metrics_token", "metrics_token_file")),
        ('metrics = "token"\nmetrics_token = "short"', ("[web] metrics_token", "openssl")),
        ('metrics = "token"\nmetrics_token = "changeme"', ("[web] metrics_token", "占位")),
        ("health_port = 70000", ("[web] health_port", "65535")),
    ],
)
def test_a_wrong_access_is_refused(quickly: Run, tmp_path: Path, lines: str, words: tuple[str, ...]) -> None:
    status, found = check(quickly, tmp_path, GOOD.replace("port = 0", f"port = 0\n{lines}"))
    assert status == 1
    assert all(word in found["配置文件"]["text"] + found["配置文件"]["remedy"] for word in words)


def test_the_port_of_a_process_without_pages_is_looked_at(quickly: Run, tmp_path: Path) -> None:
    """Where it has one; the port of the pages is not its concern."""
    alone = f'only = ["dispatch"]\n{GOOD}'
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))  # taken, but nobody listens: whoever asks is refused at once
        port = busy.getsockname()[1]
        status, found = check(quickly, tmp_path, alone.replace("port = 0", f"port = {port}"))
        assert (status, "网页端口" in found, "监控数据" in found) == (0, False, False)
        status, found = check(quickly, tmp_path, alone.replace("port = 0", f"port = 0\nhealth_port = {port}"))
    assert (status, found["网页端口"]["level"]) == (1, "fail")


@pytest.mark.parametrize(("everybody", "level"), [(True, Level.FAIL), (False, Level.OK)])
async def test_figures_that_are_seen_from_outside_are_a_fault(everybody: bool, level: Level) -> None:
    """The address of the network stands for outside: what answers there is what a stranger sees."""
    seen = metrics.routes(Sample(), Visitors()) if not everybody else [web.get("/metrics", _bare)]
    server = WebServer([*health.routes(Sample()), *seen], "0.0.0.0", 0)
    port = await server.start()
    settings = WebConfig(host="0.0.0.0", port=port, public_url=f"http://{own_address()}:{port}")
    [finding] = await asyncio.to_thread(lambda: list(watching.figures(Config(web=settings), running=True)))
    await server.stop()
    assert finding.level is level, finding


async def _bare(request: web.Request) -> web.Response:
    return web.Response(text="# HELP gridbridge_ready x\n")


def test_the_calendar_knows_a_year_by_the_library_or_by_the_local_table() -> None:
    """2025's make-up days are published; 2100's are not, until somebody writes them down."""
    empty = build({}, Path())
    assert content.knows_year(empty.office, 2025)
    assert not content.knows_year(empty.office, 2100)
    from datetime import date

    local = build({"office": {"workdays": [date(2100, 2, 6)]}}, Path())
    assert content.knows_year(local.office, 2100)
