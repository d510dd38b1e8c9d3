"""What the clock does to a case by itself: reminders, escalation, going on after a pause."""

from __future__ import annotations

from bot.cases.desk.timing import Timing, is_waiting
from bot.cases.desk.working import Working
from bot.cases.notices import Kind
from bot.cases.outcome import Done
from bot.cases.reminding import reminder
from bot.cases.slots import Slot
from bot.model import Notice
from storage import cases, reminders
from storage.records import CaseRow


class Ticking(Timing, Working):
    def tick(self, case_id: int) -> tuple[Notice, ...]:
        """What is due for a case now; nothing if another process has done it. Call it for each of cases.due().

        The case is held: what it writes has no version to compare, and must not undo what somebody sets meanwhile.
        """
        case = next(iter(cases.hold(self.conn, [case_id])), None)
        if case is None or case.next_tick_at is None or case.next_tick_at > self.now:
            return ()
        if case.paused_at is not None:
            return self._go_on_by_itself(case)
        slot = self.clocks.due_slot(case, self.now)
        if slot is None:
            following = self.clocks.next_slot(case)
            cases.touch(self.conn, case.id, {"next_tick_at": following.at if following else None})
            return ()
        return self._remind(case, slot)

    def _remind(self, case: CaseRow, slot: Slot) -> tuple[Notice, ...]:
        mine = reminders.log(self.conn, case.id, slot.kind.value, slot.slot, slot.at)
        cases.touch(self.conn, case.id, self.clocks.passed(case, slot))
        if not mine:
            return ()
        if slot.kind is Kind.OVERDUE_SUPERVISE:
            outcome = self.supervise(None, case.id)
            case = outcome.case if isinstance(outcome, Done) else case
        return reminder(self.directory, case, slot, self.now, self.bench.areas(case))

    def _go_on_by_itself(self, case: CaseRow) -> tuple[Notice, ...]:
        if case.resume_at is not None and case.resume_at > self.now:
            cases.touch(self.conn, case.id, {"next_tick_at": case.resume_at})
            return ()
        outcome = self.answered(None, case.id) if is_waiting(case) else self.resume(None, case.id)
        return outcome.notices if isinstance(outcome, Done) else ()
