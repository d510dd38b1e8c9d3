"""The one check every act on a case passes: who, from which state, with what (the rows are in table.py). Pure."""

from __future__ import annotations

from bot.cases.actor import Actor
from bot.cases.asks import Allowed, Args, Facts, Refusal
from bot.cases.conditions import CONDITIONS
from bot.cases.duty import HIDDEN
from bot.cases.roles import PARTY_MAY, Party, Role, roles_may
from bot.cases.states import ACTIVE, ENDED, OPEN, QUIET, Action, Source, State
from bot.cases.table import TABLE, Need, Row, Where
from storage.records import CaseRow

__all__ = [
    "ACTIVE", "ENDED", "OPEN", "QUIET", "TABLE", "Action", "Allowed", "Args", "Facts", "Need", "Refusal", "Row",
    "Source", "State", "Where", "check", "entitled", "knows", "possible", "target_state",
]  # fmt: skip


def check(action: Action, case: CaseRow, actor: Actor, args: Args, facts: Facts) -> Allowed | Refusal:
    """Whether this may happen, and to which state it leads.

    Whoever may not know of the case hears `unknown_case`, the same as for a number that was never given.
    """
    if not knows(case, actor):
        return Refusal("unknown_case", {"number": case.id})
    if not entitled(action, case, actor):
        return Refusal("not_allowed", _situation(action, case, actor))
    if State(case.state) not in TABLE[action].sources:
        return Refusal("wrong_state", _situation(action, case, actor))
    if missing := _missing(action, args, facts):
        return Refusal(f"need_{missing}", _situation(action, case, actor))
    condition = CONDITIONS.get(action)
    refusal = condition(case, actor, args, facts) if condition else None
    return refusal or Allowed(target_state(action, case))


def knows(case: CaseRow, actor: Actor) -> bool:
    """Whether this person may learn that the case exists."""
    if actor.is_system or actor.is_reporter or _acting_roles(case, actor):
        return True
    return case.sensitive == "none"


def entitled(action: Action, case: CaseRow, actor: Actor) -> bool:
    """One of the actor's roles, or what he is to the case, allows the action in some state."""
    parties = actor.parties if case.sensitive == "none" else actor.parties - {Party.ANYONE, Party.SUPPORTER}
    return roles_may(_acting_roles(case, actor), action) or any(action in PARTY_MAY[party] for party in parties)


def possible(case: CaseRow, actor: Actor) -> tuple[Action, ...]:
    """What the actor could do now, in the order of the table."""
    state = State(case.state)
    return tuple(
        action
        for action, row in TABLE.items()
        if state in row.sources and entitled(action, case, actor) and _makes_sense(action, case)
    )


def _makes_sense(action: Action, case: CaseRow) -> bool:
    """Offered only where it could ever be allowed."""
    if action is Action.PUBLISH:
        return case.sensitive == "missing"
    return action is not Action.ANSWERED or case.paused_at is not None


def target_state(action: Action, case: CaseRow) -> State:
    """The state the action leads to; a case without a remembered state goes back to the beginning of work."""
    to = TABLE[action].to
    if to is Where.SAME:
        return State(case.state)
    if to is Where.BEFORE:
        return State(case.suspended_from or State.ACCEPTED)
    if to is Where.WORK:
        return State.ACCEPTED if case.unit_id is None else State.DISPATCHED
    return State(to)


def _acting_roles(case: CaseRow, actor: Actor) -> frozenset[Role]:
    """Of a hidden case only the confidant's role counts; of every other case it counts for nothing."""
    if case.sensitive in HIDDEN:
        return actor.roles & {Role.CONFIDANT}
    unseeing = {Role.CONFIDANT, Role.ADMIN, Role.RESIDENT}
    return actor.roles - (unseeing if case.sensitive == "none" else unseeing | {Role.ASSISTANT})


def _missing(action: Action, args: Args, facts: Facts) -> Need | None:
    return next((need for need in TABLE[action].needs if not _brought(need, action, args, facts)), None)


def _brought(need: Need, action: Action, args: Args, facts: Facts) -> bool:
    if need is Need.PHOTO:
        return bool(args.photos) or not facts.needs_photo or (action is Action.CLOSE and args.reporter_ok)
    given: dict[Need, object] = {
        Need.CONTENT: args.text.strip() or args.photos,
        Need.REASON: args.reason.strip(),
        Need.CHANGE: args.changes,
        Need.AREA: args.area_id,
        Need.TARGET: args.target,
        Need.UNIT: args.unit_id,
        Need.UNTIL: args.until,
        Need.DAYS: args.days > 0,
        Need.RESULT: args.text.strip(),
        Need.GRADE: args.grade,
        Need.AGREED: args.agreed,
    }
    return bool(given[need])


def _situation(action: Action, case: CaseRow, actor: Actor) -> dict[str, object]:
    """What a sentence of refusal needs: why, and what is possible now."""
    return {
        "number": case.id,
        "action": action.value,
        "state": case.state,
        "who": sorted(who.value for who in TABLE[action].who),
        "possible": [found.value for found in possible(case, actor)],
    }
