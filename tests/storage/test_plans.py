"""Queues are read by index: a claim costs as much with a million finished rows as with none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, event

from storage import cases, directory, inbox, links, outbox
from storage.engine import Database
from tests.storage.seeds import ACCOUNT, LEASE, NOW


def plan(conn: Connection, query: Callable[[Connection], Any]) -> str:
    """How the database would run the last statement of `query`."""
    seen: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        seen.append((statement, parameters))

    event.listen(conn, "before_cursor_execute", note)
    query(conn)
    event.remove(conn, "before_cursor_execute", note)
    statement, parameters = seen[-1]
    explain = "EXPLAIN QUERY PLAN"
    if conn.dialect.name == "postgresql":
        # Tables of tests are so small that reading them whole is cheapest.
        conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN"
    return "\n".join(str(row) for row in conn.exec_driver_sql(f"{explain} {statement}", parameters))


QUERIES: list[tuple[str, Callable[[Connection], Any], list[str]]] = [
    (
        "inbox",
        lambda conn: inbox.claim(conn, NOW, limit=5, lease=LEASE),
        ["ix_inbox_due", "ix_inbox_lane"],
    ),
    (
        "outbox",
        lambda conn: outbox.claim(conn, NOW, accounts=[ACCOUNT], limit=5, lease=LEASE),
        ["ix_outbox_due", "ix_outbox_lane"],
    ),
    ("due", lambda conn: cases.due(conn, NOW, 5), ["ix_cases_next_tick_at"]),
    ("heard", lambda conn: outbox.sent_to(conn, 1, NOW, NOW), ["ix_outbox_chat_id_done_at"]),
    ("quote", lambda conn: links.find(conn, 1, "m"), ["case_link_chat_id"]),
    ("chat", lambda conn: directory.chat_of(conn, ACCOUNT, "g"), ["chat_address_account_native_id"]),
]


@pytest.mark.parametrize(("query", "indexes"), [given[1:] for given in QUERIES], ids=[given[0] for given in QUERIES])
async def test_hot_queries_use_their_index(
    db: Database, query: Callable[[Connection], Any], indexes: list[str]
) -> None:
    """The plan names the index the query was made for."""
    found = await db.run(lambda conn: plan(conn, query))
    for index in indexes:
        named = index if db.dialect == "postgresql" or index.startswith("ix_") else "sqlite_autoindex"
        assert named in found
