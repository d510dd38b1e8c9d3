"""Deadlines: when a clock is due, what stops it and what moves it. Answers are changes of a case's columns. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

from bot.cases import limits, slots
from bot.cases.calendar import Calendar
from bot.cases.limits import Limit, Scale
from bot.cases.rulebook import ClockKind, Rulebook
from bot.cases.states import State
from storage.records import CaseRow

Changes = dict[str, Any]

STAGE_OF: Final = {
    State.REPORTED: "accept",
    State.ACCEPTED: "resolve",
    State.DISPATCHED: "resolve",
    State.RESOLVED: "verify",
}
"""Which clock runs in a state; no other state has one."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """The rules of time on one calendar."""

    rules: Rulebook
    calendar: Calendar

    def kind_of(self, case: CaseRow) -> ClockKind:
        return self.rules.kind_of(case.category, case.urgency)

    def limit(self, case: CaseRow, stage: str) -> Limit | None:
        return self.kind_of(case).limits.get(stage)

    # ------------------------------------------------------------ start and stop

    def start(self, case: CaseRow, stage: str | None, now: datetime) -> Changes:
        """A new clock for the stage; a stage without a limit has none."""
        limit = self.limit(case, stage) if stage else None
        if stage is None or limit is None:
            return self.stop(case)
        due = limit.after(now, self.calendar)
        clock: Changes = {
            "clock": stage, "clock_started_at": now, "due_at": due, "yellow_at": self._yellow(now, due, limit),
            "paused_at": None, "resume_at": None, "generation": case.generation + 1, "reminders": 0,
        }  # fmt: skip
        return self.with_tick(case, clock)

    def stop(self, case: CaseRow) -> Changes:
        """No clock runs; the generation moves on, so that no reminder of the old one can come."""
        names = ("clock", "clock_started_at", "due_at", "yellow_at", "paused_at", "resume_at", "next_tick_at")
        return dict.fromkeys(names) | {"generation": case.generation + 1, "reminders": 0}

    # ------------------------------------------------------------ stand still and go on

    def pause(self, case: CaseRow, now: datetime, until: datetime) -> Changes:
        """Stand still from `now`; `until` is when it goes on by itself."""
        return {"paused_at": now, "resume_at": until, "next_tick_at": until}

    def resume(self, case: CaseRow, now: datetime) -> Changes:
        """Go on with the time that was left. What was overdue stays due when it was, and is not reminded of anew."""
        going: Changes = {"paused_at": None, "resume_at": None}
        if case.paused_at is None or case.due_at is None or case.yellow_at is None:
            return self.with_tick(case, going)
        if case.due_at > case.paused_at:
            going |= {
                "due_at": self._shifted(case, case.due_at, now),
                "yellow_at": self._shifted(case, case.yellow_at, now),
                "generation": case.generation + 1,
            }
        return self.with_tick(case, going)

    # ------------------------------------------------------------ move

    def extend(self, case: CaseRow, days: int) -> Changes:
        """More working days on top of the present deadline; the warning moves along."""
        if case.due_at is None:
            return {}
        due = self.calendar.add_working_days(case.due_at, days)
        limit = self.limit(case, case.clock or "") or Limit(Scale.WORKDAYS, Fraction(days))
        moved: Changes = {
            "due_at": due, "yellow_at": self._yellow(case.clock_started_at or case.due_at, due, limit),
            "extended_days": case.extended_days + days, "generation": case.generation + 1, "reminders": 0,
        }  # fmt: skip
        return self.with_tick(case, moved)

    def retime(self, case: CaseRow, corrected: CaseRow) -> Changes:
        """A corrected category or urgency brings its own limit, counted from when the clock started."""
        old, new = self.kind_of(case), self.kind_of(corrected)
        if old == new or case.clock is None or case.clock_started_at is None or case.paused_at is not None:
            return {}
        changes = self.start(corrected, case.clock, case.clock_started_at)
        if not case.extended_days or changes["due_at"] is None:
            return changes
        return changes | self.extend(replace(corrected, **changes, extended_days=0), case.extended_days)

    # ------------------------------------------------------------ other limits

    def return_until(self, case: CaseRow) -> datetime | None:
        """Until when a unit may hand a case back: two working days or a quarter of the limit, whichever is less."""
        limit = self.limit(case, "resolve")
        if case.dispatched_at is None or limit is None:
            return None
        days = self.calendar.add_working_days(case.dispatched_at, self.rules.return_days)
        return min(days, limit.part(self.rules.return_part).after(case.dispatched_at, self.calendar))

    def answer_until(self, now: datetime) -> datetime:
        return self.calendar.add_working_days(now, self.rules.answer_days)

    # ------------------------------------------------------------ reminders

    def next_slot(self, case: CaseRow) -> slots.Slot | None:
        """The reminder that comes next, None while no clock runs or while it stands still."""
        return slots.slot(case, case.reminders, self.kind_of(case), self.rules, self.calendar)

    def due_slot(self, case: CaseRow, now: datetime) -> slots.Slot | None:
        """The latest reminder whose time has come; earlier ones that were missed are passed over."""
        latest, candidate = None, self.next_slot(case)
        while candidate is not None and candidate.at <= now:
            latest = candidate
            candidate = slots.slot(case, candidate.n + 1, self.kind_of(case), self.rules, self.calendar)
        return latest

    def passed(self, case: CaseRow, slot: slots.Slot) -> Changes:
        """Bookkeeping after a reminder."""
        return self.with_tick(case, {"reminders": slot.n + 1})

    # ------------------------------------------------------------ inside

    def _yellow(self, start: datetime, due: datetime, limit: Limit) -> datetime:
        """One working day or a fifth of the limit before due, whichever is less; never before the start."""
        day = self.calendar.subtract_working_days(due, self.rules.yellow_days)
        fifth = limit.part(self.rules.yellow_part).before(due, self.calendar)
        return max(start, day, fifth)

    def _shifted(self, case: CaseRow, moment: datetime, now: datetime) -> datetime:
        """A moment of a paused clock, moved by keeping the clock's own kind of time; one that had passed stays."""
        limit = self.limit(case, case.clock or "")
        if case.paused_at is None or limit is None or moment <= case.paused_at:
            return moment
        return limits.left(limit.scale, case.paused_at, moment, self.calendar).after(now, self.calendar)

    def with_tick(self, case: CaseRow, changes: Changes) -> Changes:
        """The changes, and when a tick must look again after them: a clock that stands still goes on by itself."""
        fresh = replace(case, **changes)
        following = self.next_slot(fresh)
        waking = fresh.resume_at if fresh.paused_at is not None else None
        return changes | {"next_tick_at": following.at if following else waking}
