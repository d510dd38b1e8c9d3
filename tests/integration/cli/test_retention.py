"""gridbridge retention: the same figures before and after, for the database and for the web chat's history."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from storage.room_log import RoomLog
from storage.schema import case
from tests.databases import in_own_loop
from tests.integration.cli.command import Ended, Run
from tests.integration.cli.office import Office
from tests.integration.flow.desk_of_one import a_case

NOW = datetime.now(UTC)


async def _history(path: Path) -> None:
    """An old message and a new one."""
    rooms = await RoomLog.open(path)
    await rooms.ensure_member("li", "李大娘", staff=False)
    await rooms.ensure_room("g1", title="群", kind="residents", members=["li"], now=NOW)
    for days in (200, 0):
        await rooms.append("g1", "li", {"text": "x"}, now=NOW - timedelta(days=days))
    await rooms.close()


def figures(ended: Ended) -> dict[str, int]:
    assert (ended.status, ended.err) == (0, "")
    return {one["name"]: one["count"] for one in json.loads(ended.out)["forgotten"] if one["count"]}


def test_a_dry_run_says_what_the_run_then_does(quickly: Run, office: Office, tmp_path: Path) -> None:
    """A perhaps of last month and a chat message of last year; the dry run leaves both, the second run finds none."""
    office.do(lambda conn: a_case(conn, text="闲话", reported_at=NOW - timedelta(days=30)))
    in_own_loop(lambda: _history(tmp_path / "webchat.db"))
    before = office.everything()
    expected = {"perhapses": 1, "webchat:main messages": 1}
    assert figures(quickly("retention", "run", "--dry-run", "--json")) == expected
    assert office.everything() == before
    assert figures(quickly("retention", "run", "--json")) == expected
    assert figures(quickly("retention", "run", "--json")) == {}
    assert office.rows(select(case.c.text, case.c.state)) == [("", "withdrawn")]


def test_it_is_said_in_words(quickly: Run, sqlite_office: Office, tmp_path: Path) -> None:
    """A history that nobody has opened yet is not made by looking."""
    sqlite_office.do(lambda conn: a_case(conn, text="闲话", reported_at=NOW - timedelta(days=30)))
    ended = quickly("retention", "run", "--dry-run")
    assert "没人认领的事" in ended.out
    assert "会忘掉 1 项，现在什么都没动" in ended.out
    assert "忘掉了 1 项" in quickly("retention", "run").out
    assert "没有到期的" in quickly("retention", "run").out
    assert not (tmp_path / "webchat.db").exists()


def test_a_window_out_of_range_is_refused(quickly: Run, sqlite_office: Office) -> None:
    sqlite_office.configure("[retention]\ntraffic_days = 1")
    ended = quickly("retention", "run")
    assert (ended.status, len(ended.err.splitlines())) == (2, 1)
    assert "[retention] traffic_days" in ended.err


def test_without_a_database_nothing_is_made(quickly: Run, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("", encoding="utf-8")
    ended = quickly("retention", "run")
    assert (ended.status, len(ended.err.splitlines())) == (2, 1)
    assert "还没有数据库" in ended.err
    assert not (tmp_path / "data").exists()
