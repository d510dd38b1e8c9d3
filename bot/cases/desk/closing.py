"""Acts at the end of a case and after it: resolve, verify, close, withdraw, rate, reopen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.cases.actor import Actor
from bot.cases.asks import Args
from bot.cases.clocks import Changes
from bot.cases.desk.base import iso
from bot.cases.desk.bench import Act, Edit
from bot.cases.desk.working import Working
from bot.cases.notices import Kind
from bot.cases.outcome import Done, Outcome, Refused
from bot.cases.states import Action, State
from bot.model import Notice
from storage import cases, ratings
from storage.records import CaseRow, RatingRow


class Closing(Working):
    def resolve(
        self, person: int | None, case_id: int, *, text: str, photos: tuple[str, ...] = (),
        version: int | None = None, at: datetime | None = None,
    ) -> Outcome:  # fmt: skip
        """处置完成 by the unit, or (None) by the case system; a worker verifies it."""
        return self.bench.do(Act(
            action=Action.RESOLVE, case_id=case_id, by=person, version=version, at=at,
            args=Args(text=text, photos=photos),
            edit=lambda *_: {"result_text": text, "result_photos": photos, "resolved_at": self.moment(at)},
            say=lambda _, case: {"result": text, "photos": list(photos), "until": iso(case.due_at)},
        ))  # fmt: skip

    def verify(
        self, person: int, case_id: int, *, passed: bool, reason: str = "", version: int | None = None
    ) -> Outcome:  # fmt: skip
        """核查: passed closes the case, else it goes back as 返工, which needs a reason."""
        if not passed:
            return self.bench.do(Act(
                action=Action.REWORK, case_id=case_id, by=person, version=version, args=Args(reason=reason),
                edit=lambda *_: {"resolved_at": None},
                say=lambda _, case: {"reason": reason, "until": iso(case.due_at)},
            ))  # fmt: skip
        return self.bench.do(Act(
            action=Action.VERIFY, case_id=case_id, by=person, version=version, edit=self._ended(self.now),
            say=self._result,
        ))  # fmt: skip

    def close(
        self, person: int, case_id: int, *, text: str = "", photos: tuple[str, ...] = (), reporter_ok: bool = False,
        quiet: bool = False, version: int | None = None, at: datetime | None = None,
    ) -> Outcome:  # fmt: skip
        """办结. A case nobody had accepted is accepted by the same word: two events, one act.

        Without a text the unit's own result stands. `reporter_ok`: he said it is done, where a photo would be asked.
        `quiet`: the grid's groups do not hear the result of what staff wrote in.
        """
        case = cases.get(self.conn, case_id)
        text, photos = (text or case.result_text, photos or case.result_photos) if case else (text, photos)
        ended = self._ended(self.moment(at))

        def edit(current: CaseRow, actor: Actor) -> Changes:
            result: Changes = {"result_text": text, "result_photos": photos, "quiet": current.quiet or quiet}
            return result | {"worker_id": current.worker_id or person} | ended(current, actor)

        act = Act(
            action=Action.CLOSE, case_id=case_id, by=person, version=version, edit=edit, at=at, say=self._result,
            args=Args(text=text, photos=photos, reporter_ok=reporter_ok),
        )  # fmt: skip
        if case is None or case.state != State.REPORTED or self.bench.refusal(act, case):
            return self.bench.do(act)
        return self._accept_and_close(person, act)

    def _accept_and_close(self, person: int, act: Act) -> Outcome:
        """Two events: 「撤」 takes both back at once, so the second remembers what was before the first."""
        accepted = self.accept(person, act.case_id, version=act.version, at=act.at)
        if not isinstance(accepted, Done) or accepted.event is None:
            return accepted
        return self.bench.do(replace(act, version=None, earlier=accepted.event))

    def _ended(self, at: datetime) -> Edit:
        def edit(case: CaseRow, actor: Actor) -> Changes:
            return {"closed_at": at, "closings": case.closings + 1}

        return edit

    def _result(self, before: CaseRow, after: CaseRow) -> Changes:
        """What the result post needs beside the case; `cases`: those merged into it, whose groups hear it, too."""
        supporters = [row.person_id for row in cases.supporters(self.conn, after.id)]
        reporter = [] if after.reporter_id is None else [after.reporter_id]
        return {
            "result": after.result_text,
            "photos": list(after.result_photos),
            "closing": after.closings,
            "persons": [*reporter, *(person for person in supporters if person not in reporter)],
            "cases": [case.id for case in cases.merged_into(self.conn, after.id)],
        }

    def withdraw(self, person: int, case_id: int, *, text: str = "", version: int | None = None) -> Outcome:
        """撤回, 「好了不用了」 of the reporter; once staff are at work it is a note to them."""
        case = cases.get(self.conn, case_id)
        early = case is None or case.state not in {State.DISPATCHED, State.RESOLVED, State.SUSPENDED}
        return self.bench.do(Act(
            action=Action.WITHDRAW if early else Action.NOTE, case_id=case_id, by=person, version=version,
            say=lambda *_: {"text": text},
        ))  # fmt: skip

    def rate(self, person: int, case_id: int, grade: int) -> Outcome:
        """One grade per closing and person, 1 the best; a bad one asks for a call back."""
        case = cases.get(self.conn, case_id)
        given = {row.person_id: row.grade for row in self._grades(case)}
        if case is not None and person in given:
            same = given[person] == grade
            return Done(case, None) if same else Refused("rated_before", {"number": case_id, "grade": given[person]})
        outcome = self.bench.do(Act(
            action=Action.RATE, case_id=case_id, by=person, args=Args(grade=grade),
            say=lambda _, after: {"grade": grade, "closing": after.closings},
        ))  # fmt: skip
        return self._recorded(person, grade, outcome)

    def _grades(self, case: CaseRow | None) -> list[RatingRow]:
        rows = ratings.of_case(self.conn, case.id) if case else []
        return [row for row in rows if case and row.closing == case.closings]

    def _recorded(self, person: int, grade: int, outcome: Outcome) -> Outcome:
        if not isinstance(outcome, Done):
            return outcome
        case = outcome.case
        ratings.rate(
            self.conn, case_id=case.id, closing=case.closings, person_id=person, grade=grade, at=self.now
        )  # fmt: skip
        bad = self.clocks.rules.is_bad(grade)
        return outcome if bad else replace(outcome, notices=_without(outcome.notices, Kind.RATED_BAD))

    def reopen(
        self, person: int, case_id: int, reason: str, *, photos: tuple[str, ...] = (), version: int | None = None
    ) -> Outcome:  # fmt: skip
        """重办, 「没好」: back to work with a new clock."""

        def edit(case: CaseRow, actor: Actor) -> Changes:
            fresh = ("closed_at", "resolved_at", "dispatched_at")
            return dict.fromkeys(fresh) | {
                "result_text": "", "result_photos": (), "repeat": case.repeat or self._again(case),
                "photos": (*case.photos, *photos), "returns": 0,
            }  # fmt: skip

        return self.bench.do(Act(
            action=Action.REOPEN, case_id=case_id, by=person, version=version, edit=edit, args=Args(reason=reason),
            say=lambda _, case: {
                "reason": reason, "photos": list(photos), "repeat": case.repeat, "until": iso(case.due_at),
                "unit": self._unit_name(case.unit_id), "who": self.directory.name_of(case.worker_id),
            },
        ))  # fmt: skip

    def _again(self, case: CaseRow) -> bool:
        """It had been reopened before, not long ago."""
        since = self.now - timedelta(days=self.clocks.rules.repeat_days)
        return any(e.action == Action.REOPEN and e.at >= since for e in cases.events(self.conn, case.id))


def _without(notices: tuple[Notice, ...], kind: Kind) -> tuple[Notice, ...]:
    return tuple(notice for notice in notices if notice.kind != kind)
