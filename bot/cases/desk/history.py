"""What the events of a case say about an act that comes too late, twice, or with an old button."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from bot.cases.asks import Refusal
from bot.cases.directory import Directory
from bot.cases.outcome import Already, Done, Outcome, Refused
from bot.cases.retiming import WAITS
from bot.cases.roles import roles_may
from bot.cases.states import ENDED, QUIET, Action, State
from storage import cases
from storage.records import CaseRow, EventRow

_SAME: Final = {Action.VERIFY: Action.CLOSE, Action.NOTE: Action.WITHDRAW}
"""Acts that come to the same for who does them."""


def has_waited(conn: Connection, case_id: int) -> bool:
    """The clock has stood still for an answer before, by an act of its own or from the acceptance on."""
    past = cases.events(conn, case_id)
    undone = {event.data.get("undone") for event in past if event.action == Action.UNDO}
    return any((e.action == Action.AWAIT or WAITS in e.data) and e.id not in undone for e in past)


def last(conn: Connection, case_id: int, action: Action) -> EventRow | None:
    return _last(cases.events(conn, case_id), action)


def repeated(
    conn: Connection, directory: Directory, case: CaseRow, action: Action, by: int | None, refusal: Refusal
) -> Outcome:
    """A wrong state because it has been done already: silent success for the same hand, a name for another."""
    if refusal.key == "wrong_state":
        event = _done_before(conn, case, action)
        if event is not None:
            return _settled(directory, case, event, by)
    if refusal.key == "not_allowed" and works_elsewhere(directory, case, action, by):
        return other_area(directory, case)
    return Refused(refusal.key, refusal.data)


def works_elsewhere(directory: Directory, case: CaseRow, action: Action, by: int | None) -> bool:
    """The right role, but for other areas."""
    return roles_may(directory.all_roles(by), action)


def other_area(directory: Directory, case: CaseRow) -> Refused:
    area = directory.area(case.area_id)
    if area is None:
        return Refused("unplaced", {"number": case.id})
    return Refused("other_area", {"number": case.id, "area": area.name})


def is_stale(conn: Connection, case: CaseRow, version: int | None) -> bool:
    """The button was made for a version after which something happened that changes what it means."""
    if version is None or version == case.version:
        return False
    since = [event for event in cases.events(conn, case.id) if event.version > version]
    return any(Action(event.action) not in QUIET for event in since)


def stale(conn: Connection, directory: Directory, case: CaseRow, action: Action, by: int | None) -> Outcome:
    event = _done_before(conn, case, action)
    if event is not None:
        return _settled(directory, case, event, by)
    return Refused("stale", {"number": case.id, "state": case.state})


def _settled(directory: Directory, case: CaseRow, event: EventRow, by: int | None) -> Done | Already:
    if event.actor_id == by:
        return Done(case, event)
    return Already(case, event.actor_id, directory.name_of(event.actor_id), event.action)


def _done_before(conn: Connection, case: CaseRow, action: Action) -> EventRow | None:
    """The event by which the case came to where the act would lead, if it is still in force."""
    history = [event for event in cases.events(conn, case.id) if event.from_state != event.to_state]
    if not history:
        return None
    if action is Action.ACCEPT and State(case.state) not in ENDED:
        return _last(history, Action.ACCEPT)
    last = history[-1]
    wanted = _SAME.get(action, action)
    return last if _SAME.get(Action(last.action), Action(last.action)) is wanted else None


def _last(history: list[EventRow], action: Action) -> EventRow | None:
    """The latest such act that no undo has taken back."""
    undone = {event.data.get("undone") for event in history if event.action == Action.UNDO}
    return next((event for event in reversed(history) if event.action == action and event.id not in undone), None)
