"""「撤」: one's own last act, taken back within minutes, if nothing has happened to the case since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.cases.clocks import Changes
from bot.cases.desk.bench import Act
from bot.cases.desk.merging import Merging
from bot.cases.desk.restoring import restored
from bot.cases.notices import Kind
from bot.cases.outcome import Outcome, Refused
from bot.cases.states import Action, State
from bot.cases.table import TABLE
from bot.model import Audience, ChatKind, Notice
from storage import cases, chats, menus, outbox, ratings
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
        heard = [(_kind(person, event, done.case, a), a, where) for a, where in self._untold(person, event, done.case)]
        name = self.directory.name_of(person)
        data: dict[str, object] = {"by": name, "by_id": person, "action": event.action, "text": ""}
        notices = (Notice(kind, audience, case.id, data | where, done.event.id) for kind, audience, where in heard)
        return replace(done, notices=tuple(notices))

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
            case Action.CLOSE | Action.VERIFY:
                menus.withdraw(self.conn, case.id, "grade")
            case _:
                pass

    def _untold(
        self, person: int, event: EventRow, case: CaseRow
    ) -> Iterable[tuple[Audience, dict[str, object]]]:  # fmt: skip
        """Cancel what still waits. Staff hear of it anyway, everybody else exactly where the act was told already."""
        events = [event.id, *event.data.get("with", [])]
        heard: dict[Audience, list[int]] = {}
        for chat_id, kind in outbox.heard(self.conn, events):
            audience = self._audience(person, event, case, chat_id, kind)
            if audience is not None and chat_id not in heard.setdefault(audience, []):
                heard[audience].append(chat_id)
        for ident in events:
            outbox.cancel(self.conn, self.now, event_id=ident, reason="undone")
        told: list[tuple[Audience, dict[str, object]]] = [(Audience.STAFF, {})]
        return told + [(audience, {"chats": found}) for audience, found in heard.items()]

    def _audience(self, person: int, event: EventRow, case: CaseRow, chat_id: int, kind: str) -> Audience | None:
        """As whom those who read in this chat heard it; None: they hear it as staff, or undid it themselves."""
        chat = chats.chat(self.conn, chat_id)
        if chat is None or chat.person_id == person:
            return None
        if chat.kind != ChatKind.PRIVATE:
            return {ChatKind.RESIDENTS.value: Audience.GROUP, ChatKind.UNIT.value: Audience.UNIT}.get(chat.kind)
        supporters = (row.person_id for row in cases.supporters(self.conn, case.id))
        if chat.person_id in (case.reporter_id, *supporters):
            return Audience.REPORTER_PRIVATE
        above = (Audience.SUPERVISOR, kind) in TABLE[Action(event.action)].tells
        return Audience.SUPERVISOR if above else None


def _kind(person: int, event: EventRow, case: CaseRow, audience: Audience) -> str:
    """A report taken back by whose it is was no mistake: he does not need it any more."""
    own = event.action == Action.REPORT and (audience is not Audience.STAFF or person == case.reporter_id)
    return Kind.WITHDRAWN.value if own else Kind.UNDONE.value
