"""Claiming work: the head of each lane, under a lease that expires. The one place where the databases differ.

A lane's head is its oldest pending row; nothing behind it is taken before it is finished, so a lane is worked in order
and by one claimer at a time. A row's `attempts` after the claim is the token with which its outcome is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Interval,
    Row,
    Select,
    Table,
    bindparam,
    func,
    literal_column,
    select,
    update,
)

from storage.types import Utc

NOW: BindParameter[datetime] = bindparam("now", type_=Utc())
LIMIT: BindParameter[int] = bindparam("limit")
_LEASE: BindParameter[timedelta] = bindparam("lease", type_=Interval())
_DATABASE_CLOCK = func.statement_timestamp(type_=Utc())
CLOCKS: Mapping[str, ColumnElement[datetime]] = {"sqlite": NOW, "postgresql": _DATABASE_CLOCK}
"""The clock of leases: PostgreSQL's own, because several machines share it, else the caller's, bound as `now`."""


def pending(row: FromClause) -> ColumnElement[bool]:
    """Written out, not bound: a plan made for any value would not use the index of pending rows."""
    return row.c.state == literal_column("'pending'")


def heads(table: Table, row: FromClause, lane: str) -> Select[Any]:
    """Ids of due lane heads among `row`, an alias of the table. Callers add order, limit and who may be taken."""
    earlier = table.alias("earlier")
    same_lane = earlier.c[lane] == row.c[lane]
    blocked = select(earlier.c.id).where(pending(earlier), same_lane, earlier.c.id < row.c.id).exists()
    return select(row.c.id).where(pending(row), row.c.due_at <= NOW, ~blocked)


class Claim:
    """One UPDATE that takes rows and hands them out, in the words of either database.

    `candidates` is given the clock of leases.
    `also`: what else a claim changes in a row.
    """

    def __init__(
        self,
        table: Table,
        row: FromClause,
        candidates: Callable[[ColumnElement[datetime]], Select[Any]],
        returning: Sequence[Column[Any]],
        also: Mapping[str, ColumnElement[Any]] | None = None,
    ) -> None:
        changed = update(table).returning(*returning).values(dict(also or {}))
        attempts = table.c.attempts + 1
        self._statements = {
            "sqlite": changed.values(attempts=attempts, locked_until=bindparam("until", type_=Utc())).where(
                table.c.id.in_(candidates(NOW).scalar_subquery())
            ),
            "postgresql": changed.values(attempts=attempts, locked_until=_DATABASE_CLOCK + _LEASE).where(
                table.c.id.in_(_locked(candidates(_DATABASE_CLOCK), row))
            ),
        }

    def take(self, conn: Connection, now: datetime, lease: timedelta, params: Mapping[str, Any]) -> Sequence[Row[Any]]:
        until = {"lease": lease} if conn.dialect.name == "postgresql" else {"until": now + lease}
        return conn.execute(self._statements[conn.dialect.name], {"now": now, **until, **params}).all()


def _locked(candidates: Select[Any], row: FromClause) -> Select[Any]:
    """Passed over by others that claim. Materialised: a planner that ran it again would lock more than it hands out."""
    taken = candidates.with_for_update(skip_locked=True, of=row).cte("taken").prefix_with("MATERIALIZED")
    return select(taken.c.id)
