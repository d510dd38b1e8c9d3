"""What a row of the table asks beyond state, role and contents. Each answers with a refusal or None."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from bot.cases.actor import Actor
from bot.cases.asks import Args, Facts, Refusal
from bot.cases.roles import STAFF, WORKERS, Role
from bot.cases.states import OPEN, Action, State
from storage.records import CaseRow

Condition = Callable[[CaseRow, Actor, Args, Facts], Refusal | None]

PLACE_FIELDS: Final = frozenset({"place", "lat", "lon"})
PASSES: Final = 2
"""A case may be passed on once and passed back once; then the common parent decides."""


def _correct(case: CaseRow, actor: Actor, args: Args, facts: Facts) -> Refusal | None:
    full = actor.has(WORKERS | {Role.CONFIDANT})
    return None if full or args.changes.keys() <= PLACE_FIELDS else Refusal("only_place", {"number": case.id})


def _transfer(case: CaseRow, actor: Actor, args: Args, facts: Facts) -> Refusal | None:
    if case.transfers < PASSES or facts.arbiter:
        return None
    return Refusal("transfer_disputed", {"number": case.id})


def _merge(case: CaseRow, actor: Actor, args: Args, facts: Facts) -> Refusal | None:
    target = args.target
    if target is None or target.id == case.id:
        return Refusal("merge_self", {"number": case.id})
    data: dict[str, object] = {"number": case.id, "target": target.id}
    if target.state == State.MERGED:
        return Refusal("merge_chain", data | {"into": target.merged_into})
    if facts.holds_others:
        return Refusal("merge_holds_others", data)
    if State(target.state) not in OPEN:
        return Refusal("merge_ended", data | {"state": target.state})
    return None if target.sensitive == case.sensitive else Refusal("merge_sensitive", data)


def _return(case: CaseRow, actor: Actor, args: Args, facts: Facts) -> Refusal | None:
    if case.returns:
        return Refusal("return_used", {"number": case.id})
    if facts.return_until is not None and facts.now > facts.return_until:
        return Refusal("return_late", {"number": case.id, "until": facts.return_until.isoformat()})
    return None


def _suspend(case: CaseRow, actor: Actor, args: Args, facts: Facts) -> Refusal | None:
    future = args.until is not None and args.until > facts.now
    return None if future else Refusal("until_past", {"number": case.id})


def _extend(case: CaseRow, actor: Actor, args: Args, facts: Facts) -> Refusal | None:
    if case.due_at is None:
        return Refusal("no_clock", {"number": case.id})
    left = facts.extension_limit - case.extended_days
    return None if args.days <= left else Refusal("extend_limit", {"number": case.id, "left": max(left, 0)})


def _rate(case: CaseRow, actor: Actor, args: Args, facts: Facts) -> Refusal | None:
    known = 1 <= args.grade <= facts.grades
    return None if known else Refusal("unknown_grade", {"number": case.id})


def _reopen(case: CaseRow, actor: Actor, args: Args, facts: Facts) -> Refusal | None:
    if actor.has(STAFF) or facts.reopen_until is None or facts.now <= facts.reopen_until:
        return None
    return Refusal("reopen_late", {"number": case.id, "until": facts.reopen_until.isoformat()})


def _publish(case: CaseRow, actor: Actor, args: Args, facts: Facts) -> Refusal | None:
    return None if case.sensitive == "missing" else Refusal("publish_only_missing", {"number": case.id})


def _await(case: CaseRow, actor: Actor, args: Args, facts: Facts) -> Refusal | None:
    return Refusal("waited_before", {"number": case.id}) if facts.waited or case.paused_at else None


def _answered(case: CaseRow, actor: Actor, args: Args, facts: Facts) -> Refusal | None:
    return None if case.paused_at else Refusal("not_waiting", {"number": case.id})


CONDITIONS: Final[Mapping[Action, Condition]] = {
    Action.CORRECT: _correct,
    Action.TRANSFER: _transfer,
    Action.MERGE: _merge,
    Action.RETURN: _return,
    Action.SUSPEND: _suspend,
    Action.EXTEND: _extend,
    Action.RATE: _rate,
    Action.REOPEN: _reopen,
    Action.PUBLISH: _publish,
    Action.AWAIT: _await,
    Action.ANSWERED: _answered,
}
