"""A new report: to the desk, tied to its messages, told to whom it concerns; or joined to what is known already."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.cases.desk import Report, telling
from bot.cases.duty import HIDDEN
from bot.cases.outcome import Done, Outcome, Refused
from bot.cases.states import Action
from bot.flow import gathering, hush, manners, storm
from bot.flow.draft import Draft
from bot.flow.hands import Hand
from bot.model import ChatKind, Inbound, Mode, Priority
from bot.privacy import mask_personal
from bot.talk.decisions import NewReport
from classifiers.verdict import Sensitivity, Tier, Urgency, Verdict
from storage import cases, links, menus, people
from storage.records import CaseRow, ChatRow, PersonRow

OWN_WORDS = frozenset(HIDDEN)
"""Sensitivities whose reporter hears another sentence than the usual receipt."""
GROUP_ADVICE = frozenset({Sensitivity.NONE.value, Sensitivity.MISSING.value})
ANSWER_TIME = timedelta(days=2)
OF_RESIDENTS = frozenset({"said", "asked"})


def report(hand: Hand, told: NewReport) -> bool:
    """Always keeps the message: whatever the rules thought perhaps, a person decides."""
    if (case := _heard_already(hand, told)) is not None:
        _take_up(hand, case)
        return True
    inbound, reporter = hand.moment.inbound, _reporter(hand, told)
    filed = _filed(hand, told, reporter)
    if told.how == "said" and (known := hand.desk.likely(filed)) is not None:
        return _joined(hand, known.case, told, reporter)
    if told.how in OF_RESIDENTS and not hand.moment.context.speaker.is_staff:
        before = gathering.lately(hand, filed.reporter_id, filed.said_at or hand.moment.now)
        if before.is_full(filed.urgency):
            return _gathered(hand, told, filed, before, reporter)
    outcome = _to_desk(hand, told, filed)
    if isinstance(outcome, Refused):
        hand.refuse(outcome.key, **outcome.data)
        return False
    _tie(hand, outcome.case, told, reporter)
    if told.how == "said" and _perhaps(told.verdict) and not inbound.private:
        cases.touch(hand.conn, outcome.case.id, hand.tools.clocks().stop(outcome.case))
        return True
    _tell(hand, outcome, inbound, answered=told.how != "said")
    if told.how == "relay":
        hand.say(hand.voice.texts.say("relay.taken", **hand.voice.fields(outcome.case, hand.moment.now)), outcome.case)
    elif told.how != "said":
        hand.done({"proxy": "file_for", "patrol": "patrol"}.get(told.how, "report"), outcome.case, name=told.for_name)
    return True


def _heard_already(hand: Hand, told: NewReport) -> CaseRow | None:
    """「上报」 of staff under a message of a case: it was only perhaps one, or he had not seen the card."""
    context = hand.moment.context
    if not told.from_quote or not context.speaker.is_staff:
        return None
    return next((case for case in context.quoted_cases if case.sensitive == "none"), None)


def _take_up(hand: Hand, case: CaseRow) -> None:
    """His word makes a perhaps sure."""
    if case.state == "reported" and case.clock is None:
        _make_sure(hand, case)
    hand.done("report", case)


def _make_sure(hand: Hand, case: CaseRow) -> CaseRow:
    """The clock starts and staff get the card."""
    cases.touch(hand.conn, case.id, hand.tools.clocks().start(case, "accept", hand.moment.now))
    fresh = hand.case(case.id) or case
    _tell(hand, Done(fresh, None), hand.moment.inbound, card=True)
    return fresh


def revised(verdict: Verdict) -> dict[str, Any]:
    """The columns a better understanding changes."""
    return {
        "category": verdict.category,
        "urgency": (verdict.urgency or Urgency.NORMAL).value,
        "sensitive": verdict.sensitive.value,
        "matched": matched_words(verdict),
    }


def better(case: CaseRow | None, verdict: Verdict | None) -> dict[str, Any] | None:
    """What further words change: of a sure case only what is sure as well, else a chance word would turn it over."""
    if case is None or verdict is None or not verdict.is_case:
        return None
    return revised(verdict) if verdict.tier is Tier.CARD or case.clock is None else None


def matched_words(verdict: Verdict | None) -> str:
    """The words that spoke for it, for the card; what lies inside a longer one says nothing more."""
    words = [match.word for match in verdict.matched if match.weight > 0] if verdict else []
    telling = [word for word in words if not any(word in other for other in words if other != word)]
    return "、".join(dict.fromkeys(word for word in telling if len(word) > 1) or telling)


def promoted(hand: Hand, outcome: Done, verdict: Verdict | None) -> Done:
    """A perhaps that further words made sure: its clock starts and staff get the card."""
    case = outcome.case
    sure = verdict is not None and verdict.is_case and not _perhaps(verdict)
    if case.state != "reported" or case.clock is not None or not sure:
        return outcome if case.clock is not None or case.state != "reported" else replace(outcome, notices=())
    return replace(outcome, case=_make_sure(hand, case), notices=())


def _perhaps(verdict: Verdict | None) -> bool:
    """A danger to life never waits for a list, and what only a confidant may read never stands in a worker's."""
    if verdict is None or verdict.tier is Tier.CARD:
        return False
    return verdict.urgency is not Urgency.EMERGENCY and verdict.sensitive.value not in HIDDEN


def _reporter(hand: Hand, told: NewReport) -> PersonRow | None:
    """Who told it: of a quoted message its author, of a 代报 or of words passed on nobody the directory knows."""
    if told.how in ("proxy", "relay"):
        return None
    if told.from_quote:
        quoted = _quoted(hand)
        if quoted is None or quoted.sender.anonymous:
            return None
        return people.ensure_person(
            hand.conn, quoted.channel, quoted.sender.native_id, quoted.sender.name, hand.moment.now
        )
    return hand.person()


def _quoted(hand: Hand) -> Inbound | None:
    inbound = hand.moment.inbound
    return next((piece for piece in inbound.earlier if piece.message_id == inbound.reply_to), None)


def _filed(hand: Hand, told: NewReport, reporter: PersonRow | None) -> Report:
    inbound, verdict = hand.moment.inbound, told.verdict
    quoted = _quoted(hand) if told.from_quote else None
    name = told.for_name or (quoted.sender.name if quoted else inbound.sender.name)
    understood = verdict is not None and verdict.category is not None
    columns = revised(verdict) if verdict is not None and understood else {"category": gathering.UNNAMED}
    return Report(
        source="group",
        text=told.text,
        photos=tuple(dict.fromkeys(photo.blob for photo in told.photos if photo.blob)),
        place=told.place or (inbound.location.title if inbound.location else ""),
        lat=inbound.location.lat if inbound.location else None,
        lon=inbound.location.lon if inbound.location else None,
        chat_areas=hand.moment.chat.areas,
        reporter_id=reporter.id if reporter else None,
        reporter_name=name,
        anonymous=inbound.sender.anonymous,
        said_at=(quoted or inbound).sent_at,
        **columns,
    )


def _to_desk(hand: Hand, told: NewReport, filed: Report) -> Done | Refused:
    person = hand.moment.person_id
    if person is not None and told.how == "patrol":
        return hand.desk.patrol(person, filed)
    if person is not None and told.how == "proxy":
        return hand.desk.file_for(person, filed)
    if person is not None and told.how == "relay":
        return hand.desk.report(replace(filed, filed_by_id=person, reporter_name=""))
    if person is not None and told.from_quote:
        return hand.desk.report(replace(filed, filed_by_id=person))
    return hand.desk.report(filed)


def _gathered(hand: Hand, told: NewReport, filed: Report, before: gathering.Lately, reporter: PersonRow | None) -> bool:
    """One more of very many: no case of its own, no word in the group; staff hear of them together."""
    known, outcome = gathering.gather(hand, filed, before)
    if not isinstance(outcome, Done):
        return False
    _tie(hand, outcome.case, told, reporter, role="piece" if known else "report")
    silent = hand.moment.chat.kind == ChatKind.RESIDENTS
    heard = tuple(notice for notice in outcome.notices if not silent or notice.kind != "acked")
    hand.settle(replace(outcome, notices=heard))
    return True


def _joined(hand: Hand, case: CaseRow, told: NewReport, reporter: PersonRow | None) -> bool:
    """The same trouble, told once more or in another group of the grid: it supports the case that is there."""
    mine = reporter is not None and reporter.id == case.reporter_id
    name = hand.moment.inbound.sender.name
    photos = tuple(photo.blob for photo in told.photos if photo.blob)
    outcome: Outcome
    if mine:
        outcome = hand.desk.supplement(
            case.reporter_id, case.id, text=told.text, photos=photos, place=told.place,
            revised=better(case, told.verdict),
        )  # fmt: skip
    else:
        outcome = hand.desk.support(
            reporter.id if reporter else None, case.id, name=name, chat_id=hand.moment.chat.id, text=told.text,
            photos=photos,
        )  # fmt: skip
    if not isinstance(outcome, Done):
        return False
    _tie(hand, case, told, reporter, role="piece" if mine else "support")
    joined = promoted(hand, outcome, told.verdict) if mine else backed(hand, outcome, told.verdict, told.text)
    hand.settle(joined)
    return True


def backed(hand: Hand, outcome: Done, verdict: Verdict | None, text: str) -> Done:
    """One more has the trouble: what is heard of it. His sure words, or that they are many, make a perhaps sure."""
    case, count = outcome.case, outcome.event.data.get("count", 0) if outcome.event else 0
    if not cases.is_perhaps(case):
        return storm.supported(hand, outcome)
    if _perhaps(verdict) and count < hush.MANY:
        return replace(outcome, notices=())
    person = hand.person()
    words = hand.desk.supplement(
        person.id if person else None, case.id, text=text, place=None, revised=better(case, verdict)
    )
    sure = _make_sure(hand, words.case if isinstance(words, Done) else case)
    return replace(storm.supported(hand, replace(outcome, case=sure)), notices=())


def _tie(hand: Hand, case: CaseRow, told: NewReport, reporter: PersonRow | None, role: str = "report") -> None:
    """Every message it is made of belongs to the case; the telling one is quoted by the result."""
    inbound = hand.moment.inbound
    sent = {piece.message_id: piece.sent_at for piece in (*inbound.earlier, inbound) if piece.message_id}
    telling = inbound.reply_to if told.from_quote and inbound.reply_to else inbound.message_id
    written_in = hand.moment.person_id if told.how in ("proxy", "relay") else None
    for message_id in dict.fromkeys([telling, *told.pieces]):
        if message_id is None:
            continue
        links.add(
            hand.conn,
            case_id=case.id,
            chat_id=hand.moment.chat.id,
            message_id=message_id,
            role=role if message_id == telling else "piece",
            person_id=reporter.id if reporter else written_in,
            said_at=sent.get(message_id, inbound.sent_at),
        )


def _tell(hand: Hand, outcome: Done, inbound: Inbound, *, card: bool = False, answered: bool = False) -> None:
    """The card for staff, the receipt (unless who spoke is `answered` anyway), what to do until help comes."""
    case, moment, teller = outcome.case, hand.moment, hand.tools.teller
    notices = telling.notices(Action.REPORT, case, {}, None, moment.chat.areas) if card else outcome.notices
    asked_in = _asks_place(hand, case)
    advised = case.sensitive != Sensitivity.NONE.value and hand.voice.emergency(case) is not None
    silent = answered or asked_in is not None or advised or case.sensitive in OWN_WORDS
    heard = tuple(notice for notice in notices if notice.kind != "acked" or not silent)
    teller.tell(hand.conn, moment.directory, case, heard, moment.now, hand.spoken)
    if case.source == "group":
        _advise(hand, case)
        if asked_in is not None:
            _ask_place(hand, case, asked_in)


def _advise(hand: Hand, case: CaseRow) -> None:
    """What to do until help comes, and, in private, who will see what was said."""
    voice, moment, teller = hand.voice, hand.moment, hand.tools.teller
    advice = voice.emergency(case)
    if case.sensitive == Sensitivity.STAFF.value and teller.finder.staff(hand.conn, moment.directory, case, moment.now):
        advice = voice.texts.say("private.about_staff")
    if advice is None or moment.late:
        return
    if gathering.lately(hand, case.reporter_id, case.reported_at).is_advised():
        return
    groups = teller.finder.origins(hand.conn, case) if case.sensitive in GROUP_ADVICE else []
    open_groups = [target for target in groups if manners.group_sees(target.chat.mode, "emergency")]
    targets = open_groups or teller.finder.reporter(hand.conn, case, moment.now)
    for target in targets:
        in_group = target.chat.kind == ChatKind.RESIDENTS
        quote = target.quote if not in_group or case.sensitive == "none" else None
        draft = Draft(view="text", text=mask_personal(advice) if in_group else advice, quote=quote, link="answer")
        teller.post(hand.conn, target.chat, "emergency", draft, moment.now, case=case, priority=Priority.EMERGENCY)
        if case.sensitive == Sensitivity.VIOLENCE.value and target.person_id is not None:
            _await(hand, case, target.chat.id, target.person_id, "contact")


def _asks_place(hand: Hand, case: CaseRow) -> ChatRow | None:
    """Where the reporter is asked: only where the bot may answer him now, and never about what is sensitive."""
    chat = hand.moment.chat
    speaks = chat.kind == ChatKind.PRIVATE or (chat.kind == ChatKind.RESIDENTS and chat.mode == Mode.FULL)
    named = bool(case.place) or case.lat is not None
    asked = case.category.partition(".")[0] in ("service", "consult", "security", "dispute")
    person = hand.person() if speaks and not named and not asked and case.sensitive == "none" else None
    if person is None or person.id != case.reporter_id:
        return None
    return hand.tools.teller.answers_in(hand.conn, hand.spoken, case, hand.moment.now)


def _ask_place(hand: Hand, case: CaseRow, chat: ChatRow) -> None:
    hand.say(hand.voice.texts.say("group.ask_place", **hand.voice.fields(case, hand.moment.now)), case)
    if case.reporter_id is not None:
        _await(hand, case, chat.id, case.reporter_id, "place")


def _await(hand: Hand, case: CaseRow, chat_id: int, person_id: int, kind: str) -> None:
    menus.ask(
        hand.conn,
        chat_id=chat_id,
        person_id=person_id,
        case_id=case.id,
        kind=kind,
        asked_at=hand.moment.now,
        until=hand.moment.now + ANSWER_TIME,
    )
