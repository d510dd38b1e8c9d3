"""How full the queues are and how the cases stand: numbers for an operator, without a chat, a person or a case.

`queues` looks at pending rows alone. `counts` reads an index of all cases and passes over the settled rows of both
queues, which takes a quarter of a second in a city after a year: whoever asks often keeps the answer for a while.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select, text
from sqlalchemy import case as either

from storage import dead_letters
from storage.claim import pending
from storage.outbox import PACED
from storage.samefile import file_of
from storage.schema import case, inbox, outbox


@dataclass(frozen=True, slots=True)
class Backlog:
    """Posts of one account and priority that wait in one way.

    `since`: when the first of them is due; of those that were tried in vain, when the first was written, because every
    try moves when it is due.
    """

    account: str
    priority: int
    state: str  # due | retrying | held
    posts: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Queues:
    """`waiting`: rows of the inbox that are due, those in work included; `since`: when the first became so."""

    waiting: int
    since: datetime | None
    outbox: tuple[Backlog, ...]


@dataclass(frozen=True, slots=True)
class Unaccepted:
    """Cases whose clock to accept runs; `reminders`: how many of its slots have passed."""

    category: str
    urgency: str
    reminders: int
    cases: int


@dataclass(frozen=True, slots=True)
class Counts:
    """`dead`: rows that were given up, by queue and state. `overdue`: cases by clock. `size`: bytes of the files."""

    states: Mapping[str, int]
    perhapses: int
    overdue: Mapping[str, int]
    unaccepted: tuple[Unaccepted, ...]
    dead: Mapping[tuple[str, str], int]
    size: Mapping[str, int]


def queues(conn: Connection, now: datetime) -> Queues:
    due = select(func.count(), func.min(inbox.c.due_at)).where(pending(inbox), inbox.c.due_at <= now)
    waiting, since = conn.execute(due).one()
    return Queues(waiting, since, tuple(Backlog(*row) for row in conn.execute(_backlogs(now))))


def _backlogs(now: datetime) -> Select[Any]:
    in_vain = and_(outbox.c.reason.is_not(None), outbox.c.reason != PACED)
    state = either((in_vain, "retrying"), (outbox.c.due_at <= now, "due"), else_="held")
    since = either((in_vain, outbox.c.created_at), else_=outbox.c.due_at)
    named = (outbox.c.account, outbox.c.priority, state.label("state"), since.label("since"))
    posts = select(*named).where(pending(outbox)).subquery()
    by = (posts.c.account, posts.c.priority, posts.c.state)
    return select(*by, func.count(), func.min(posts.c.since)).group_by(*by).order_by(*by)


# What a clock runs for is found by the index of the next tick, which has no rows of cases that are over.
_TICKING = and_(case.c.next_tick_at.is_not(None), case.c.paused_at.is_(None))


def counts(conn: Connection, now: datetime) -> Counts:
    overdue = select(case.c.clock, func.count()).where(_TICKING, case.c.due_at < now).group_by(case.c.clock)
    perhaps = select(func.count()).where(case.c.state == "reported", case.c.clock.is_(None))
    by = (case.c.category, case.c.urgency, case.c.reminders)
    unaccepted = select(*by, func.count()).where(_TICKING, case.c.clock == "accept").group_by(*by)
    return Counts(
        states=_numbers(conn, select(case.c.state, func.count()).group_by(case.c.state)),
        perhapses=conn.execute(perhaps).scalar_one(),
        overdue=_numbers(conn, overdue),
        unaccepted=tuple(Unaccepted(*row) for row in conn.execute(unaccepted)),
        dead=dead_letters.by_state(conn),
        size=dict(_size(conn)),
    )


def _numbers(conn: Connection, counted: Select[Any]) -> dict[str, int]:
    return {row[0]: row[1] for row in conn.execute(counted)}


def _size(conn: Connection) -> Iterator[tuple[str, int]]:
    if conn.dialect.name == "postgresql":
        yield "main", conn.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        return
    file = file_of(conn)
    if file is not None:
        yield "main", _bytes(file)
        yield "wal", _bytes(_log_of(file))


def log_size(conn: Connection) -> int:
    """Bytes of SQLite's write-ahead log: folded into the file every minute, unless somebody reads all the time."""
    file = file_of(conn)
    return 0 if file is None else _bytes(_log_of(file))


def _log_of(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


def _bytes(file: Path) -> int:
    """The log goes and comes again while one looks."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
