"""What every act works with, and the one way an act is carried out: look, check, compare-and-set, event, notices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from bot.cases.actor import Actor
from bot.cases.asks import Allowed, Args, Facts, Refusal
from bot.cases.clocks import STAGE_OF, Changes, Clocks
from bot.cases.desk import history, telling
from bot.cases.desk.standing import actor_on, areas_of
from bot.cases.directory import Directory
from bot.cases.duty import effective_roles
from bot.cases.lifecycle import check, knows
from bot.cases.notices import REMINDERS
from bot.cases.outcome import Done, Outcome, Refused
from bot.cases.roles import ARBITERS
from bot.cases.states import Action, State
from storage import cases, outbox
from storage.records import CaseRow, EventRow

TRIES: Final = 3
"""A lost race is decided anew on what the winner left; a third one in a row is no race any more."""

_OF_RESIDENTS: Final = frozenset({Action.SUPPLEMENT, Action.SUPPORT})
_WORDS: Final = frozenset({"text", "name", "place", "photos", "matched"})
_RESTARTS: Final = frozenset({Action.REOPEN, Action.REWORK})
_OWN_CLOCK: Final = frozenset({Action.SUSPEND, Action.RESUME, Action.AWAIT, Action.ANSWERED, Action.UNMERGE})


Edit = Callable[[CaseRow, Actor], Changes]


def _nothing(case: CaseRow, actor: Actor) -> Changes:
    return {}


def _silent(before: CaseRow, after: CaseRow) -> Mapping[str, object]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One intended act.

    `edit`: the columns it changes besides state and clock. `say(before, after)`: facts for the notices and the event.
    """

    action: Action
    case_id: int
    by: int | None  # None: the system
    version: int | None = None  # the one the button was made for
    args: Args = field(default_factory=Args)
    edit: Edit = _nothing
    say: Callable[[CaseRow, CaseRow], Mapping[str, object]] = _silent
    at: datetime | None = None  # when it truly happened, if it is written in later
    only_if_changed: bool = False  # an edit without changes is no event
    earlier: EventRow | None = None  # the first event of an act that writes two; 「撤」 takes both back


@dataclass(frozen=True, slots=True)
class Bench:
    """One per inbox row: a connection, a moment, the directory and the rules."""

    conn: Connection
    now: datetime
    directory: Directory
    clocks: Clocks

    # ------------------------------------------------------------ looking

    def actor(self, person_id: int | None, case: CaseRow) -> Actor:
        return actor_on(self.conn, self.directory, person_id, case, self.now)

    def known(self, person_id: int | None, case_id: int) -> CaseRow | None:
        """The case, if it exists and this person may know that it does."""
        case = cases.get(self.conn, case_id)
        return case if case is not None and knows(case, self.anyone(person_id, case)) else None

    def anyone(self, person_id: int | None, case: CaseRow) -> Actor:
        """Here nobody is nobody, not the system."""
        return Actor(person_id=None) if person_id is None else self.actor(person_id, case)

    def areas(self, case: CaseRow, person_id: int | None = None) -> tuple[int, ...]:
        return areas_of(self.conn, self.directory, case, person_id)

    def facts(self, act: Act, case: CaseRow) -> Facts:
        rules = self.clocks.rules
        closed = case.closed_at
        return Facts(
            now=self.now,
            needs_photo=rules.photo_needed(case.category),
            extension_limit=rules.extension_limit(case.category),
            return_until=self.clocks.return_until(case),
            reopen_until=closed + timedelta(days=rules.reopen_days) if closed else None,
            grades=len(rules.grades),
            arbiter=self._decides(act, case),
            waited=act.action is Action.AWAIT and history.has_waited(self.conn, case.id),
            holds_others=act.action is Action.MERGE and bool(cases.merged_into(self.conn, case.id)),
        )

    def _decides(self, act: Act, case: CaseRow) -> bool:
        """Whether the actor stands above both sides of a disputed transfer."""
        if act.by is None or act.args.area_id is None:
            return False
        common = self.directory.common_parent(case.area_id, act.args.area_id)
        return not effective_roles(self.directory, act.by, common, self.now).isdisjoint(ARBITERS)

    def refusal(self, act: Act, case: CaseRow) -> Refusal | None:
        """What the check says against the act, without carrying it out."""
        answer = check(act.action, case, self.actor(act.by, case), act.args, self.facts(act, case))
        return answer if isinstance(answer, Refusal) else None

    # ------------------------------------------------------------ doing

    def do(self, act: Act) -> Outcome:
        """Carry out an act, or say why not. Never leaves half of it."""
        outcome: Outcome | None = None
        for _ in range(TRIES):
            case = cases.get(self.conn, act.case_id)
            if case is None:
                return Refused("unknown_case", {"number": act.case_id})
            outcome = self._try(act, case)
            if outcome is not None:
                return outcome
        return Refused("busy", {"number": act.case_id})

    def _try(self, act: Act, case: CaseRow) -> Outcome | None:
        """None: somebody was faster, look again."""
        actor = self.actor(act.by, case)
        answer = check(act.action, case, actor, act.args, self.facts(act, case))
        if isinstance(answer, Refusal):
            return history.repeated(self.conn, self.directory, case, act.action, act.by, answer)
        if history.is_stale(self.conn, case, act.version):
            return history.stale(self.conn, self.directory, case, act.action, act.by)
        edited = act.edit(case, actor)
        if act.only_if_changed and not edited:
            return Done(case, None)
        return self.write(act, case, actor, self._complete(act, case, edited, answer))

    def _complete(self, act: Act, case: CaseRow, edited: Changes, answer: Allowed) -> Changes:
        """State and clock beside the edited columns."""
        changes = edited | {"state": answer.to.value}
        if act.action in _OWN_CLOCK:
            return changes
        return self._clock(act.action, case, changes) | changes

    def _clock(self, action: Action, case: CaseRow, changes: Changes) -> Changes:
        """The clock follows the state: a new stage starts one, an end stops it."""
        stage = STAGE_OF.get(State(changes["state"]))
        if action not in _RESTARTS and (changes["state"] == case.state or stage == STAGE_OF.get(State(case.state))):
            return {}
        return self.clocks.start(replace(case, **changes), stage, self.now)

    def write(self, act: Act, case: CaseRow, actor: Actor, changes: Changes) -> Done | None:
        """Compare-and-set, the event with what was before, the notices. None: somebody was faster."""
        changed = cases.update(self.conn, case, changes | {"updated_at": self.now})
        if changed is None:
            return None
        said = dict(act.say(case, changed))
        event = self._event(act, case, changed, changes, said)
        if "generation" in changes or "paused_at" in changes:
            outbox.cancel(self.conn, self.now, case_id=case.id, kinds=REMINDERS, reason=act.action.value)
        told = {"by": actor.name, "by_id": actor.person_id} | said
        return Done(changed, event, telling.told(act.action, case, changed, told, event.id, self.areas(changed)))

    def _event(
        self, act: Act, case: CaseRow, changed: CaseRow, changes: Changes, said: Mapping[str, object]
    ) -> EventRow:
        before = {name: plain(getattr(case, name)) for name in changes}
        data: dict[str, Any] = {name: plain(value) for name, value in said.items()}
        if act.action in _OF_RESIDENTS and cases.is_perhaps(case):
            before, data = (_wordless(facts) for facts in (before, data))
        if act.earlier:
            before |= act.earlier.data["before"]
            data["with"] = [act.earlier.id]
        at = min(act.at, self.now) if act.at else self.now
        return cases.add_event(
            self.conn, case_id=case.id, version=changed.version, at=at, recorded_at=self.now,
            action=act.action.value, actor_id=act.by, from_state=case.state, to_state=changed.state,
            data=data | {"before": before},
        )  # fmt: skip


def _wordless(facts: Mapping[str, Any]) -> dict[str, Any]:
    """History cannot be changed, and a perhaps may have to be forgotten: its words stand in the case alone."""
    return {name: value for name, value in facts.items() if name not in _WORDS}


def plain(value: object) -> Any:
    """A value of a column as JSON."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value
