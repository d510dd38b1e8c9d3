"""Which reminder of a deadline comes when: the numbered slots of a clock. Pure.

Slot n of a generation is the same for every process that ticks, so "<generation>.<n>" is the key under which one of
them wins (architecture.md, rule 10).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.cases.calendar import Calendar
from bot.cases.notices import Kind
from bot.cases.rulebook import ClockKind, Rulebook
from storage.records import CaseRow


@dataclass(frozen=True, slots=True)
class Slot:
    """`level`: how far above those responsible it goes; 0 is they themselves."""

    kind: Kind
    n: int
    generation: int
    at: datetime
    level: int

    @property
    def slot(self) -> str:
        return f"{self.generation}.{self.n}"


def slot(case: CaseRow, n: int, kind: ClockKind, rules: Rulebook, calendar: Calendar) -> Slot | None:
    """Slot n of the case's running clock; None if none runs or it stands still."""
    if case.due_at is None or case.yellow_at is None or case.paused_at is not None:
        return None
    if kind.escalate and case.clock == "accept":
        what, at, level = _escalation(case.due_at, n, rules)
    else:
        what, at, level = _ordinary(case.due_at, case.yellow_at, n, calendar)
    if not kind.always:
        at = calendar.next_office_time(at)
    return Slot(what, n, case.generation, at, level)


def _ordinary(due: datetime, yellow: datetime, n: int, calendar: Calendar) -> tuple[Kind, datetime, int]:
    """Yellow, red, then one level higher every working day."""
    if n == 0:
        return Kind.OVERDUE_YELLOW, yellow, 0
    if n == 1:
        return Kind.OVERDUE_RED, due, 0
    return Kind.OVERDUE_SUPERVISE, calendar.add_working_days(due, n - 1), n - 1


def _escalation(due: datetime, n: int, rules: Rulebook) -> tuple[Kind, datetime, int]:
    """Rounds up the levels every few minutes, then the phone list, then every day until somebody takes it."""
    if n < rules.rounds:
        return Kind.ROUND, due + timedelta(minutes=n * rules.round_minutes), n + 1
    if n == rules.rounds:
        return Kind.PHONES, due + timedelta(minutes=n * rules.round_minutes), n
    return Kind.OVERDUE_SUPERVISE, due + timedelta(days=n - rules.rounds), n
