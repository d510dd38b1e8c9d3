"""A case as a card: neutral lines and buttons; a channel renders them as far as it can, `as_text` where it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.model import Button, Card
from bot.talk.buttons import button_data
from bot.talk.moments import when
from bot.talk.verbs import Verb
from bot.talk.voice import HIDDEN, Voice
from storage.records import CaseRow

LONGEST_TEXT: Final = 300  # characters of the reporter's words on a card
_ALTERNATIVES: Final = 2


class View(StrEnum):
    """Whose work the card asks for."""

    CANDIDATE = "candidate"  # staff: is it a case?
    WORKING = "working"  # staff: on the way
    UNIT = "unit"  # the unit: please do it
    VERIFY = "verify"  # staff: is it done?
    SUSPENDED = "suspended"
    CLOSED = "closed"
    ENDED = "ended"  # without a result
    RESULT = "result"  # the reporter: tell us how it was


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """What the card needs besides the case. The case's fields are masked for its viewers before (visibility).

    `may`: actions the viewers may do, as values of bot.cases.states.Action; None: what the view usually offers.
    """

    kind: View
    alternatives: tuple[str, ...] = ()  # category codes the classifier also considered
    supporters: int = 0
    may: frozenset[str] | None = None
    private: bool = False  # to one person, so that grades may be asked for
    late: datetime | None = None  # when it was said, if that was long before staff hear of it


def view_of(case: CaseRow, *, unit: bool = False) -> View:
    """The view staff have of a case in its state; `unit`: the view of the unit's chat."""
    if unit and case.state in {"accepted", "dispatched", "resolved"}:
        return View.UNIT
    return _VIEWS.get(case.state, View.ENDED)


_VIEWS: Final[Mapping[str, View]] = {
    "reported": View.CANDIDATE,
    "accepted": View.WORKING,
    "dispatched": View.WORKING,
    "resolved": View.VERIFY,
    "suspended": View.SUSPENDED,
    "closed": View.CLOSED,
}


def case_card(case: CaseRow, view: CardView, voice: Voice, now: datetime) -> tuple[Card, tuple[Button, ...]]:
    """The card and the taps it offers; a button carries the version of the case it was made for."""
    say = voice.texts.say
    fields = voice.fields(case, now)
    card = Card(
        title=say(f"card.title_{view.kind}", **fields),
        lines=tuple(_lines(case, view, voice, now)),
        note=_note(case, view, voice, now),
        urgent=case.urgency == "emergency",
    )
    return card, tuple(_buttons(case, view, voice))


def _lines(case: CaseRow, view: CardView, voice: Voice, now: datetime) -> list[tuple[str, str]]:
    say, fields = voice.texts.say, voice.fields(case, now)
    reporter = say("card.value_anonymous") if case.anonymous else case.reporter_name
    photos = case.result_photos if view.kind in {View.VERIFY, View.CLOSED, View.RESULT} else case.photos
    values: list[tuple[str, object]] = [
        ("category", _category(case, view, voice)),
        ("place", case.place or say("card.value_no_place")),
        ("text", _shortened(case.text)),
        ("reporter", reporter),
        ("source", "" if case.source == "group" else fields["source"]),
        ("area", fields["area"] or (say("card.value_no_area") if view.kind is View.CANDIDATE else "")),
        ("worker", fields["worker"]),
        ("unit", fields["unit"]),
        ("due", fields["due"]),
        ("result", case.result_text),
        ("supporters", say("card.value_supporters", count=view.supporters) if view.supporters else ""),
        ("photos", say("card.value_photos", count=len(photos)) if photos else ""),
    ]
    hidden = _LEFT_OUT.get(view.kind, frozenset())
    return [(say(f"card.label_{name}"), str(value)) for name, value in values if value and name not in hidden]


_LEFT_OUT: Final[Mapping[View, frozenset[str]]] = {
    View.RESULT: frozenset({"text", "reporter", "source", "area", "worker", "due", "supporters"}),
    View.UNIT: frozenset({"reporter", "source", "unit"}),
    View.CLOSED: frozenset({"due"}),
    View.ENDED: frozenset({"due"}),
}


def _category(case: CaseRow, view: CardView, voice: Voice) -> str:
    name = voice.names.category(case.category) or case.category
    others = [voice.names.category(code) for code in view.alternatives[:_ALTERNATIVES] if code != case.category]
    if view.kind is not View.CANDIDATE or not any(others):
        return name
    return voice.texts.say("card.value_maybe", category=name, lines="、".join(filter(None, others)))


def _note(case: CaseRow, view: CardView, voice: Voice, now: datetime) -> str:
    """Why the program thinks so, and what must not be overlooked."""
    say = voice.texts.say
    notes = [
        say("card.why", lines=case.matched) if case.matched and view.kind is View.CANDIDATE else "",
        say("card.repeat") if case.repeat else "",
        say("card.supervised") if case.supervised else "",
        say("card.hidden") if case.sensitive in HIDDEN else "",
        say("card.late", at=when(view.late, now, voice.tz)) if view.late else "",
    ]
    return "；".join(note for note in notes if note)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


# ---------------------------------------------------------------- buttons

_Spec = tuple[Verb, str, str, str]  # verb, key of the label, argument, style
_OFFERS: Final[Mapping[View, tuple[_Spec, ...]]] = {
    View.CANDIDATE: ((Verb.ACCEPT, "accept", "", "primary"), (Verb.DECLINE, "decline", "", "danger")),
    View.WORKING: (
        (Verb.CLOSE, "close", "", "primary"),
        (Verb.DISPATCH, "dispatch", "", ""),
        (Verb.TRANSFER, "transfer", "", ""),
    ),
    View.UNIT: ((Verb.RESOLVE, "resolve", "", "primary"), (Verb.RETURN, "return", "", "")),
    View.VERIFY: ((Verb.VERIFY, "verify_pass", "pass", "primary"), (Verb.VERIFY, "verify_fail", "fail", "danger")),
    View.SUSPENDED: ((Verb.RESUME, "resume", "", "primary"),),
    View.CLOSED: (),
    View.ENDED: (),
    View.RESULT: ((Verb.NOT_FIXED, "not_fixed", "", ""),),
}
_GATED: Final[Mapping[str, str]] = {"verify_fail": "rework", "verify_pass": "verify", "not_fixed": "reopen"}


def _buttons(case: CaseRow, view: CardView, voice: Voice) -> list[Button]:
    offered = [spec for spec in _OFFERS[view.kind] if _may(spec, case, view)]
    made = [
        Button(voice.texts.say(f"card.{label}"), button_data(verb, case.id, case.version, arg), style)
        for verb, label, arg, style in offered
    ]
    if view.kind is View.CANDIDATE and made:
        made[1:1] = _other_categories(case, view, voice)
        if case.area_id is None:
            made.append(Button(voice.texts.say("card.claim"), button_data(Verb.CLAIM, case.id, case.version)))
    if view.kind is View.RESULT and view.private:
        made += _grades(case, voice)
    return made


def _may(spec: _Spec, case: CaseRow, view: CardView) -> bool:
    verb, label, _, _ = spec
    if (verb is Verb.DISPATCH and case.state == "dispatched") or (verb is Verb.RETURN and case.state == "accepted"):
        return False
    return view.may is None or _GATED.get(label, verb) in view.may


def _other_categories(case: CaseRow, view: CardView, voice: Voice) -> list[Button]:
    """「是下水道」: accepted as another category with one tap."""
    codes = [code for code in view.alternatives[:_ALTERNATIVES] if code != case.category and voice.names.category(code)]
    return [
        Button(
            voice.texts.say("card.accept_as", category=voice.names.category(code)),
            button_data(Verb.ACCEPT, case.id, case.version, code),
        )
        for code in codes
    ]


def _grades(case: CaseRow, voice: Voice) -> list[Button]:
    return [
        Button(voice.texts.say("card.rate", grade=grade), button_data(Verb.GRADE, case.id, case.version, str(n)))
        for n, grade in enumerate(voice.grades, 1)
    ]


# ---------------------------------------------------------------- where there are no cards


def as_text(card: Card, buttons: tuple[Button, ...] = ()) -> str:
    """The card as plain lines; buttons become the numbered words that do the same."""
    lines = [card.title, *(f"{label}：{value}" for label, value in card.lines)]
    if card.note:
        lines.append(f"（{card.note}）")
    options = numbered(buttons)
    return "\n".join([*lines, options] if options else lines)


def numbered(buttons: tuple[Button, ...]) -> str:
    """「1 确认  2 不受理」 for places without buttons; position n is `buttons[n - 1].data`."""
    return "  ".join(f"{position} {button.label}" for position, button in enumerate(buttons, 1))
