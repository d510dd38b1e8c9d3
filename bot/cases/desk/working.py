"""Acts of those who work on a case: accept, decline, transfer, dispatch, return, supervise."""

from __future__ import annotations

from datetime import datetime

from bot.cases.actor import Actor
from bot.cases.asks import Args
from bot.cases.clocks import Changes
from bot.cases.desk import history
from bot.cases.desk.base import Base, iso
from bot.cases.desk.bench import Act
from bot.cases.duty import responsible
from bot.cases.outcome import Outcome
from bot.cases.retiming import WAITS
from bot.cases.roles import WORKERS
from bot.cases.secrecy import stricter
from bot.cases.states import Action
from storage.records import CaseRow


class Working(Base):
    def accept(
        self, person: int, case_id: int, *, version: int | None = None, category: str | None = None,
        place: str | None = None, sensitive: str = "none", at: datetime | None = None, owed: bool = False,
    ) -> Outcome:  # fmt: skip
        """确认: the first one has it. Category and place may be corrected on the way.

        `sensitive`: what comes with the category; it never makes the case less so. `owed`: the reporter has not
        answered yet what he was asked; the new clock stands still until he does, once a case (see await_answer).
        """
        fixed: Changes = {name: value for name, value in (("category", category), ("place", place)) if value}
        waits = owed and not place and not history.has_waited(self.conn, case_id)
        still = {WAITS: True} if waits else {}

        def edit(case: CaseRow, actor: Actor) -> Changes:
            area = case.area_id if case.area_id is not None else self._only_area(case, person)
            kept = {"sensitive": stricter(case.sensitive, sensitive)}
            taken: Changes = {"worker_id": person, "accepted_at": self.moment(at), "area_id": area}
            return fixed | kept | taken | (self._stands_still(case) if waits else {})

        return self.bench.do(Act(
            action=Action.ACCEPT, case_id=case_id, by=person, version=version, edit=edit, at=at,
            say=lambda _, case: {"who": self.directory.name_of(person), "until": iso(case.due_at)} | still,
        ))  # fmt: skip

    def _stands_still(self, case: CaseRow) -> Changes:
        return self.clocks.pause(case, self.now, self.clocks.answer_until(self.now))

    def _only_area(self, case: CaseRow, person: int) -> int | None:
        """Who accepts a case of an unknown grid takes it to his own, if he has just one of those in question."""
        areas = [a for a in self.bench.areas(case, person) if self.directory.holds(person, WORKERS, a)]
        return areas[0] if len(areas) == 1 else None

    def decline(self, person: int, case_id: int, reason: str, *, version: int | None = None) -> Outcome:
        """不予受理: only the reporter hears it, in private."""
        return self.bench.do(Act(
            action=Action.DECLINE, case_id=case_id, by=person, version=version, args=Args(reason=reason),
            say=lambda *_: {"reason": reason},
        ))  # fmt: skip

    def transfer(
        self, person: int, case_id: int, area_id: int | None, *, to_person: int | None = None, reason: str = "",
        version: int | None = None,
    ) -> Outcome:  # fmt: skip
        """移交 to another grid, or up to village or town; number and clock stay."""

        def edit(case: CaseRow, actor: Actor) -> Changes:
            if area_id == case.area_id and to_person in (None, case.worker_id):
                return {}
            keeps = self.directory.holds(case.worker_id, WORKERS, area_id)
            worker = to_person or (case.worker_id if keeps else None)
            return {"area_id": area_id, "worker_id": worker, "transfers": case.transfers + 1}

        return self.bench.do(Act(
            action=Action.TRANSFER, case_id=case_id, by=person, version=version, edit=edit, only_if_changed=True,
            args=Args(area_id=area_id, reason=reason),
            say=lambda before, after: self._handed_over(before, after) | {"reason": reason},
        ))  # fmt: skip

    def _handed_over(self, before: CaseRow, after: CaseRow) -> Changes:
        people = responsible(self.directory, after, self.now)
        area = self.directory.area(after.area_id)
        return {
            "to": area.name if area else "",
            "to_area": after.area_id,
            "from_area": before.area_id,
            "who": [self.directory.name_of(person) for person in people],
            "until": iso(after.due_at),
        }

    def dispatch(self, person: int, case_id: int, unit_id: int | None, *, version: int | None = None) -> Outcome:
        """派遣 to a unit. The resolve clock goes on."""
        unit = self.directory.unit(unit_id)
        known = unit.id if unit else None
        return self.bench.do(Act(
            action=Action.DISPATCH, case_id=case_id, by=person, version=version, args=Args(unit_id=known),
            edit=lambda *_: {"unit_id": known, "dispatched_at": self.now},
            say=lambda _, case: {"unit": unit.name if unit else "", "unit_id": known, "until": iso(case.due_at)},
        ))  # fmt: skip

    def return_(self, person: int, case_id: int, reason: str, *, version: int | None = None) -> Outcome:
        """退回 by the unit it was sent to: once, and soon."""
        return self.bench.do(Act(
            action=Action.RETURN, case_id=case_id, by=person, version=version, args=Args(reason=reason),
            edit=lambda case, _: {"unit_id": None, "dispatched_at": None, "returns": case.returns + 1},
            say=lambda before, _: {"reason": reason, "unit": self._unit_name(before.unit_id)},
        ))  # fmt: skip

    def _unit_name(self, unit_id: int | None) -> str:
        unit = self.directory.unit(unit_id)
        return unit.name if unit else ""

    def supervise(
        self, person: int | None, case_id: int, *, reason: str = "", version: int | None = None
    ) -> Outcome:  # fmt: skip
        """督办 by a supervisor, or (None) by the clock."""
        return self.bench.do(Act(
            action=Action.SUPERVISE, case_id=case_id, by=person, version=version,
            edit=lambda case, _: {"supervised": case.supervised + 1},
            say=lambda _, case: {"reason": reason, "times": case.supervised},
        ))  # fmt: skip

    def quiet(self, person: int, case_id: int) -> Outcome:
        """「不发群」: the result of what staff wrote in stays out of the grid's groups."""
        return self.bench.do(Act(
            action=Action.CORRECT, case_id=case_id, by=person, args=Args(changes={"quiet": True}), only_if_changed=True,
            edit=lambda case, _: {} if case.quiet else {"quiet": True}, say=lambda *_: {"changes": {"quiet": True}},
        ))  # fmt: skip
