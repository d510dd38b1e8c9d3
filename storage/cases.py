"""Cases and their history. An act is compare-and-set on `version`; an event is written once (rule 5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select

from storage.dialects import PerDialect
from storage.records import CaseRow, EventRow, SupporterRow
from storage.rows import Shape
from storage.schema import area, case_event, case_link, supporter
from storage.schema import case as cases

EVERY = 1_000_000  # more than any city has open at once
OPEN_STATES = ("reported", "accepted", "dispatched", "resolved", "suspended")
# What a tick may write without being an act: everything of the running clock.
BOOKKEEPING = frozenset(
    {
        "clock",
        "clock_started_at",
        "due_at",
        "yellow_at",
        "paused_at",
        "resume_at",
        "generation",
        "reminders",
        "next_tick_at",
    }
)

CASE = Shape(CaseRow, cases, tuples=("photos", "result_photos"))
_EVENT = Shape(EventRow, case_event)
_SUPPORTER = Shape(SupporterRow, supporter)
_ALL = select(*CASE.columns)
_GET = _ALL.where(cases.c.id == bindparam("case_id"))
_INSERT = sa.insert(cases).returning(*CASE.columns)
_ADD_EVENT = sa.insert(case_event).returning(*_EVENT.columns)
_ADD_SUPPORTER = PerDialect(
    lambda insert: insert(supporter).on_conflict_do_nothing(index_elements=["case_id", "person_id"])
)
_CONDITIONS = {
    "states": cases.c.state.in_(bindparam("states", expanding=True)),
    "area_ids": cases.c.area_id.in_(bindparam("area_ids", expanding=True)),
    "reporter_id": cases.c.reporter_id == bindparam("reporter_id"),
    "worker_id": cases.c.worker_id == bindparam("worker_id"),
    "unit_id": cases.c.unit_id == bindparam("unit_id"),
    "since": cases.c.reported_at >= bindparam("since"),
    "unplaced": cases.c.area_id.is_(None),
}
_DUE = (
    select(cases.c.id)
    .where(cases.c.next_tick_at.is_not(None), cases.c.next_tick_at <= bindparam("now"))
    .order_by(cases.c.next_tick_at, cases.c.id)
    .limit(bindparam("limit"))
)


def insert(conn: Connection, values: Mapping[str, Any]) -> CaseRow:
    """A new case at version 1."""
    row = conn.execute(_INSERT, {"photos": (), "result_photos": (), **values, "version": 1}).one()
    return CASE.make(row)


def get(conn: Connection, case_id: int) -> CaseRow | None:
    return CASE.first(conn, _GET, {"case_id": case_id})


def several(conn: Connection, case_ids: Collection[int]) -> list[CaseRow]:
    """Those of them that exist, in the order of ids."""
    return CASE.all(conn, _ALL.where(cases.c.id.in_(case_ids)).order_by(cases.c.id))


def hold(conn: Connection, case_ids: Collection[int], *, wait: bool = True) -> list[CaseRow]:
    """Cases nobody else changes until the transaction ends, in the order of ids.

    On SQLite a writer is alone anyway. Not `wait`: those somebody else holds are left out.
    """
    wanted = _ALL.where(cases.c.id.in_(case_ids)).order_by(cases.c.id).with_for_update(skip_locked=not wait)
    return CASE.all(conn, wanted)


def update(conn: Connection, case: CaseRow, changes: Mapping[str, Any]) -> CaseRow | None:
    """Write `changes` if nobody has acted since `case` was read; None: somebody has."""
    unchanged = sa.update(cases).where(cases.c.id == case.id, cases.c.version == case.version)
    changed = unchanged.values({**changes, "version": case.version + 1}).returning(*CASE.columns)
    return CASE.first(conn, changed)


def touch(conn: Connection, case_id: int, changes: Mapping[str, Any]) -> None:
    """Bookkeeping of the clock, without a new version. Raises ValueError for what only an act may change."""
    if not changes.keys() <= BOOKKEEPING:
        raise ValueError(f"only an act changes {sorted(changes.keys() - BOOKKEEPING)}")
    conn.execute(sa.update(cases).where(cases.c.id == case_id).values(dict(changes)))


def add_event(  # noqa: PLR0913 - the columns of one line of history
    conn: Connection,
    *,
    case_id: int,
    version: int,
    at: datetime,
    recorded_at: datetime,
    action: str,
    actor_id: int | None,
    from_state: str | None,
    to_state: str,
    data: Mapping[str, Any],
) -> EventRow:
    """One line of history. Raises IntegrityError if this version has one already."""
    values = {
        "case_id": case_id,
        "version": version,
        "at": at,
        "recorded_at": recorded_at,
        "action": action,
        "actor_id": actor_id,
        "from_state": from_state,
        "to_state": to_state,
        "data": data,
    }
    return _EVENT.make(conn.execute(_ADD_EVENT, values).one())


def events(conn: Connection, case_id: int) -> list[EventRow]:
    """The history of a case, the oldest first."""
    return _EVENT.all(conn, select(*_EVENT.columns).where(case_event.c.case_id == case_id).order_by(case_event.c.id))


def events_of(conn: Connection, case_ids: Collection[int]) -> dict[int, list[EventRow]]:
    """The histories of several cases, each the oldest first."""
    found: dict[int, list[EventRow]] = {case_id: [] for case_id in case_ids}
    wanted = select(*_EVENT.columns).where(case_event.c.case_id.in_(case_ids)).order_by(case_event.c.id)
    for event in _EVENT.all(conn, wanted):
        found[event.case_id].append(event)
    return found


def hold_areas(conn: Connection, area_ids: Collection[int]) -> None:
    """Whoever looks for neighbours of a new report waits for others that do: else both would find none.

    On SQLite a writer is alone anyway.
    """
    if conn.dialect.name == "postgresql":
        found = select(area.c.id).where(area.c.id.in_(area_ids)).order_by(area.c.id)
        conn.execute(found.with_for_update(key_share=True)).all()


def first_event(conn: Connection, case_id: int) -> EventRow | None:
    """How it began."""
    own = select(*_EVENT.columns).where(case_event.c.case_id == case_id).order_by(case_event.c.id)
    return _EVENT.first(conn, own.limit(1))


def count_events(conn: Connection, case_id: int, actions: Collection[str], since: datetime) -> int:
    """How many acts of these kinds were recorded at `since` or later."""
    found = select(func.count()).where(case_event.c.case_id == case_id, case_event.c.recorded_at >= since)
    return conn.execute(found.where(case_event.c.action.in_(actions))).scalar_one()


def last_event_of(conn: Connection, actor_id: int, since: datetime) -> EventRow | None:
    """A person's latest act if it was recorded at `since` or later: what 「撤」 may take back."""
    own = select(*_EVENT.columns).where(case_event.c.actor_id == actor_id, case_event.c.recorded_at >= since)
    return _EVENT.first(conn, own.order_by(case_event.c.id.desc()).limit(1))


def due(conn: Connection, now: datetime, limit: int) -> list[int]:
    """Cases a tick must look at, the longest waiting first; found by index, however many cases are open."""
    return list(conn.execute(_DUE, {"now": now, "limit": limit}).scalars())


def timed(conn: Connection) -> dict[int, datetime]:
    """Cases whose clock runs or stands still, and when it was started; in the order of ids."""
    running = (cases.c.clock.is_not(None), cases.c.clock_started_at.is_not(None), cases.c.state.in_(OPEN_STATES))
    rows = conn.execute(select(cases.c.id, cases.c.clock_started_at).where(*running).order_by(cases.c.id))
    return {row.id: row.clock_started_at for row in rows}


def open_cases(  # noqa: PLR0913 - each is one condition
    conn: Connection,
    *,
    area_ids: Sequence[int] | None = None,
    reporter_id: int | None = None,
    worker_id: int | None = None,
    unit_id: int | None = None,
    states: Sequence[str] | None = None,
    since: datetime | None = None,
    unplaced: bool = False,
    limit: int = EVERY,
) -> list[CaseRow]:
    """Cases in `states` (default: all that are not over), the oldest first. `since` is when they were reported.

    `unplaced`: those whose grid nobody knows.
    """
    asked: dict[str, Any] = {
        "states": list(OPEN_STATES if states is None else states),
        "area_ids": None if area_ids is None else list(area_ids),
        "reporter_id": reporter_id,
        "worker_id": worker_id,
        "unit_id": unit_id,
        "since": since,
        "unplaced": unplaced or None,
    }
    params = {name: value for name, value in asked.items() if value is not None}
    return CASE.all(conn, _chosen(frozenset(params)), {**params, "limit": limit})


@cache
def _chosen(names: frozenset[str]) -> Select[Any]:
    """Cases by these conditions, built once for each set of them: every report asks for its neighbours."""
    conditions = (_CONDITIONS[name] for name in sorted(names))
    return _ALL.where(*conditions).order_by(cases.c.id).limit(bindparam("limit"))


def recent_of_reporter(conn: Connection, person_id: int, since: datetime) -> list[CaseRow]:
    """What a person reported, in any state, the newest first."""
    return _newest(conn, cases.c.reporter_id == person_id, cases.c.reported_at >= since)


def in_chat(conn: Connection, chat_id: int, since: datetime) -> list[CaseRow]:
    """Cases reported in a chat, in any state, the newest first."""
    reports = select(case_link.c.case_id).where(case_link.c.chat_id == chat_id, case_link.c.role == "report")
    return _newest(conn, cases.c.id.in_(reports.where(case_link.c.said_at >= since)))


def add_supporter(
    conn: Connection, *, case_id: int, person_id: int, name: str = "", chat_id: int | None = None, at: datetime
) -> bool:
    """「我家也是」, once a person and case. False: counted already."""
    values = {"case_id": case_id, "person_id": person_id, "name": name, "chat_id": chat_id, "at": at}
    return bool(conn.execute(_ADD_SUPPORTER.on(conn), values).rowcount == 1)


def remove_supporter(conn: Connection, *, case_id: int, person_id: int) -> bool:
    """For an undo. False: there was none."""
    gone = sa.delete(supporter).where(supporter.c.case_id == case_id, supporter.c.person_id == person_id)
    return conn.execute(gone).rowcount == 1


def supporters(conn: Connection, case_id: int) -> list[SupporterRow]:
    """In the order in which they joined."""
    found = select(*_SUPPORTER.columns).where(supporter.c.case_id == case_id)
    return _SUPPORTER.all(conn, found.order_by(supporter.c.at, supporter.c.person_id))


def is_supporter(conn: Connection, case_id: int, person_id: int) -> bool:
    found = select(supporter.c.person_id).where(supporter.c.case_id == case_id, supporter.c.person_id == person_id)
    return conn.execute(found).first() is not None


def count_supporters(conn: Connection, case_id: int) -> int:
    """Without reading them: a storm has hundreds."""
    return conn.execute(select(func.count()).where(supporter.c.case_id == case_id)).scalar_one()


def merged_into(conn: Connection, case_id: int) -> list[CaseRow]:
    return CASE.all(conn, _ALL.where(cases.c.merged_into == case_id).order_by(cases.c.id))


def counts(conn: Connection) -> dict[str, int]:
    """How many cases are in which state."""
    rows = conn.execute(select(cases.c.state, func.count().label("number")).group_by(cases.c.state))
    return {row.state: row.number for row in rows}


def _newest(conn: Connection, *conditions: ColumnElement[bool]) -> list[CaseRow]:
    return CASE.all(conn, _ALL.where(*conditions).order_by(cases.c.id.desc()))


def reported_between(conn: Connection, area_ids: Sequence[int], start: datetime, end: datetime) -> list[CaseRow]:
    """Every case of these areas that was reported in the half-open span, the oldest first."""
    inside = (cases.c.area_id.in_(area_ids), cases.c.reported_at >= start, cases.c.reported_at < end)
    return list(reversed(_newest(conn, *inside)))


def forget(conn: Connection, row: CaseRow) -> None:
    """A perhaps that nobody took up is withdrawn, and loses its words, whose they were and where they stand."""
    words = {"text": "", "matched": "", "place": "", "lat": None, "lon": None, "photos": ()}
    update(conn, row, {"state": "withdrawn", **words, "reporter_name": "", "reporter_id": None})
    conn.execute(sa.delete(case_link).where(case_link.c.case_id == row.id))


def is_perhaps(row: CaseRow) -> bool:
    """Reported, and no clock runs: the rules were not sure, and nobody has taken it up."""
    return row.state == "reported" and row.clock is None


def perhapses(conn: Connection) -> list[CaseRow]:
    """What is only perhaps a case: reported, and no clock runs; the oldest first."""
    return list(reversed(_newest(conn, cases.c.state == "reported", cases.c.clock.is_(None))))
