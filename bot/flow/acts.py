"""What a message does: a decision of the dialogue becomes acts at the desk, links and answers, in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from sqlalchemy import Connection

from bot.cases.lifecycle import OPEN
from bot.cases.notices import Kind
from bot.cases.outcome import Done, Refused
from bot.cases.states import State
from bot.flow import filing, membership, orders
from bot.flow.context import Moment
from bot.flow.foreign import foreign
from bot.flow.hands import Hand, Tools
from bot.model import Attachment, Audience, Inbound, InboundKind, Notice
from bot.talk import phrases
from bot.talk.buttons import parse_button
from bot.talk.decisions import (
    Answer,
    Ask,
    Correct,
    Decision,
    Do,
    Grade,
    NewReport,
    NotFixed,
    Nothing,
    Supplement,
    Support,
    Withdraw,
)
from bot.talk.dialogue import decide
from storage import links, menus

log = logging.getLogger(__name__)
Ack = Callable[[Inbound, str], Awaitable[None]]


class Acts:
    """`perform` runs inside the row's transaction; `after` once it is committed."""

    def __init__(self, tools: Tools, ack: Ack) -> None:
        self._tools, self._ack = tools, ack

    def perform(self, conn: Connection, moment: Moment) -> str | None:
        """Do what the message asks for. None: it led to nothing, its text may be forgotten; else the toast."""
        hand = Hand(conn, moment, self._tools)
        kept = self._kept(hand)
        return hand.toast if kept or hand.pressed else None

    def _kept(self, hand: Hand) -> bool:
        kind = hand.moment.inbound.kind
        if kind in (InboundKind.JOINED, InboundKind.LEFT, InboundKind.MIGRATED):
            return membership.changed(hand)
        if kind is InboundKind.BUTTON:
            return self._pressed(hand)
        if kind is InboundKind.RECALL:
            return _recalled(hand)
        kept = apply(hand, decide(hand.moment.inbound, hand.moment.context))
        _tell_of_photos(hand, kept=kept)
        return kept

    @staticmethod
    def _pressed(hand: Hand) -> bool:
        press = parse_button(hand.moment.inbound.button or "")
        if press is None:
            hand.toast = hand.voice.ask("not_understood", {}, hand.moment.now)
            return False
        return orders.press(hand, press)

    async def after(self, inbound: Inbound, toast: str) -> None:
        """Answer a button press on the spot: best effort, after the commit."""
        if inbound.kind is not InboundKind.BUTTON:
            return
        try:
            with foreign():
                await self._ack(inbound, toast)
        except Exception:  # a channel's trouble: what the button did is committed
            log.exception("no answer to a button", extra={"action": "ack_failed", "account": inbound.account})


def _tell_of_photos(hand: Hand, *, kept: bool) -> None:
    """Why a photo was not taken: its sender can send another one. Not where it was beside small talk."""
    inbound = hand.moment.inbound
    if inbound.refused and (kept or inbound.private):
        hand.say("\n".join(inbound.refused))


def apply(hand: Hand, decision: Decision) -> bool:  # noqa: C901, PLR0911, PLR0912 - one line a kind of decision
    """Carry out one decision; True if the message belongs to a case now."""
    match decision:
        case NewReport():
            return filing.report(hand, decision)
        case Supplement():
            return _supplement(hand, decision)
        case Correct():
            return _correct(hand, decision)
        case Support():
            return _support(hand, decision)
        case Withdraw(case_id=case_id, text=text):
            return _withdraw(hand, case_id, text)
        case NotFixed():
            return _not_fixed(hand, decision)
        case Grade(case_id=case_id, grade=grade):
            return orders.rate(hand, case_id, grade)
        case Answer():
            return _answer(hand, decision)
        case Do():
            return orders.carry_out(hand, decision)
        case Ask(key=key, data=data):
            hand.ask(key, data)
            return False
        case Nothing():
            return False


def blobs_of(attachments: tuple[Attachment, ...]) -> tuple[str, ...]:
    """The photos that were really kept."""
    return tuple(file.blob for file in attachments if file.blob)


def link(hand: Hand, case_id: int, role: str, person_id: int | None) -> None:
    """The message belongs to the case from now on."""
    inbound = hand.moment.inbound
    if inbound.message_id:
        links.add(
            hand.conn,
            case_id=case_id,
            chat_id=hand.moment.chat.id,
            message_id=inbound.message_id,
            role=role,
            person_id=person_id,
            said_at=inbound.sent_at,
        )


def _supplement(hand: Hand, more: Supplement) -> bool:
    person = hand.person()
    revised = filing.better(hand.case(more.case_id), more.verdict)
    outcome = hand.desk.supplement(
        person.id if person else None,
        more.case_id,
        text=more.text,
        photos=blobs_of(more.photos),
        place=more.place,
        revised=revised,
    )
    if not isinstance(outcome, Done):
        return False  # the case ended meanwhile: a later word about it is talk
    link(hand, more.case_id, "piece", person.id if person else None)
    outcome = filing.promoted(hand, outcome, more.verdict)
    hand.settle(outcome)
    return True


def _correct(hand: Hand, correction: Correct) -> bool:
    """The reporter's own 「不对，是5号楼」 is more of his words; what they change staff see on the card."""
    place = correction.value if correction.field == "place" else None
    category = correction.value if correction.field == "category" else None
    revised = {"category": category, "sensitive": hand.tools.sensitivity(category)} if category else None
    person = hand.person()
    outcome = hand.desk.supplement(
        person.id if person else None, correction.case_id, text=correction.text, place=place, revised=revised
    )
    if not isinstance(outcome, Done):
        return False
    link(hand, correction.case_id, "piece", person.id if person else None)
    hand.settle(outcome)
    return True


def _support(hand: Hand, support: Support) -> bool:
    person = hand.person()
    outcome = hand.desk.support(
        person.id if person else None,
        support.case_id,
        name=hand.moment.inbound.sender.name,
        chat_id=hand.moment.chat.id,
        text="" if phrases.only_agrees(support.text) else support.text,
        photos=blobs_of(support.photos),
    )
    if not isinstance(outcome, Done):
        return False
    link(hand, support.case_id, "support", person.id if person else None)
    hand.settle(filing.backed(hand, outcome, hand.moment.context.verdict, support.text))
    return True


def _withdraw(hand: Hand, case_id: int, text: str) -> bool:
    person = hand.person()
    if person is None:
        return False
    outcome = hand.desk.withdraw(person.id, case_id, text=text)
    if isinstance(outcome, Done):
        link(hand, case_id, "piece", person.id)
    noted = isinstance(outcome, Done) and outcome.case.state != "withdrawn"
    return hand.settle(outcome, "note" if noted else "withdraw")


def _not_fixed(hand: Hand, told: NotFixed) -> bool:
    person = hand.person()
    if person is None:
        return False
    outcome = hand.desk.reopen(person.id, told.case_id, told.text or "没好", photos=blobs_of(told.photos))
    if isinstance(outcome, Done):
        link(hand, told.case_id, "piece", person.id)
    if isinstance(outcome, Refused) and outcome.key == "reopen_late":
        _late_not_fixed(hand, told, person.name)
    return hand.settle(outcome)


def _late_not_fixed(hand: Hand, told: NotFixed, name: str) -> None:
    """Too late to open it again by himself, but never lost: staff hear it and may."""
    case = hand.case(told.case_id)
    if case is not None:
        notice = Notice(Kind.NOT_FIXED_LATE.value, Audience.STAFF, case.id, {"name": name, "text": told.text})
        hand.tools.teller.tell(hand.conn, hand.moment.directory, case, [notice], hand.moment.now, hand.spoken)


def _answer(hand: Hand, answer: Answer) -> bool:
    """What the bot had asked this person here."""
    question = answer.question
    menus.answered(hand.conn, question.id)
    if question.kind in ("result", "photo", "reason", "unit", "transfer"):
        return orders.answered(hand, answer)
    more = Supplement(case_id=question.case_id, text=answer.text, place=answer.place, photos=answer.photos)
    kept = _supplement(hand, more)
    if kept and question.kind == "contact":
        hand.say(hand.voice.texts.say("private.contact"), hand.case(question.case_id))
    return kept


def _recalled(hand: Hand) -> bool:
    """The message is taken back, the trouble is not: the case goes on, and staff who have it know that much."""
    found = links.find(hand.conn, hand.moment.chat.id, hand.moment.inbound.message_id or "")
    reported = next((row.case_id for row in found if row.role == "report"), None)
    case = hand.case(reported) if reported is not None else None
    if case is None or State(case.state) not in OPEN or (case.state == State.REPORTED and case.clock is None):
        return False
    notices = [Notice(Kind.RECALLED.value, audience, case.id) for audience in (Audience.STAFF, Audience.UNIT)]
    hand.tools.teller.tell(hand.conn, hand.moment.directory, case, notices, hand.moment.now, hand.spoken)
    return True
