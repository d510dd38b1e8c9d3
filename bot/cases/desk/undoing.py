"""「撤」: one's own last act, taken back within minutes, if nothing has happened to the case since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from bot.cases.clocks import Changes
from bot.cases.desk import telling
from bot.cases.desk.bench import Act
from bot.cases.desk.merging import Merging
from bot.cases.desk.restoring import restored
from bot.cases.notices import Kind
from bot.cases.outcome import Outcome, Refused
from bot.cases.states import Action, State
from bot.cases.table import TABLE
from bot.model import Audience, Notice
from storage import cases, outbox, ratings
from storage.records import CaseRow, EventRow

FINAL: Final = frozenset({Action.UNDO, Action.UNMERGE, Action.RELEASE, Action.ABSORB, Action.PUBLISH})
"""Not taken back: their effects are outside the case, or they are a way back themselves."""


class Undoing(Merging):
    def undo(self, person: int) -> Outcome:
        """Restores the columns the act changed and cancels what it was about to tell."""
        since = self.now - timedelta(minutes=self.clocks.rules.undo_minutes)
        event = cases.last_event_of(self.conn, person, since)
        case = cases.get(self.conn, event.case_id) if event else None
        if event is None or case is None:
            return Refused("nothing_to_undo", {"minutes": self.clocks.rules.undo_minutes})
        data: dict[str, object] = {"number": case.id, "action": event.action}
        if Action(event.action) in FINAL:
            return Refused("undo_not_this", data)
        if case.version != event.version:
            return Refused("undo_later", data)
        return self._take_back(person, case, event) or Refused("undo_later", data)

    def _take_back(self, person: int, case: CaseRow, event: EventRow) -> Outcome | None:
        act = Act(
            action=Action.UNDO, case_id=case.id, by=person,
            say=lambda *_: {"undone": event.id, "undone_action": event.action},
        )  # fmt: skip
        done = self.bench.write(act, case, self.bench.actor(person, case), self._old(case, event))
        if done is None or done.event is None:
            return None
        self._reverse_effects(person, case, event)
        told = self._untold(event, done.case)
        data = {"by": self.directory.name_of(person), "by_id": person, "action": event.action}
        notices = tuple(Notice(Kind.UNDONE.value, audience, case.id, data, done.event.id) for audience in told)
        return type(done)(done.case, done.event, notices)

    def _old(self, case: CaseRow, event: EventRow) -> Changes:
        """A report taken back is a withdrawn one.

        What numbers something told is never used twice: slots of reminders (generation), results of closings.
        """
        if event.action == Action.REPORT:
            return self.clocks.stop(case) | {"state": State.WITHDRAWN.value}
        old = {name: value for name, value in restored(event.data["before"]).items() if name != "closings"}
        return old | {"generation": case.generation + 1} if "generation" in old else old

    def _reverse_effects(self, person: int, case: CaseRow, event: EventRow) -> None:
        match Action(event.action):
            case Action.RATE:
                ratings.remove(self.conn, case_id=case.id, closing=case.closings, person_id=person)
            case Action.SUPPORT:
                cases.remove_supporter(self.conn, case_id=case.id, person_id=person)
            case Action.MERGE:
                self.release(person, case.id, int(event.data["target"]), event.data["added"])
            case _:
                pass

    def _untold(self, event: EventRow, case: CaseRow) -> Iterable[Audience]:
        """Cancel what still waits; who may have heard of the act already hears that it is taken back, staff anyway."""
        events = [event.id, *event.data.get("with", [])]
        tells = TABLE[Action(event.action)].tells
        gone = {kind: self._cancel(events, kind) for kind in {kind for _, kind in tells}}
        for ident in events:
            outbox.cancel(self.conn, self.now, event_id=ident, reason="undone")
        told = [telling.manners(audience, kind, case) for audience, kind in tells if not gone[kind]]
        return dict.fromkeys([Audience.STAFF, *(audience for audience in told if audience is not None)])

    def _cancel(self, events: list[int], kind: Kind) -> int:
        return sum(
            outbox.cancel(self.conn, self.now, event_id=ident, kinds=(kind.value,), reason="undone") for ident in events
        )
