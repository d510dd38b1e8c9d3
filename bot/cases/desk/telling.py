"""Whom an act tells: the table's column, bent by the manners for sensitive matters (domain.md, Manners). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bot.cases.duty import HIDDEN
from bot.cases.notices import Kind
from bot.cases.secrecy import went_dark
from bot.cases.states import RAISED_BY_STAFF, Action, Source
from bot.cases.table import TABLE
from bot.model import Audience, Notice
from storage.records import CaseRow

_OUTSIDE: Final = frozenset({Audience.GROUP, Audience.UNIT, Audience.SUPERVISOR, Audience.CONNECTOR})


def notices(
    action: Action, case: CaseRow, data: Mapping[str, object], event_id: int | None, areas: Sequence[int] = ()
) -> tuple[Notice, ...]:
    """The notices of an act that has happened. `areas`: who may claim the case while its grid is unknown."""
    facts = dict(data) | ({"areas": list(areas)} if case.area_id is None else {})
    row = TABLE.get(action)
    told = ((manners(audience, kind, case), kind) for audience, kind in (row.tells if row else ()))
    return tuple(
        Notice(kind.value, audience, case.id, facts, event_id)
        for audience, kind in dict.fromkeys(told)
        if audience is not None
    )


def told(
    action: Action, before: CaseRow, case: CaseRow, data: Mapping[str, object], event_id: int, areas: Sequence[int]
) -> tuple[Notice, ...]:
    """The notices of an act. If it hid the case from its staff, those who see it from now on get it as a new one."""
    heard = notices(action, case, data, event_id, areas)
    if not went_dark(before, case):
        return heard
    fresh = notices(Action.REPORT, case, data, event_id, areas)
    others = (notice for notice in heard if notice.audience is not Audience.STAFF)
    return (*(notice for notice in fresh if notice.audience is Audience.STAFF), *others)


def manners(audience: Audience, kind: Kind, case: CaseRow) -> Audience | None:
    """The audience that may really hear it, None if nobody may or nobody is there."""
    if audience is Audience.UNIT and case.unit_id is None:
        return None
    if audience in {Audience.REPORTER, Audience.REPORTER_PRIVATE} and not _has_hearers(kind, case):
        return None
    if audience is Audience.GROUP:
        return audience if _group_may_hear(kind, case) else None
    if case.sensitive in HIDDEN and audience in _OUTSIDE:
        return None
    return Audience.REPORTER_PRIVATE if audience is Audience.REPORTER and case.sensitive != "none" else audience


def _group_may_hear(kind: Kind, case: CaseRow) -> bool:
    """A published missing person is the family's wish; else nothing sensitive, and no patrol the worker leaves out."""
    if kind is Kind.PUBLISHED:
        return True
    return case.sensitive == "none" and not (case.quiet and case.source in RAISED_BY_STAFF)


def _has_hearers(kind: Kind, case: CaseRow) -> bool:
    """Anonymous senders can still be answered where they spoke; of what staff wrote in only supporters hear."""
    return case.reporter_id is not None or case.source in {Source.GROUP, Source.SYSTEM} or kind is Kind.RESULT
