"""What the database holds, in numbers. Read in one transaction that changes nothing, not even an old schema."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, make_url

from bot.cli.checks.database import AWAY, undone
from bot.cli.opened import is_there
from bot.cli.report.masks import Accounts, moment, reason
from bot.config import Config
from storage import dead_letters, overview
from storage.migrate import newest, revision

_WAITS = {"inbox": "oldest_in_inbox", "outbox": "oldest_in_outbox"}


def state(config: Config, accounts: Accounts) -> dict[str, Any]:
    url = make_url(config.database.url)
    found: dict[str, Any] = {"kind": url.get_backend_name(), "there": is_there(config), "reachable": False}
    if not found["there"]:
        return found
    try:
        return found | {"reachable": True} | undone(url, lambda conn: _look(conn, accounts), begin="BEGIN")
    except ImportError:
        return found | {"why": "asyncpg is not installed"}
    except AWAY as error:
        return found | {"why": type(getattr(error, "orig", None) or error).__name__}


def _look(conn: Connection, accounts: Accounts) -> dict[str, Any]:
    version, size = overview.server(conn)
    found_at = revision(conn)
    found = {
        "version": version,
        "bytes": size,
        "revision": found_at,
        "newest_revision": newest(),
        "rows": overview.rows(conn),
    }
    return found if found_at != found["newest_revision"] else found | _inside(conn, accounts)


def _inside(conn: Connection, accounts: Accounts) -> dict[str, Any]:
    """Only of a schema this program knows."""
    now = datetime.now(UTC)
    moments = overview.moments(conn)
    return {
        "by_state": overview.counts(conn),
        "dead_letters": {queue: _types(reasons) for queue, reasons in dead_letters.reasons(conn).items()},
        "lag_seconds": {queue: _lag(moments[name], now) for queue, name in _WAITS.items()},
        "moments": {name: moment(at) for name, at in moments.items()},
        "leases": [_lease(accounts, now, *row) for row in overview.leases(conn)],
    }


def _types(reasons: Mapping[str, int]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for text, count in reasons.items():
        found[reason(text)] += count
    return dict(found)


def _lag(oldest: datetime | None, now: datetime) -> float:
    """How long the oldest has waited; what is held back on purpose waits for nothing."""
    return max(0.0, round((now - oldest).total_seconds(), 1)) if oldest else 0.0


def _lease(accounts: Accounts, now: datetime, name: str, holder: str, until: datetime) -> dict[str, Any]:
    host, _, rest = holder.partition(":")
    process = rest.partition(":")[0]
    return {
        "name": accounts.inside(name),
        "held": until > now,
        "until": moment(until),
        "this_machine": host == socket.gethostname(),
        "process": int(process) if process.isascii() and process.isdigit() else None,
    }
