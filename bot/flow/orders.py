"""Commands and taps on cases: from a verb to the desk, with what is missing asked for."""

from __future__ import annotations

from datetime import timedelta

from bot.cases.outcome import Done, Outcome, Refused
from bot.cases.states import Action
from bot.flow import errands, queries
from bot.flow.asks import ACTS, Order
from bot.flow.hands import Hand
from bot.talk.buttons import Press
from bot.talk.command import Command
from bot.talk.decisions import Answer, Do
from bot.talk.verbs import Verb
from storage import menus
from storage.records import CaseRow

ANSWER_TIME = timedelta(hours=12)
_OTHERWISE = frozenset({Action.NOTE.value, Action.RESOLVE.value, Action.REWORK.value})
"""What a word may come to although it says something else: 「撤回」 a note, 「好了」 of a unit a resolution."""


def carry_out(hand: Hand, do: Do) -> bool:
    """A command with the cases it means; True if any of them changed or it asked something that is to be kept."""
    command = do.command
    if command.verb in queries.ANSWERS:
        queries.ANSWERS[command.verb](hand, do)
        return False
    person = hand.moment.person_id
    if command.verb in errands.ERRANDS:
        return errands.ERRANDS[command.verb](hand, command) if person is not None else False
    if person is None or not do.case_ids:
        hand.ask("which_case")
        return False
    if command.verb is Verb.MENU:
        return _chosen(hand, do)
    photos = tuple(file.blob for file in do.photos if file.blob)
    changed = [_one(hand, command, case_id, person, photos) for case_id in do.case_ids]  # every one of them
    return any(changed)


def press(hand: Hand, pressed: Press) -> bool:
    """A tap: the same as the word, for the version it was shown with."""
    person = hand.moment.person_id or _known(hand)
    if person is None:
        return False
    grade = int(pressed.arg) if pressed.action in (Verb.GRADE, Verb.RATE) and pressed.arg.isdigit() else None
    if grade is not None:
        return rate(hand, pressed.case_id, grade)
    command = Command(
        verb=Verb.REOPEN if pressed.action is Verb.NOT_FIXED else pressed.action,
        text="没好" if pressed.action is Verb.NOT_FIXED else "",
        category=pressed.arg if pressed.action is Verb.ACCEPT and pressed.arg else None,
        passed=pressed.arg == "pass" if pressed.action is Verb.VERIFY else None,
    )
    return _one(hand, command, pressed.case_id, person, (), pressed.version)


def answered(hand: Hand, answer: Answer) -> bool:
    """The word that was missing: a result, a reason, a unit, where to."""
    person, case = hand.moment.person_id, hand.case(answer.question.case_id)
    if person is None or case is None:
        return False
    verb = _MEANT.get(answer.question.kind) or _REASONED.get(case.state)
    if verb is None:
        return False
    command = Command(verb=verb, text=answer.text, passed=False if verb is Verb.VERIFY else None)
    photos = tuple(file.blob for file in answer.photos if file.blob)
    return _one(hand, command, case.id, person, photos)


def rate(hand: Hand, case_id: int, grade: int) -> bool:
    """A grade of the reporter or a supporter; a word of thanks, where he can be answered without the group."""
    person = hand.moment.person_id or _known(hand)
    if person is None:
        return False
    outcome = hand.desk.rate(person, case_id, grade)
    bad = hand.tools.clocks().rules.is_bad(grade)
    did = "rate_bad" if bad else "rate"
    if isinstance(outcome, Done) and outcome.event is None and hand.moment.inbound.private:
        hand.done(did, outcome.case)
    kept = hand.settle(outcome, did)
    if kept and (asked := menus.question(hand.conn, hand.moment.chat.id, person, hand.moment.now)) is not None:
        menus.answered(hand.conn, asked.id)
    return kept


def _known(hand: Hand) -> int | None:
    person = hand.person()
    return person.id if person else None


def _one(
    hand: Hand, command: Command, case_id: int, person: int, photos: tuple[str, ...], version: int | None = None
) -> bool:
    case = hand.desk.bench.known(person, case_id)  # asked before anything else: no answer tells that it exists
    act = ACTS.get(command.verb)
    if act is None or case is None:
        hand.refuse("unknown_case", number=case_id)
        return False
    outcome = act(hand, Order(case, person, command, photos, version))
    if isinstance(outcome, Refused) and _asked_for(hand, case, person, outcome):
        return True
    return hand.settle(outcome, _did(hand, command, outcome))


def _did(hand: Hand, command: Command, outcome: Outcome) -> str:
    """The key of the answer: what was really done, and whether a group hears of it."""
    done = outcome.event.action if isinstance(outcome, Done) and outcome.event is not None else command.verb.value
    if done in _OTHERWISE:
        return done
    if done == Action.CLOSE and isinstance(outcome, Done) and hand.group_hears("result", outcome.case):
        return "close_told"
    return command.verb.value


def _chosen(hand: Hand, do: Do) -> bool:
    """A bare position under a list: show the case, its buttons say what can be done."""
    queries.card(hand, do.case_ids[0])
    return False


# ---------------------------------------------------------------- what is missing is asked for

_MEANT = {"result": Verb.CLOSE, "photo": Verb.CLOSE, "unit": Verb.DISPATCH, "transfer": Verb.TRANSFER}
_REASONED = {"reported": Verb.DECLINE, "dispatched": Verb.RETURN, "resolved": Verb.VERIFY}
_QUESTIONS = {"need_result": "result", "need_reason": "reason", "need_unit": "unit", "need_area": "transfer"}


def _asked_for(hand: Hand, case: CaseRow, person: int, refused: Refused) -> bool:
    """Only a tap leads here with nothing said yet: the next words of the same person are the answer."""
    kind = _QUESTIONS.get(refused.key)
    if kind is None or not hand.pressed:
        return False
    units = "、".join(sorted(unit.name for unit in hand.moment.directory.units.values())[:8])
    hand.toast = hand.voice.ask(kind, {"lines": units}, hand.moment.now, case)
    menus.ask(
        hand.conn,
        chat_id=hand.moment.chat.id,
        person_id=person,
        case_id=case.id,
        kind=kind,
        asked_at=hand.moment.now,
        until=hand.moment.now + ANSWER_TIME,
    )
    return True
