"""Commands that concern no single case: leave, hand-over, names of places, undo; and what 「改」 changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.cases.outcome import Done, Refused
from bot.cases.roles import WORKERS
from bot.cases.states import Action
from bot.flow.hands import Hand
from bot.talk.command import Command
from bot.talk.verbs import Verb
from storage import cases, people
from storage import directory as table
from storage.records import CaseRow

Errand = Callable[[Hand, Command], bool]


def undo(hand: Hand, command: Command) -> bool:
    """「撤」."""
    assert hand.moment.person_id is not None
    outcome = hand.desk.undo(hand.moment.person_id)
    action = outcome.event.data.get("undone_action", "") if isinstance(outcome, Done) and outcome.event else ""
    return hand.settle(outcome, "withdraw" if action == Action.REPORT else "undo", action=action)


def leave(hand: Hand, command: Command) -> bool:
    """「请假 3天 李梅代」: cards, clocks and emergencies go to the substitute until then."""
    person, directory = hand.moment.person_id, hand.moment.directory
    assert person is not None
    substitute = directory.find_person(command.person, _area_of(hand)) if command.person else None
    if command.person and (substitute is None or substitute.id == person):
        hand.refuse("no_substitute", value=command.person)
        return False
    until = _leave_until(hand, command)
    people.add_duty(
        hand.conn,
        kind="leave",
        person_id=person,
        substitute_id=substitute.id if substitute else None,
        starts_at=hand.moment.now,
        ends_at=until,
    )
    name = substitute.name if substitute else ""
    hand.done("leave" if name else "leave_nobody", None, until=until.isoformat(), name=name)
    return False


def _leave_until(hand: Hand, command: Command) -> datetime:
    """The midnight after the last day of leave."""
    zone = hand.tools.teller.voices.zone
    today = hand.moment.now.astimezone(zone).date()
    last = today + timedelta(days=max(1, command.days or 1) - 1)
    if command.until is not None:
        last = coming_day(today, command.until) or last
    return datetime.combine(last + timedelta(days=1), time(), zone)


def coming_day(today: date, until: tuple[int, int]) -> date | None:
    """The next such day from today on; None: there is no such day soon (「2月30日」)."""
    month, day = until
    for year in (today.year, today.year + 1):
        try:
            wanted = date(year, month or today.month, day)
        except ValueError:
            continue
        if wanted >= today:
            return wanted
    return None


def handover(hand: Hand, command: Command) -> bool:
    """「交班 李梅」: from now until he says otherwise; coming back is handing over to oneself."""
    person, directory = hand.moment.person_id, hand.moment.directory
    assert person is not None
    heir = directory.find_person(command.person, _area_of(hand))
    if heir is None:
        hand.refuse("unknown_person", value=command.person)
        return False
    for duty in directory.duties:
        if duty.person_id == person and duty.kind in ("leave", "handover"):
            people.end_duty(hand.conn, duty.id, hand.moment.now)
    if heir.id == person:
        hand.done("back", None)
        return False
    people.add_duty(hand.conn, kind="handover", person_id=person, substitute_id=heir.id, starts_at=hand.moment.now)
    mine = cases.open_cases(hand.conn, worker_id=person)
    hand.done("handover", None, name=heir.name, count=str(len(mine)))
    return False


def alias(hand: Hand, command: Command) -> bool:
    """「别名 老油坊=东三街南头」: a name people use, for places and for finding the grid."""
    area = _area_of(hand)
    if area is None or not hand.moment.directory.holds(hand.moment.person_id, WORKERS, area):
        hand.refuse("not_staff")
        return False
    table.add_alias(hand.conn, area, command.field or "", command.value or "")
    hand.done("alias", None, name=command.field or "", value=command.value or "")
    return False


def _area_of(hand: Hand) -> int | None:
    """The grid the speaker works in; of several the one this chat serves."""
    own = [role.area_id for role in hand.moment.directory.roles_of(hand.moment.person_id) if role.area_id is not None]
    here = [area for area in own if area in hand.moment.chat.areas]
    return next(iter(here or own), None)


ERRANDS: dict[Verb, Errand] = {
    Verb.UNDO: undo,
    Verb.LEAVE: leave,
    Verb.HANDOVER: handover,
    Verb.ALIAS: alias,
}

# ---------------------------------------------------------------- 「改 128 地点 3号楼北侧」

_URGENCIES = {"特急": "emergency", "紧急": "urgent", "一般": "normal", "普通": "normal", "不急": "normal"}


def changes_of(hand: Hand, case: CaseRow, field: str, value: str) -> dict[str, Any] | Refused:
    """The columns a correction means."""
    match field:
        case "category":
            found = hand.category(value)
            lines = "、".join(hand.voice.names.category(code) for code in found)
            return (
                {"category": found[0]}
                if len(found) == 1
                else Refused("unknown_category", {"value": value, "lines": lines})
            )
        case "urgency":
            return (
                {"urgency": _URGENCIES[value]} if value in _URGENCIES else Refused("need_change", {"number": case.id})
            )
        case "area":
            area = hand.moment.directory.find_area(value, case.area_id)
            return {"area_id": area.id} if area else Refused("unknown_area", {"value": value})
        case "place":
            directory, areas = hand.moment.directory, hand.moment.chat.areas
            grid = directory.grid_of(value, areas or directory.areas) if case.area_id is None else None
            return {"place": value} | ({"area_id": grid} if grid else {})
        case "text":
            return {"text": value}
        case _:
            return Refused("need_change", {"number": case.id})
