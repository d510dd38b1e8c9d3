"""What each verb asks of the desk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bot.cases.outcome import Outcome, Refused
from bot.cases.states import State
from bot.flow import errands
from bot.flow.hands import Hand
from bot.model import ChatKind
from bot.talk.command import Command
from bot.talk.verbs import Verb
from storage import menus
from storage.records import CaseRow


@dataclass(frozen=True, slots=True)
class Order:
    """One act asked of one case. `version`: the one a button was made for."""

    case: CaseRow
    person: int
    command: Command
    photos: tuple[str, ...] = ()
    version: int | None = None


Act = Callable[[Hand, Order], Outcome]
AT_WORK = frozenset({State.ACCEPTED.value, State.DISPATCHED.value})
LONGEST = 366  # days of a suspension; who means more means another decision


def _accept(hand: Hand, order: Order) -> Outcome:
    category, sensitive, wanted = None, "none", order.command.category
    if wanted:
        found = hand.category(wanted)
        if len(found) != 1:
            lines = "、".join(hand.voice.names.category(code) for code in found)
            return Refused("unknown_category", {"value": wanted, "lines": lines})
        category, sensitive = found[0], hand.tools.sensitivity(found[0])
    owed = not order.case.place and menus.is_asked(hand.conn, order.case.id, "place", hand.moment.now)
    return hand.desk.accept(
        order.person, order.case.id, version=order.version, category=category, sensitive=sensitive, owed=owed
    )


def _decline(hand: Hand, order: Order) -> Outcome:
    return hand.desk.decline(order.person, order.case.id, order.command.text, version=order.version)


def _transfer(hand: Hand, order: Order) -> Outcome:
    wanted = order.command.text
    if not wanted:
        return Refused("need_area", {"number": order.case.id})
    area = hand.moment.directory.find_area(wanted, order.case.area_id)
    if area is None:
        return Refused("unknown_area", {"value": wanted})
    return hand.desk.transfer(order.person, order.case.id, area.id, version=order.version)


def _dispatch(hand: Hand, order: Order) -> Outcome:
    wanted = order.command.text
    if not wanted:
        return Refused("need_unit", {"number": order.case.id})
    unit = hand.moment.directory.find_unit(wanted, order.case.area_id)
    if unit is None:
        names = "、".join(sorted(known.name for known in hand.moment.directory.units.values())[:8])
        return Refused("unknown_unit", {"value": wanted, "lines": names})
    return hand.desk.dispatch(order.person, order.case.id, unit.id, version=order.version)


def _return(hand: Hand, order: Order) -> Outcome:
    return hand.desk.return_(order.person, order.case.id, order.command.text, version=order.version)


def _suspend(hand: Hand, order: Order) -> Outcome:
    until = _until(hand, order.command)
    return hand.desk.suspend(order.person, order.case.id, until=until, reason=order.command.text, version=order.version)


def _resume(hand: Hand, order: Order) -> Outcome:
    return hand.desk.resume(order.person, order.case.id, version=order.version)


def _extend(hand: Hand, order: Order) -> Outcome:
    return hand.desk.extend(
        order.person, order.case.id, days=order.command.days or 0, reason=order.command.text, version=order.version
    )


def _close(hand: Hand, order: Order) -> Outcome:
    """「好了」 of the unit is a resolution that a worker verifies; of a worker it closes."""
    unit_chat = hand.moment.chat.kind == ChatKind.UNIT
    if order.command.verb is Verb.RESOLVE or (unit_chat and order.case.state in AT_WORK):
        return hand.desk.resolve(
            order.person, order.case.id, text=order.command.text, photos=order.photos, version=order.version
        )
    return hand.desk.close(
        order.person,
        order.case.id,
        text=order.command.text,
        photos=order.photos,
        quiet=order.command.quiet,
        version=order.version,
    )


def _verify(hand: Hand, order: Order) -> Outcome:
    return hand.desk.verify(
        order.person,
        order.case.id,
        passed=order.command.passed is not False,
        reason=order.command.text,
        version=order.version,
    )


def _withdraw(hand: Hand, order: Order) -> Outcome:
    return hand.desk.withdraw(order.person, order.case.id, text=order.command.text, version=order.version)


def _reopen(hand: Hand, order: Order) -> Outcome:
    return hand.desk.reopen(order.person, order.case.id, order.command.text, version=order.version)


def _supervise(hand: Hand, order: Order) -> Outcome:
    return hand.desk.supervise(order.person, order.case.id, reason=order.command.text, version=order.version)


def _merge(hand: Hand, order: Order) -> Outcome:
    if order.command.target is None:
        return Refused("need_target", {"number": order.case.id})
    return hand.desk.merge(order.person, order.case.id, order.command.target, version=order.version)


def _unmerge(hand: Hand, order: Order) -> Outcome:
    return hand.desk.unmerge(order.person, order.case.id, version=order.version)


def _claim(hand: Hand, order: Order) -> Outcome:
    return hand.desk.claim(order.person, order.case.id, version=order.version)


def _publish(hand: Hand, order: Order) -> Outcome:
    """The worker's word says that the family agreed; without words of his own the report's are used."""
    text = order.command.text or order.case.text
    return hand.desk.publish(order.person, order.case.id, text=text, agreed=True, version=order.version)


def _quiet(hand: Hand, order: Order) -> Outcome:
    return hand.desk.quiet(order.person, order.case.id)


def _correct(hand: Hand, order: Order) -> Outcome:
    if not order.command.value:
        return Refused("need_change", {"number": order.case.id})
    changes = errands.changes_of(hand, order.case, order.command.field or "", order.command.value or "")
    if isinstance(changes, Refused):
        return changes
    category = changes.get("category")
    sensitive = hand.tools.sensitivity(category) if category else "none"
    return hand.desk.correct(order.person, order.case.id, changes, sensitive=sensitive, version=order.version)


def _until(hand: Hand, command: Command) -> datetime | None:
    """The end of a suspension: so many working days from now, or a day by its date at the start of work."""
    calendar, now = hand.tools.clocks().calendar, hand.moment.now
    if command.days:
        return calendar.add_working_days(now, command.days) if command.days <= LONGEST else None
    if command.until is None:
        return None
    zone = hand.tools.teller.voices.zone
    day = errands.coming_day(now.astimezone(zone).date() + timedelta(days=1), command.until)
    return datetime.combine(day, time(8, 30), zone) if day else None


ACTS: dict[Verb, Act] = {
    Verb.ACCEPT: _accept,
    Verb.DECLINE: _decline,
    Verb.TRANSFER: _transfer,
    Verb.DISPATCH: _dispatch,
    Verb.RETURN: _return,
    Verb.SUSPEND: _suspend,
    Verb.RESUME: _resume,
    Verb.EXTEND: _extend,
    Verb.CLOSE: _close,
    Verb.RESOLVE: _close,
    Verb.VERIFY: _verify,
    Verb.WITHDRAW: _withdraw,
    Verb.REOPEN: _reopen,
    Verb.SUPERVISE: _supervise,
    Verb.MERGE: _merge,
    Verb.UNMERGE: _unmerge,
    Verb.CLAIM: _claim,
    Verb.PUBLISH: _publish,
    Verb.QUIET: _quiet,
    Verb.CORRECT: _correct,
}
