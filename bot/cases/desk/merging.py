"""Merge and unmerge: two cases in one act."""

from __future__ import annotations

from typing import Final

from bot.cases.actor import Actor
from bot.cases.asks import Args
from bot.cases.clocks import Changes
from bot.cases.desk import history
from bot.cases.desk.base import Base
from bot.cases.desk.bench import TRIES, Act
from bot.cases.desk.restoring import restored
from bot.cases.lifecycle import entitled
from bot.cases.outcome import Done, Outcome, Refused
from bot.cases.states import Action
from storage import cases
from storage.records import CaseRow

_CLOCK: Final = ("clock", "clock_started_at", "due_at", "yellow_at", "paused_at", "resume_at", "next_tick_at")


class Merging(Base):
    def merge(self, person: int, case_id: int, target_id: int, *, version: int | None = None) -> Outcome:
        """并案: the reporter becomes a supporter of the target and hears its result."""
        for _ in range(TRIES):
            case, target = cases.get(self.conn, case_id), cases.get(self.conn, target_id)
            if case is None or target is None:
                return Refused("unknown_case", {"number": case_id if case is None else target_id})
            act = Act(action=Action.MERGE, case_id=case_id, by=person, version=version, args=Args(target=target))
            if (refused := self._objection(act, case, target)) is not None:
                return refused
            held = self._hold(case, target)
            if held is not None:
                return self._join(person, *held)
        return Refused("busy", {"number": case_id})

    def _objection(self, act: Act, case: CaseRow, target: CaseRow) -> Outcome | None:
        if self.bench.known(act.by, case.id) and not self.bench.known(act.by, target.id):
            return Refused("unknown_case", {"number": target.id})
        refusal = self.bench.refusal(act, case)
        if refusal is not None:
            if case.merged_into not in (None, target.id):
                return Refused(refusal.key, refusal.data)
            return history.repeated(self.conn, self.directory, case, act.action, act.by, refusal)
        if history.is_stale(self.conn, case, act.version):
            return history.stale(self.conn, self.directory, case, act.action, act.by)
        works_there = entitled(Action.MERGE, target, self.bench.actor(act.by, target))
        return None if works_there else history.other_area(self.directory, target)

    def _hold(self, case: CaseRow, target: CaseRow) -> tuple[CaseRow, CaseRow] | None:
        """Both rows, the lower number first, so that two merges never wait for each other; None: look again."""
        held: dict[int, CaseRow] = {}
        for row in sorted((case, target), key=lambda row: row.id):
            mine = cases.update(self.conn, row, {"updated_at": self.now})
            if mine is None:
                return None
            held[row.id] = mine
        return held[case.id], held[target.id]

    def _join(self, person: int, case: CaseRow, target: CaseRow) -> Outcome:
        added = self._move_supporters(case, target)
        actor = self.bench.actor(person, case)
        absorb = Act(action=Action.ABSORB, case_id=target.id, by=person, say=lambda *_: {"case": case.id})
        self.bench.write(absorb, target, actor, {})
        merge = Act(
            action=Action.MERGE, case_id=case.id, by=person, say=lambda *_: {"target": target.id, "added": added}
        )
        changes: Changes = {"state": "merged", "merged_into": target.id, "suspended_from": case.state}
        done = self.bench.write(merge, case, actor, changes | self.clocks.stop(case))
        return done or Refused("busy", {"number": case.id})

    def _move_supporters(self, case: CaseRow, target: CaseRow) -> list[int]:
        """Who was added to the target, for the way back."""
        hearers = [(row.person_id, row.name, row.chat_id) for row in cases.supporters(self.conn, case.id)]
        if case.reporter_id is not None:
            hearers.insert(0, (case.reporter_id, case.reporter_name, None))
        return [
            person
            for person, name, chat in hearers
            if person != target.reporter_id
            and cases.add_supporter(
                self.conn, case_id=target.id, person_id=person, name=name, chat_id=chat, at=self.now
            )
        ]

    def unmerge(self, person: int, case_id: int, *, version: int | None = None) -> Outcome:
        """A case of its own again, as it was, with the deadline it had."""
        merge = history.last(self.conn, case_id, Action.MERGE)
        before = restored(merge.data["before"]) if merge else {}

        def edit(case: CaseRow, actor: Actor) -> Changes:
            clock = {name: before.get(name) for name in (*_CLOCK, "reminders")}
            clock["reminders"] = clock["reminders"] or 0
            return clock | {"merged_into": None, "suspended_from": None, "generation": case.generation + 1}

        target_id = merge.data["target"] if merge else None
        outcome = self.bench.do(Act(
            action=Action.UNMERGE, case_id=case_id, by=person, version=version, edit=edit,
            say=lambda *_: {"target": target_id},
        ))  # fmt: skip
        if isinstance(outcome, Done) and outcome.event and merge:
            self.release(person, case_id, int(merge.data["target"]), merge.data["added"])
        return outcome

    def release(self, person: int, case_id: int, target_id: int, added: list[int]) -> None:
        """The target's side of taking a merge back."""
        for supporter in added:
            cases.remove_supporter(self.conn, case_id=target_id, person_id=supporter)
        for _ in range(TRIES):
            target = cases.get(self.conn, target_id)
            act = Act(action=Action.RELEASE, case_id=target_id, by=person, say=lambda *_: {"case": case_id})
            if target is None or self.bench.write(act, target, self.bench.actor(person, target), {}):
                return
