"""The transition table of a case as data: action × from → to, what it needs, whom it tells (domain.md, A case)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.cases.notices import Kind
from bot.cases.roles import Party, Role, who_may
from bot.cases.states import ACTIVE, OPEN, Action, State
from bot.model import Audience

Tells = tuple[tuple[Audience, Kind], ...]


class Where(StrEnum):
    """A state that depends on the case."""

    SAME = "same"
    BEFORE = "before"  # what it was when it was suspended or merged
    WORK = "work"  # dispatched if a unit has it, else accepted


class Need(StrEnum):
    """What an act must bring along; the refusal's key is `need_<value>`."""

    CONTENT = "content"  # text or photo
    REASON = "reason"
    CHANGE = "change"
    AREA = "area"
    TARGET = "target"
    UNIT = "unit"
    UNTIL = "until"
    DAYS = "days"
    RESULT = "result"
    PHOTO = "photo"  # only where the category asks for one; on closing the reporter's OK does as well
    GRADE = "grade"
    AGREED = "agreed"  # the family's consent


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table; who may do it is the column of roles.ROLE_MAY and PARTY_MAY."""

    action: Action
    sources: frozenset[State]
    to: State | Where
    needs: tuple[Need, ...] = ()
    tells: Tells = ()

    @property
    def who(self) -> frozenset[Role | Party]:
        return who_may(self.action)


A, S, W, N, K, U = Action, State, Where, Need, Kind, Audience
_RESULT: Final[Tells] = ((U.GROUP, K.RESULT), (U.REPORTER_PRIVATE, K.RESULT))
_AT_WORK: Final = frozenset({S.ACCEPTED, S.DISPATCHED})

TABLE: Final[Mapping[Action, Row]] = {
    row.action: row
    for row in (
        Row(A.REPORT, frozenset(), S.REPORTED, (N.CONTENT,), ((U.STAFF, K.REPORTED), (U.REPORTER, K.ACKED))),
        Row(A.ACCEPT, frozenset({S.REPORTED}), S.ACCEPTED, (), ((U.REPORTER, K.ACCEPTED),)),
        Row(A.DECLINE, frozenset({S.REPORTED}), S.DECLINED, (N.REASON,), ((U.REPORTER_PRIVATE, K.DECLINED),)),
        Row(A.CORRECT, OPEN, W.SAME, (N.CHANGE,), ((U.STAFF, K.CORRECTED),)),
        Row(A.TRANSFER, ACTIVE, W.SAME, (N.AREA,), ((U.STAFF, K.TRANSFERRED), (U.REPORTER, K.TRANSFERRED))),
        Row(A.MERGE, frozenset({S.REPORTED, S.ACCEPTED}), S.MERGED, (N.TARGET,), ((U.REPORTER_PRIVATE, K.MERGED),)),
        Row(A.UNMERGE, frozenset({S.MERGED}), W.BEFORE, (), ((U.STAFF, K.UNMERGED),)),
        Row(A.DISPATCH, frozenset({S.ACCEPTED}), S.DISPATCHED, (N.UNIT,),
            ((U.UNIT, K.DISPATCHED), (U.CONNECTOR, K.DISPATCHED))),
        Row(A.RETURN, frozenset({S.DISPATCHED}), S.ACCEPTED, (N.REASON,), ((U.STAFF, K.RETURNED),)),
        Row(A.SUSPEND, ACTIVE, S.SUSPENDED, (N.REASON, N.UNTIL), ((U.REPORTER, K.SUSPENDED),)),
        Row(A.RESUME, frozenset({S.SUSPENDED}), W.BEFORE, (), ((U.REPORTER, K.RESUMED),)),
        Row(A.EXTEND, ACTIVE, W.SAME, (N.DAYS, N.REASON), ((U.REPORTER, K.EXTENDED),)),
        Row(A.RESOLVE, _AT_WORK, S.RESOLVED, (N.RESULT, N.PHOTO), ((U.STAFF, K.RESOLVED),)),
        Row(A.VERIFY, frozenset({S.RESOLVED}), S.CLOSED, (), _RESULT),
        Row(A.REWORK, frozenset({S.RESOLVED}), W.WORK, (N.REASON,), ((U.UNIT, K.REWORK), (U.STAFF, K.REWORK))),
        Row(A.CLOSE, ACTIVE, S.CLOSED, (N.RESULT, N.PHOTO), _RESULT),
        Row(A.WITHDRAW, frozenset({S.REPORTED, S.ACCEPTED}), S.WITHDRAWN, (), ((U.STAFF, K.WITHDRAWN),)),
        Row(A.NOTE, frozenset({S.DISPATCHED, S.RESOLVED, S.SUSPENDED}), W.SAME, (), ((U.STAFF, K.CALLED_OFF),)),
        Row(A.RATE, frozenset({S.CLOSED}), W.SAME, (N.GRADE,), ((U.SUPERVISOR, K.RATED_BAD),)),
        Row(A.REOPEN, frozenset({S.CLOSED}), S.ACCEPTED, (N.REASON,),
            ((U.STAFF, K.REOPENED), (U.UNIT, K.REOPENED), (U.CONNECTOR, K.REOPENED), (U.REPORTER, K.REOPENED))),
        Row(A.SUPERVISE, ACTIVE, W.SAME, (), ((U.SUPERVISOR, K.SUPERVISED),)),
        Row(A.SUPPLEMENT, OPEN, W.SAME, (N.CONTENT,), ((U.STAFF, K.SUPPLEMENT), (U.UNIT, K.SUPPLEMENT))),
        Row(A.SUPPORT, OPEN, W.SAME, (), ((U.STAFF, K.SUPPORTED),)),
        Row(A.PUBLISH, OPEN, W.SAME, (N.AGREED,), ((U.GROUP, K.PUBLISHED),)),
        Row(A.AWAIT, _AT_WORK, W.SAME),
        Row(A.ANSWERED, _AT_WORK, W.SAME),
    )
}  # fmt: skip
