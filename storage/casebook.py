"""Cases for looking through and exporting: by conditions, page by page. A page starts where the last one ended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from storage.cases import CASE, OPEN_STATES
from storage.records import CaseRow
from storage.schema import case as cases
from storage.schema import supporter


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Conditions that hold together; None: any. `since` and `until` are a half-open span of when it was reported.

    `categories`: codes or families. `overdue_at`: open, its clock running, and due before that moment. `sensitive`:
    only these sensitivities.
    """

    states: Sequence[str] | None = None
    area_ids: Collection[int] | None = None
    categories: Sequence[str] | None = None
    sensitive: Sequence[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    overdue_at: datetime | None = None


def newest(conn: Connection, wanted: Wanted, limit: int) -> list[CaseRow]:
    """The latest first."""
    return CASE.all(conn, select(*CASE.columns).where(_all(wanted)).order_by(cases.c.id.desc()).limit(limit))


def after(conn: Connection, wanted: Wanted, case_id: int, limit: int) -> list[CaseRow]:
    """The next page in the order of numbers."""
    page = select(*CASE.columns).where(_all(wanted), cases.c.id > case_id)
    return CASE.all(conn, page.order_by(cases.c.id).limit(limit))


def count(conn: Connection, wanted: Wanted) -> int:
    return conn.execute(select(func.count()).select_from(cases).where(_all(wanted))).scalar_one()


def supporters_of(conn: Connection, case_ids: Collection[int]) -> dict[int, int]:
    """How many said that it is so with them as well; cases without any are left out."""
    counted = select(supporter.c.case_id, func.count().label("number")).where(supporter.c.case_id.in_(case_ids))
    return {row.case_id: row.number for row in conn.execute(counted.group_by(supporter.c.case_id))}


def _all(wanted: Wanted) -> ColumnElement[bool]:
    conditions = [_taken_up()]
    if wanted.states is not None:
        conditions.append(cases.c.state.in_(wanted.states))
    if wanted.area_ids is not None:
        conditions.append(cases.c.area_id.in_(wanted.area_ids))
    if wanted.categories is not None:
        conditions.append(or_(*(_of_category(code) for code in wanted.categories)))
    if wanted.sensitive is not None:
        conditions.append(cases.c.sensitive.in_(wanted.sensitive))
    if wanted.since is not None:
        conditions.append(cases.c.reported_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(cases.c.reported_at < wanted.until)
    if wanted.overdue_at is not None:
        late = (cases.c.state.in_(OPEN_STATES), cases.c.paused_at.is_(None), cases.c.due_at < wanted.overdue_at)
        conditions += late
    return and_(*conditions)


def _taken_up() -> ColumnElement[bool]:
    """Neither only perhaps a case (see storage.cases.is_perhaps) nor a forgotten one, of which nothing is left.

    A report without words has photos.
    """
    perhaps = and_(cases.c.state == "reported", cases.c.clock.is_(None))
    return and_(~perhaps, or_(cases.c.text != "", cases.c.photos != ()))


def _of_category(code: str) -> ColumnElement[bool]:
    return or_(cases.c.category == code, cases.c.category.startswith(f"{code}.", autoescape=True))
