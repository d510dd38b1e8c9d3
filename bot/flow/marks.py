"""What the outcome of a send leaves behind: in its row, and in the log where nobody tries again by himself."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.flow import retry, stumble
from storage import outbox
from storage.records import OutboxRow

log = logging.getLogger(__name__)


def unmarked(step: retry.Next, error: Exception) -> retry.Next:
    """What is sent, but not marked, waits among the dead letters until it can be; what is not, goes its way."""
    if step.state != "sent":
        return step
    return replace(step, state="unknown", reason=stumble.why(stumble.MARKING, error))


def end(conn: Connection, *, row: OutboxRow, step: retry.Next, now: datetime) -> None:
    if step.due_at is not None:
        outbox.postpone(conn, row, step.due_at, reason=step.reason, own_failure=step.own_failure, unknown=step.unknown)
    elif step.state is not None:
        native_id = step.native_id or row.native_id
        outbox.finish(conn, row, step.state, now, native_id=native_id, reason=step.reason or None)


def tell(row: OutboxRow, step: retry.Next) -> None:
    """What nobody tries again by himself, once."""
    facts = {"outbox": row.id, "kind": row.kind, "why": step.reason}
    if step.state == "dead":
        log.error("post is dead", extra={"action": "post_dead", **facts})
    elif step.state == "unknown":
        log.warning("post in doubt", extra={"action": "post_unknown", **facts})


def put_off(conn: Connection, *, row: OutboxRow, until: datetime) -> None:
    outbox.postpone(conn, row, until, reason=outbox.PACED, own_failure=False)
