"""What is due, and when something is due next: for who moves a clock by hand (replay, tests) instead of waiting."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BindParameter, Connection, Table, bindparam, exists, func, select

from storage.schema import case, inbox, outbox

_QUEUES: tuple[Table, ...] = (inbox, outbox)
# Built once: what a statement costs is mostly its building, and a replay asks these after every message.
_at: BindParameter[datetime] = bindparam("now")
_due = [exists().where(queue.c.state == "pending", queue.c.due_at <= _at) for queue in _QUEUES]
_WAITING = select(*_due, exists().where(case.c.next_tick_at <= _at))
_next = [select(func.min(queue.c.due_at)).where(queue.c.state == "pending", queue.c.due_at > _at) for queue in _QUEUES]
_next_tick = select(func.min(case.c.next_tick_at)).where(case.c.next_tick_at > _at)
_UPCOMING = select(*(query.scalar_subquery() for query in (*_next, _next_tick)))
_FAILED = [select(queue.c.reason).where(queue.c.failures > 0).order_by(queue.c.id) for queue in _QUEUES]


class Waiting(NamedTuple):
    """Whether a row of the inbox, a row of the outbox and a case's clock are due."""

    said: bool
    told: bool
    ticks: bool


def waiting(conn: Connection, now: datetime) -> Waiting:
    return Waiting(*map(bool, conn.execute(_WAITING, {"now": now}).one()))


def upcoming(conn: Connection, now: datetime) -> tuple[datetime | None, datetime | None]:
    """When, after now, the next row of either queue is due, and when the next clock is; None: never."""
    said, told, ticks = conn.execute(_UPCOMING, {"now": now}).one()
    return _earliest((said, told)), ticks


def _earliest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def failures(conn: Connection) -> list[str]:
    """Why rows of either queue have failed."""
    return [str(reason) for failed in _FAILED for reason in conn.execute(failed).scalars()]


def about(conn: Connection) -> dict[tuple[int, datetime], tuple[str, int | None]]:
    """Of every post its kind and its case, by id and moment: for a replay, which ends with a few of them."""
    posts = select(outbox.c.id, outbox.c.created_at, outbox.c.kind, outbox.c.case_id)
    return {(id_, at): (kind, case_id) for id_, at, kind, case_id in conn.execute(posts)}


def was_told(conn: Connection, chat_id: int, case_id: int) -> bool:
    """Whether anything about the case was ever put for this chat."""
    told = select(outbox.c.id).where(outbox.c.chat_id == chat_id, outbox.c.case_id == case_id).limit(1)
    return conn.execute(told).first() is not None
