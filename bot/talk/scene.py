"""A message with what is known about its moment, and the decisions that are made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from bot.model import Inbound
from bot.talk import phrases
from bot.talk.decisions import Context, Correct, Decision, How, NewReport, Supplement, Support
from bot.talk.pieces import Said, idle, photos_of, place_of, put_together, tells
from classifiers.verdict import Urgency, Verdict
from storage.records import CaseRow

WARM: Final = timedelta(minutes=10)  # after the reporter's last word
HOT: Final = timedelta(minutes=10)  # after anybody's last word about a case of the chat
KNOWN: Final = 1000  # characters of a case that further words are read together with
LATER: Final = timedelta(hours=24)  # the reporter of the only open case comes back to it; 「没好」 without a quote


@dataclass(frozen=True)
class Scene:
    """A message, what is known about its moment, and what follows from both."""

    message: Inbound
    ctx: Context
    now: datetime

    @property
    def text(self) -> str:
        return self.message.text.strip()

    @property
    def verdict(self) -> Verdict | None:
        return self.ctx.verdict

    @property
    def reports(self) -> bool:
        """The message alone tells a trouble."""
        return tells(self.text, self.verdict)

    @cached_property
    def said(self) -> Said:
        return put_together(self.message, self.ctx)

    @cached_property
    def place(self) -> str | None:
        return place_of(self.text, self.verdict)

    @cached_property
    def idle(self) -> bool:
        return idle(self.text, self.verdict)

    @cached_property
    def over(self) -> bool:
        """The speaker says the trouble is gone."""
        return not self.reports and phrases.called_off(self.text)

    def since(self, moment: datetime) -> timedelta:
        return self.now - moment

    def is_mine(self, case: CaseRow) -> bool:
        person = self.ctx.speaker.person_id
        return person is not None and person in (case.reporter_id, case.filed_by_id)


def new_report(scene: Scene, how: How) -> NewReport:
    said = scene.said
    return NewReport(
        text=said.text, pieces=said.ids, place=said.place, photos=said.photos, verdict=said.verdict, how=how
    )


def supplement(scene: Scene, case: CaseRow) -> Supplement:
    understand, verdict = scene.ctx.understand, None
    if case.state == "reported" and scene.text and understand is not None:
        verdict = understand(with_more(case, scene.text))
    return Supplement(
        case_id=case.id,
        text=scene.text,
        place=scene.place,
        photos=photos_of(scene.message),
        pieces=own_id(scene),
        verdict=verdict,
    )


def with_more(case: CaseRow, text: str) -> str:
    """Old and new words, so that the rules, which read the beginning of a long text, see the new ones as well."""
    return f"{case.text[:KNOWN]}\n{text}"


def support(scene: Scene, case: CaseRow) -> Support:
    return Support(case_id=case.id, text=scene.text, place=scene.place, photos=photos_of(scene.message))


def correct(scene: Scene, case: CaseRow) -> Decision:
    """The place if one is named, else the kind of trouble if the words after 「是」 tell one, else more words."""
    instead = phrases.corrected_to(scene.text)
    place = place_of(instead) or scene.place
    if place:
        return Correct(case_id=case.id, field="place", value=place, text=scene.text)
    meant = scene.ctx.understand(instead) if scene.ctx.understand and instead else None
    if meant is not None and meant.category and meant.category != case.category:
        return Correct(case_id=case.id, field="category", value=meant.category, text=scene.text)
    return supplement(scene, case)


def own_id(scene: Scene) -> tuple[str, ...]:
    return (scene.message.message_id,) if scene.message.message_id else ()


def same_kind(case: CaseRow, verdict: Verdict | None) -> bool:
    """The category, one the classifier also considered, or the same danger to life told in other words."""
    if verdict is None or verdict.category is None:
        return False
    if case.category == verdict.category or case.category in verdict.alternatives:
        return True
    grave = case.urgency == Urgency.EMERGENCY == verdict.urgency
    return grave and case.category.partition(".")[0] == verdict.category.partition(".")[0]
