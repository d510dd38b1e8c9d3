"""Acts on the clock: suspend, resume, extend, wait for an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.cases.actor import Actor
from bot.cases.asks import Args
from bot.cases.clocks import Changes
from bot.cases.desk.base import Base, iso
from bot.cases.desk.bench import Act
from bot.cases.outcome import Outcome
from bot.cases.states import Action, State
from storage.records import CaseRow


class Timing(Base):
    def suspend(
        self, person: int, case_id: int, *, until: datetime | None, reason: str, version: int | None = None
    ) -> Outcome:  # fmt: skip
        """缓办/挂账: the clock stands still; it resumes by itself at `until`."""

        def edit(case: CaseRow, actor: Actor) -> Changes:
            changes = self.clocks.pause(case, case.paused_at or self.now, until or self.now)
            return changes | {"suspended_from": case.state}

        return self.bench.do(Act(
            action=Action.SUSPEND, case_id=case_id, by=person, version=version, edit=edit,
            args=Args(reason=reason, until=until), say=lambda *_: {"reason": reason, "until": iso(until)},
        ))  # fmt: skip

    def resume(self, person: int | None, case_id: int, *, version: int | None = None) -> Outcome:
        """By a supervisor, or (None) because its time has come. The time that was left is kept."""
        act = self._go_on(case_id, person, Action.RESUME, version)

        def edit(case: CaseRow, actor: Actor) -> Changes:
            return act.edit(case, actor) | {"suspended_from": None}

        return self.bench.do(replace(act, edit=edit))

    def extend(
        self, person: int, case_id: int, *, days: int, reason: str, version: int | None = None
    ) -> Outcome:  # fmt: skip
        """延期 by working days, together at most what the category allows."""
        return self.bench.do(Act(
            action=Action.EXTEND, case_id=case_id, by=person, version=version, args=Args(days=days, reason=reason),
            edit=lambda case, _: self.clocks.extend(case, days),
            say=lambda _, case: {"days": days, "reason": reason, "until": iso(case.due_at)},
        ))  # fmt: skip

    def await_answer(self, person: int | None, case_id: int) -> Outcome:
        """The reporter was asked something: once a case, the clock stands still until he answers, two days at most."""
        until = self.clocks.answer_until(self.now)
        return self.bench.do(Act(
            action=Action.AWAIT, case_id=case_id, by=person,
            edit=lambda case, _: self.clocks.pause(case, self.now, until), say=lambda *_: {"until": iso(until)},
        ))  # fmt: skip

    def answered(self, person: int | None, case_id: int) -> Outcome:
        """He answered, or (None) the waiting is over."""
        return self.bench.do(self._go_on(case_id, person, Action.ANSWERED))


def is_waiting(case: CaseRow) -> bool:
    """The clock stands still for the reporter's answer."""
    return case.paused_at is not None and case.state != State.SUSPENDED
