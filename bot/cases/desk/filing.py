"""Acts that bring matters and words in: report, supplement, support, correct, claim, publish."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from bot.cases import words
from bot.cases.actor import Actor
from bot.cases.asks import Args
from bot.cases.clocks import Changes
from bot.cases.desk import telling
from bot.cases.desk.base import Base
from bot.cases.desk.bench import Act
from bot.cases.desk.report import Report, grid_for, grids_of, values
from bot.cases.duplicates import Candidate, Likeness, likely_same
from bot.cases.duty import effective_roles
from bot.cases.lifecycle import knows
from bot.cases.outcome import Done, Outcome, Refused
from bot.cases.roles import WORKERS, Role
from bot.cases.secrecy import stricter
from bot.cases.states import Action, Source, State
from storage import cases
from storage.records import CaseRow

CORRECTABLE: Final = frozenset({"category", "urgency", "sensitive", "place", "lat", "lon", "area_id", "text"})
REVISABLE: Final = frozenset({"category", "urgency", "sensitive", "matched"})
LOOK_BACK: Final = timedelta(days=30)
REPEATED: Final = timedelta(minutes=10)
"""Said again so soon, the same words tell nothing new; later they are a reminder."""
FILERS: Final = WORKERS | {Role.ASSISTANT, Role.SUPERVISOR, Role.CONFIDANT}


class Filing(Base):
    def report(self, report: Report) -> Done | Refused:
        """A new case in state `reported`, its accept clock running."""
        if not report.text.strip() and not report.photos:
            return Refused("need_content", {"action": Action.REPORT.value})
        at = min(report.said_at or self.now, self.now)
        area_id = self.grid_of(report)
        columns = values(report, area_id, at, self.now)
        draft = CaseRow(id=0, version=0, **columns)
        case = cases.insert(self.conn, columns | self.clocks.start(draft, "accept", self.now))
        event = cases.add_event(
            self.conn, case_id=case.id, version=case.version, at=at, recorded_at=self.now,
            action=Action.REPORT.value, actor_id=report.filed_by_id or report.reporter_id, from_state=None,
            to_state=case.state, data={"source": case.source} | ({"gathers": True} if report.gathers else {}),
        )  # fmt: skip
        areas = (area_id,) if area_id is not None else report.chat_areas
        said = {"by": report.reporter_name, "by_id": report.reporter_id}
        return Done(case, event, telling.notices(Action.REPORT, case, said, event.id, areas))

    def patrol(self, person: int, report: Report) -> Done | Refused:
        """What a worker found himself (巡查)."""
        return self._filed(person, replace(report, source=Source.PATROL.value, reporter_id=None))

    def file_for(self, person: int, report: Report, *, source: str = Source.PROXY.value) -> Done | Refused:
        """What somebody else told a worker or assistant: 代报, 来访, 电话, 12345."""
        return self._filed(person, replace(report, source=source))

    def _filed(self, person: int, report: Report) -> Done | Refused:
        filed = replace(report, filed_by_id=person)
        area_id = report.area_id if report.area_id is not None else grid_for(self.directory, filed)
        areas = (area_id,) if area_id is not None else report.chat_areas or grids_of(self.directory, person)
        if not any(self._files_in(person, area) for area in areas):
            return Refused("foreign_report" if self.directory.is_staff(person) else "not_staff")
        return self.report(replace(filed, area_id=area_id))

    def _files_in(self, person: int, area_id: int | None) -> bool:
        return not effective_roles(self.directory, person, area_id, self.now).isdisjoint(FILERS)

    def grid_of(self, report: Report) -> int | None:
        return report.area_id if report.area_id is not None else grid_for(self.directory, report)

    def likely(self, report: Report) -> Likeness | None:
        """The open case this report most likely tells of again."""
        area_id = self.grid_of(report)
        areas = [area_id] if area_id is not None else list(report.chat_areas)
        if not areas:
            return None
        candidate = Candidate(
            category=report.category, place=report.place, area_id=area_id, said_at=report.said_at or self.now,
            reporter_id=report.reporter_id, text=report.text, sensitive=report.sensitive,
        )  # fmt: skip
        cases.hold_areas(self.conn, areas)
        return likely_same(candidate, cases.open_cases(self.conn, area_ids=areas, since=self.now - LOOK_BACK))

    def supplement(
        self, person: int | None, case_id: int, *, text: str = "", photos: tuple[str, ...] = (),
        place: str | None = None, revised: Mapping[str, Any] | None = None, version: int | None = None,
    ) -> Outcome:  # fmt: skip
        """More words, photos or a place.

        `revised`: category, urgency, sensitive, matched as understood from old and new words together; they count
        only while nobody has accepted the case, and they never make it less sensitive. A stranger's place only fills
        a gap.
        """

        def edit(case: CaseRow, actor: Actor) -> Changes:
            told = _joined(case, text, photos) | self._placed(case, actor, place)
            if case.state == State.REPORTED and revised:
                told |= {name: value for name, value in revised.items() if name in REVISABLE}
                told["sensitive"] = stricter(case.sensitive, told.get("sensitive", "none"))
            changes = {name: value for name, value in told.items() if value != getattr(case, name)}
            return changes | self.clocks.retime(case, replace(case, **changes))

        if person is None and self.bench.known(None, case_id) is None:
            return Refused("unknown_case", {"number": case_id})
        said = {"text": text, "photos": list(photos), "place": place or ""}
        outcome = self.bench.do(Act(
            action=Action.SUPPLEMENT, case_id=case_id, by=person, version=version, edit=edit,
            only_if_changed=self._just_said(case_id, text),
            args=Args(text=text or place or "", photos=photos), say=lambda *_: said,
        ))  # fmt: skip
        return self._answered(person, outcome)

    def _just_said(self, case_id: int, text: str) -> bool:
        """These very words stand there, and hardly anything has happened since."""
        case = cases.get(self.conn, case_id)
        soon = case is not None and self.now - case.updated_at <= REPEATED
        return soon and case is not None and bool(text.strip()) and set(text.split("\n")) <= set(case.text.split("\n"))

    def _answered(self, person: int | None, outcome: Outcome) -> Outcome:
        """The reporter's words end the waiting for them."""
        if not isinstance(outcome, Done) or outcome.case.paused_at is None or person != outcome.case.reporter_id:
            return outcome
        if outcome.case.state == State.SUSPENDED:
            return outcome
        answered = self.bench.do(self._go_on(outcome.case.id, person, Action.ANSWERED))
        return replace(outcome, case=answered.case) if isinstance(answered, Done) else outcome

    def _placed(self, case: CaseRow, actor: Actor, place: str | None) -> Changes:
        """A place, and the grid it settles while that is unknown."""
        knows = actor.is_reporter or bool(actor.roles)
        if not place or (case.place and not knows):
            return {}
        if case.area_id is not None:
            return {"place": place}
        candidates = self.bench.areas(case) or self.directory.areas
        return {"place": place, "area_id": self.directory.grid_of(place, candidates)}

    def support(
        self, person: int | None, case_id: int, *, name: str = "", chat_id: int | None = None, text: str = "",
        photos: tuple[str, ...] = (),
    ) -> Outcome:  # fmt: skip
        """「我家也是」: counts once a person; of the reporter himself and a nameless sender only photos are new."""
        case = self.bench.known(person, case_id)
        if case is None:
            return Refused("unknown_case", {"number": case_id})
        if person is None or person == case.reporter_id or cases.is_supporter(self.conn, case_id, person):
            return self.supplement(person, case_id, photos=photos) if photos else Done(case, None)
        count = cases.count_supporters(self.conn, case_id) + 1
        said = {"text": text, "name": name, "count": count, "photos": list(photos)}
        outcome = self.bench.do(Act(
            action=Action.SUPPORT, case_id=case_id, by=person, say=lambda *_: said,
            edit=lambda current, _: {"photos": words.gathered(current.photos, photos)} if photos else {},
        ))  # fmt: skip
        if isinstance(outcome, Done):
            cases.add_supporter(
                self.conn, case_id=case_id, person_id=person, name=name, chat_id=chat_id, at=self.now
            )  # fmt: skip
        return outcome

    def correct(
        self, person: int, case_id: int, changes: Mapping[str, Any], *, sensitive: str = "none",
        version: int | None = None,
    ) -> Outcome:  # fmt: skip
        """Columns of CORRECTABLE. The clock starts anew only if another unit becomes responsible.

        `sensitive`: what comes with a new category; it never makes the case less so.
        """
        if unknown := changes.keys() - CORRECTABLE:
            raise ValueError(f"cannot be corrected: {sorted(unknown)}")

        def edit(case: CaseRow, actor: Actor) -> Changes:
            kept = {"sensitive": stricter(case.sensitive, sensitive)} if sensitive != "none" else {}
            different = {name: value for name, value in {**changes, **kept}.items() if getattr(case, name) != value}
            return different | self._reclocked(case, replace(case, **different)) if different else {}

        return self.bench.do(Act(
            action=Action.CORRECT, case_id=case_id, by=person, version=version, edit=edit, only_if_changed=True,
            args=Args(changes=changes),
            say=lambda before, after: {"changes": _differences(before, after, changes)},
        ))  # fmt: skip

    def _reclocked(self, case: CaseRow, corrected: CaseRow) -> Changes:
        before, after = self.directory.default_unit(case.area_id), self.directory.default_unit(corrected.area_id)
        moved = case.area_id is not None and before != after and case.paused_at is None
        if moved and case.clock is not None:
            return self.clocks.start(corrected, case.clock, self.now)
        return self.clocks.retime(case, corrected)

    def claim(self, person: int, case_id: int, *, version: int | None = None) -> Outcome:
        """「归我」: a case whose grid nobody knew becomes one of the claimer's grid."""
        case = self.bench.known(person, case_id)
        if case is None:
            return Refused("unknown_case", {"number": case_id})
        mine = [area for area in self.bench.areas(case, person) if self._works_in(person, area)]
        if case.area_id is not None:
            known = self.directory.area(case.area_id)
            return Done(case, None) if mine else Refused("claimed", {"area": known.name if known else ""})
        if not mine and knows(case, self.bench.actor(person, case)):
            return Refused("claim_elsewhere", {"number": case_id})
        if len(mine) > 1:
            names = [area.name for ident in mine if (area := self.directory.area(ident))]
            return Refused("claim_which", {"number": case_id, "areas": names})
        return self.correct(person, case_id, {"area_id": mine[0] if mine else None}, version=version)

    def _works_in(self, person: int, area_id: int) -> bool:
        return not effective_roles(self.directory, person, area_id, self.now).isdisjoint(WORKERS | {Role.CONFIDANT})

    def publish(
        self, person: int, case_id: int, *, text: str, agreed: bool, version: int | None = None
    ) -> Outcome:  # fmt: skip
        """「发布」 of a missing person: `text` goes to the groups, and only if the family agreed."""
        return self.bench.do(Act(
            action=Action.PUBLISH, case_id=case_id, by=person, version=version, args=Args(text=text, agreed=agreed),
            say=lambda _, case: {"text": text, "photos": list(case.photos)},
        ))  # fmt: skip


def _joined(case: CaseRow, text: str, photos: tuple[str, ...]) -> Changes:
    return {"text": words.joined(case.text, text), "photos": words.gathered(case.photos, photos)}


def _differences(before: CaseRow, after: CaseRow, names: Iterable[str]) -> dict[str, object]:
    return {name: getattr(after, name) for name in names if getattr(before, name) != getattr(after, name)}
