"""gridbridge doctor: a report for a stranger. Nothing a person is called, said or can be reached by is in it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Connection, Date, Float, Integer, LargeBinary, SmallInteger, Table, insert

from bot.cli.report import masks
from bot.web import health
from bot.web.server import WebServer
from storage.engine import Database
from storage.schema import metadata
from storage.types import Json, Utc
from tests.integration.cli.command import ROOT, Ended, Run
from tests.integration.cli.test_run import free_port

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
SENTINEL = "哨兵"
PHONE = "13812345678"
# What only our own code writes, out of lists in the code.
VOCABULARY = {
    "state", "kind", "level", "role", "mode", "action", "urgency", "sensitive", "source", "category", "channel",
    "suspended_from", "from_state", "to_state", "clock", "mime", "hash", "slot",
}  # fmt: skip
CONFIG = """
data_dir = "哨兵夹"
[database]
url = "{url}"
[web]
port = {port}
public_url = "https://哨兵.example.org"
[city]
name = "哨兵市"
emergency_phones = ["哨兵值班室 13812345678"]
grades = ["哨兵好", "哨兵差"]
[office]
holidays = [2026-12-01]
[classifier]
rules = "{rules}"
[clocks.kinds.general]
accept = {{ working_days = 3 }}
[channels.webchat."哨兵号"]
secret = "哨兵哨兵哨兵哨兵哨兵哨兵哨兵哨兵哨兵"
history = "哨兵.db"
retention_days = 90
public_url = "https://哨兵.example.org"
[channels.webchat.main]
secret_file = "哨兵.secret"
"""


def words(table: Table, row: int) -> dict[str, Any]:
    """A row in which every free column holds the sentinel and a telephone number."""
    return {column.name: _filler(table, column, row) for column in table.columns if column.name != "id"} | (
        {"id": row} if "id" in table.c else {}
    )


def _filler(table: Table, column: Column[Any], row: int) -> Any:
    by_type: tuple[tuple[Any, Any], ...] = (
        (Utc, NOW + timedelta(minutes=row)),
        (Date, date(2026, 12, row)),
        (Boolean, True),
        ((Integer, SmallInteger, Float), row),
        (LargeBinary, f"{SENTINEL}{PHONE}".encode()),
        (Json, [f"{SENTINEL}{PHONE}"]),
    )
    if column.foreign_keys:
        return 1
    other = next((value for kind, value in by_type if isinstance(column.type, kind)), None)
    if other is not None:
        return other
    if column.name in VOCABULARY:
        return {"state": "dead", "slot": f"1.{row}"}.get(column.name, "x")
    return f"KeyError: {SENTINEL}{PHONE}" if column.name == "reason" else f"{SENTINEL}{PHONE}-{row}"


def fill(conn: Connection) -> None:
    for table in metadata.sorted_tables:
        if table.name != "meta":
            conn.execute(insert(table).values(words(table, 1)))


async def filled(url: str) -> None:
    db = await Database.open(url)
    await db.run(fill)
    await db.close()


@pytest.fixture
def sick(tmp_path: Path, database_url: str) -> int:
    """A configuration and a database full of sentinels, on either database; the port."""
    asyncio.run(filled(database_url))
    (tmp_path / "哨兵.secret").write_text(SENTINEL * 9, encoding="utf-8")
    (tmp_path / "哨兵夹").mkdir()
    with closing(sqlite3.connect(tmp_path / "哨兵夹" / "哨兵.db")) as rooms:
        rooms.execute("CREATE TABLE t (x)")
    port = free_port()
    text = CONFIG.format(url=database_url, port=port, rules=ROOT / "classifiers" / "rules")
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    return port


class Talkative:
    """A program whose health names everything it must not."""

    def alive(self) -> list[health.Check]:
        return [
            health.Check(f"delivery:webchat:{SENTINEL}号", 0.5, ok=True),
            health.Check("dispatch", 0.5, ok=False, detail="KeyError"),
            health.Check("tick:reminders", 0.5, ok=True),
            health.Check("tick:wipe", 0.5, ok=True),
            health.Check(f"{SENTINEL}", 1, ok=True, detail=f"KeyError: {SENTINEL}"),
        ]

    async def ready(self) -> list[health.Check]:
        return [health.Check(f"webchat:{SENTINEL}号", "failed", ok=False, detail=f"打不开 {SENTINEL}{PHONE}")]


def reported(ended: Ended) -> Any:
    assert (ended.status, ended.err) == (0, "")
    return json.loads(ended.out)


async def test_no_word_of_anybody_is_in_the_report(quickly: Run, sick: int) -> None:
    """Every free column of every table, every setting and the running program say the sentinel; the report does not."""
    server = WebServer(health.routes(Talkative()), "127.0.0.1", sick)
    await server.start()
    as_json = await asyncio.to_thread(quickly, "doctor", "--json")
    as_text = await asyncio.to_thread(quickly, "doctor")
    await server.stop()
    for ended in (as_json, as_text):
        assert (ended.status, ended.err) == (0, "")
        for secret in (SENTINEL, PHONE, PHONE[:7], "example.org", "/tmp"):
            assert secret not in ended.out
            assert secret not in json.dumps(ended.out)
    report = json.loads(as_json.out)
    assert report["program"]["answers"] is True
    assert report["program"]["healthz"]["checks"]["dispatch"] == {"value": 0.5, "ok": False, "why": "KeyError"}
    assert {"tick:reminders", "tick:wipe"} <= report["program"]["healthz"]["checks"].keys()
    assert {"value": "failed", "ok": False} in report["program"]["readyz"]["checks"].values()


def test_the_report_tells_how_it_is(quickly: Run, sick: int, database_url: str) -> None:
    """What somebody who helps asks first: versions, what was changed, states, queues, why letters died, leases."""
    report = reported(quickly("doctor", "--json"))
    kind = database_url.partition(":")[0]
    assert report["versions"]["gridbridge"] is not None
    changed = report["config"]["changed"]
    assert changed["webchat:2.retention_days"] == 90
    assert (changed["database.kind"], changed["city.emergency_phones"], changed["clocks"]) == (kind, 1, 1)
    assert changed["office.holidays"] == ["2026-12-01"]
    assert "manners.night_start" not in changed
    database = report["database"]
    assert (database["kind"], database["reachable"]) == (kind, True)
    assert database["version"][0].isdigit()
    assert database["revision"] == database["newest_revision"]
    assert database["bytes"] > 10_000
    assert set(database["rows"]) == set(metadata.tables)
    assert (database["rows"]["cases"], database["by_state"]["inbox"]) == (1, {"dead": 1})
    assert database["dead_letters"] == {"inbox": {"KeyError": 1}, "outbox": {"KeyError": 1}}
    assert database["moments"]["last_received"] == "2026-11-23T02:01:00+00:00"
    assert [(lease["held"], lease["this_machine"]) for lease in database["leases"]] == [(False, False)]
    assert report["program"] == {"answers": False}
    assert report["files"]["free_on_disk"] > 0
    assert report["files"]["history webchat:2"] > 0
    assert report["rules"]["categories"] > 40
    assert {"name": "数据库", "level": "ok"} in report["checks"]
    assert "KeyError" in quickly("doctor").out


@pytest.mark.parametrize(
    ("config", "where"),
    [
        ("[web]\nport = '13812345678'", "[web] port"),
        ("[web]\nprot = '13812345678'", "[web]"),
        ("[city]\nname = 13812345678 哨兵", "line 2"),
        ('"哨兵" = 1', "?"),
        (None, "?"),
    ],
)
def test_a_broken_configuration_is_said_and_the_rest_reported(
    quickly: Run, tmp_path: Path, config: str | None, where: str
) -> None:
    """The place of the mistake, not the mistake: it may be a secret in the wrong line."""
    if config is not None:
        (tmp_path / "config.toml").write_text(config, encoding="utf-8")
    ended = quickly("doctor", "--json")
    report = reported(ended)
    assert report["config"] == {"readable": False, "where": where, "there": config is not None}
    assert report["versions"]["python"].startswith("CPython")
    assert (SENTINEL in ended.out, PHONE in ended.out) == (False, False)


@pytest.mark.parametrize(
    "url", ["postgresql://user:pass77@127.0.0.1:1/none", "sqlite:///broken.db", "sqlite:///new/none.db"]
)
def test_a_database_that_is_away_is_said_and_the_rest_reported(quickly: Run, tmp_path: Path, url: str) -> None:
    (tmp_path / "broken.db").write_bytes(b"no database at all, only words" * 100)
    (tmp_path / "config.toml").write_text(f'[database]\nurl = "{url}"\n[web]\nport = 0', encoding="utf-8")
    ended = quickly("doctor", "--json")
    report = reported(ended)
    assert report["database"]["reachable"] is False
    assert report["database"]["there"] is not url.endswith("none.db") or url.startswith("postgresql")
    assert report["rules"]["categories"] > 40
    assert "pass77" not in ended.out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.db", "config.toml"]


async def test_a_database_of_another_version_is_counted_and_left_alone(quickly: Run, tmp_path: Path) -> None:
    file = tmp_path / "data" / "gridbridge.db"
    file.parent.mkdir()
    await (await Database.open(f"sqlite:///{file}")).close()
    with closing(sqlite3.connect(file)) as conn:
        conn.execute("UPDATE alembic_version SET version_num = 'future'")
        conn.execute("DROP TABLE rating")
        conn.commit()
    before = file.read_bytes()
    (tmp_path / "config.toml").write_text("[web]\nport = 0", encoding="utf-8")
    database = reported(await asyncio.to_thread(quickly, "doctor", "--json"))["database"]
    assert (database["reachable"], database["revision"], "by_state" in database) == (True, "future", False)
    assert ("rating" in database["rows"], "cases" in database["rows"]) == (False, True)
    assert file.read_bytes() == before


def test_it_is_written_for_its_owner_and_never_over_another_file(quickly: Run, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[web]\nport = 0", encoding="utf-8")
    assert quickly("doctor", "report.txt").status == 0
    assert "网格桥的报告" in (tmp_path / "report.txt").read_text(encoding="utf-8")
    assert stat.S_IMODE((tmp_path / "report.txt").stat().st_mode) == 0o600
    for name, word in (("config.toml", "换一个文件名"), ("nowhere/report.txt", "文件不存在")):
        ended = quickly("doctor", name)
        assert (ended.status, word in ended.err, len(ended.err.splitlines())) == (1, True, 1)
    assert (tmp_path / "config.toml").read_text(encoding="utf-8") == "[web]\nport = 0"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("KeyError: '王芳'", "KeyError"),
        ("sqlalchemy.exc.DataError: 王芳", "sqlalchemy.exc.DataError"),
        ("王芳Error: x", masks.OTHER),
        ("没有这个群", masks.OTHER),
        ("发到一半程序停了", "发到一半程序停了"),
        ("办理时出错（KeyError，bot/talk/dialogue.py:57）", "KeyError"),
        ("写不出要发的话（TypeError，bot/flow/draft.py:9）（试了 8 次）", "TypeError"),
        ("办理时出错（王芳Error）", masks.OTHER),
        ("MediaGone", "MediaGone"),
    ],
)
def test_of_a_reason_only_the_type_is_shown(text: str, shown: str) -> None:
    assert masks.reason(text) == shown
