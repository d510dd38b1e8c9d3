"""Who sees what, as a matrix written by hand; and that no reminder or notice goes where it must not."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from bot.cases.actor import Actor
from bot.cases.desk import telling
from bot.cases.notices import Kind
from bot.cases.reminding import reminder
from bot.cases.roles import Role
from bot.cases.slots import Slot
from bot.cases.states import Action
from bot.cases.table import TABLE
from bot.cases.visibility import (
    CONNECTOR,
    GROUP,
    OPERATOR,
    PUBLIC,
    STAFF_CHAT,
    UNIT_CHAT,
    Field,
    Place,
    Viewer,
    may_list,
    may_see,
    searchable,
    viewer_of,
    visible,
)
from bot.model import Audience
from storage.records import CaseRow
from tests.unit.cases import town
from tests.unit.cases.town import NOW, a_case

VIEWERS: dict[str, Viewer] = {
    "stranger": Viewer(),
    "admin": Viewer(roles=frozenset({Role.ADMIN})),
    "group": GROUP,
    "public": PUBLIC,
    "connector": CONNECTOR,
    "operator": OPERATOR,
    "supporter": Viewer(is_supporter=True),
    "reporter": Viewer(is_reporter=True),
    "assistant": Viewer(roles=frozenset({Role.ASSISTANT})),
    "worker": Viewer(roles=frozenset({Role.GRID_WORKER})),
    "staff chat": STAFF_CHAT,
    "unit chat": UNIT_CHAT,
    "supervisor": Viewer(roles=frozenset({Role.SUPERVISOR})),
    "confidant": Viewer(roles=frozenset({Role.CONFIDANT})),
}
# One letter a field: n number, c category, g urgency, s state, p place, t text, f photos, d due, w worker, r result,
# q result photos, N reporter's name, C contact, m matched words, h history
LETTERS = dict(zip("ncgsptfdwrqNCmh", Field, strict=True))
ALL = "ncgsptfdwrqNCmh"
MATRIX: dict[str, dict[str, str]] = {
    "none": {
        "stranger": "", "admin": "", "group": "ncsptdwrq", "public": "ncspr", "connector": "ncgsptfdrq", "operator": "ncgsptfdwrqNmh",
        "supporter": "ncsptdwrq", "reporter": "ncsptfdwrqNC", "assistant": "ncgsptfdwrqN", "worker": ALL,
        "staff chat": ALL, "unit chat": "ncgsptfdwrqNCh", "supervisor": ALL, "confidant": "",
    },
    "private": {
        "operator": "nsd", "reporter": "ncsptfdwrqNC", "worker": ALL, "staff chat": ALL, "unit chat": "ncgsptfdwrqNCh",
        "supervisor": ALL,
    },
    "violence": {"operator": "nsd", "reporter": "ncsptfdwrqNC", "confidant": ALL},
}  # fmt: skip
MATRIX |= {"missing": MATRIX["private"], "staff": MATRIX["violence"]}


@pytest.mark.parametrize(("sensitive", "who"), list(product(MATRIX, VIEWERS)))
def test_the_matrix(sensitive: str, who: str) -> None:
    """Each field for each viewer and each kind of sensitivity."""
    seen = {letter for letter, field in LETTERS.items() if may_see(VIEWERS[who], a_case(sensitive=sensitive), field)}
    assert seen == set(MATRIX[sensitive].get(who, ""))
    assert may_list(VIEWERS[who], a_case(sensitive=sensitive)) is bool(seen)


def test_one_searches_only_by_what_one_sees() -> None:
    """Else a list by category or area would say what is behind each 「保密」."""
    assert searchable(Place.OPERATOR, Field.CATEGORY) == searchable(Place.OPERATOR, Field.PLACE) == ("none",)
    assert searchable(Place.OPERATOR, Field.DUE) == ("none", "private", "missing", "staff", "violence")
    assert searchable(Place.PUBLIC, Field.TEXT) == ()


@pytest.mark.parametrize("who", VIEWERS)
def test_an_anonymous_reporter_is_known_to_himself_only(who: str) -> None:
    """Name and contact are gone for everybody else, in hidden cases as well."""
    for sensitive in MATRIX:
        seen = visible(VIEWERS[who], a_case(sensitive=sensitive, anonymous=True))
        assert who == "reporter" or seen.isdisjoint({Field.REPORTER, Field.CONTACT})


def test_a_reporter_who_works_here_sees_as_both() -> None:
    """A worker who reported himself still sees everything."""
    actor = Actor(person_id=1, roles=frozenset({Role.GRID_WORKER}), is_reporter=True)
    assert visible(viewer_of(actor), a_case()) == set(Field)


OUTSIDE = {Audience.GROUP, Audience.UNIT, Audience.SUPERVISOR, Audience.CONNECTOR}


def told(action: Action, case: CaseRow) -> set[tuple[Audience, str]]:
    return {(notice.audience, notice.kind) for notice in telling.notices(action, case, {}, 1)}


@pytest.mark.parametrize(("action", "sensitive"), list(product(TABLE, ["private", "missing", "violence", "staff"])))
def test_nothing_sensitive_reaches_a_group(action: Action, sensitive: str) -> None:
    """No group, and no reporter where others could read it; hidden cases leave the confidants in no direction."""
    audiences = {
        audience for audience, kind in told(action, a_case(sensitive=sensitive, unit_id=1)) if kind != "published"
    }
    assert audiences.isdisjoint({Audience.GROUP, Audience.REPORTER})
    if sensitive in ("violence", "staff"):
        assert audiences.isdisjoint(OUTSIDE)


def test_results_go_back_to_where_they_came_from() -> None:
    """A case of a group to the group and in private; of a patrol to the grid's groups unless left out."""
    both = {(Audience.GROUP, "result"), (Audience.REPORTER_PRIVATE, "result")}
    assert told(Action.CLOSE, a_case()) == told(Action.VERIFY, a_case()) == both
    patrol = a_case(source="patrol", reporter_id=None)
    assert told(Action.CLOSE, patrol) == both
    assert told(Action.CLOSE, replace(patrol, quiet=True)) == {(Audience.REPORTER_PRIVATE, "result")}
    assert told(Action.CLOSE, a_case(quiet=True)) == both


def test_a_decline_is_private() -> None:
    """不予受理 is never said in a group."""
    assert told(Action.DECLINE, a_case()) == {(Audience.REPORTER_PRIVATE, "declined")}


def test_nobody_to_tell() -> None:
    """A patrol has no reporter to thank, a case without a unit no unit to warn."""
    assert told(Action.REPORT, a_case(source="patrol", reporter_id=None)) == {(Audience.STAFF, "reported")}
    assert (Audience.UNIT, "rework") not in told(Action.REWORK, a_case())


def test_who_may_claim_is_told_along() -> None:
    """While the grid is unknown the notice names the areas that are asked."""
    notice = telling.notices(Action.REPORT, a_case(area_id=None), {}, 1, (town.EAST_1, town.EAST_2))[0]
    assert notice.data["areas"] == [town.EAST_1, town.EAST_2]


def slot(kind: Kind, level: int) -> Slot:
    return Slot(kind, level, 1, NOW, level)


def people(case: CaseRow, kind: Kind, level: int) -> object:
    return reminder(town.DIRECTORY, case, slot(kind, level), NOW)[0].data["persons"]


def test_reminders_go_to_the_right_people() -> None:
    """Yellow and red to who has it, supervision to one level above another, a call to all levels so far."""
    case = a_case(state="accepted", worker_id=town.WANG)
    assert people(case, Kind.OVERDUE_RED, 0) == [town.WANG]
    assert people(case, Kind.OVERDUE_SUPERVISE, 1) == [town.LEADER]
    assert people(case, Kind.OVERDUE_SUPERVISE, 9) == [town.CITY_SUPERVISOR]
    assert people(case, Kind.ROUND, 2) == [town.WANG, town.LEADER, town.INSTRUCTOR, town.SECRETARY]
    assert people(replace(case, sensitive="staff"), Kind.OVERDUE_SUPERVISE, 3) == [town.CONFIDANT]


def test_the_unit_is_reminded_too() -> None:
    """What a unit has is red for the unit and for the worker; what is hidden has no unit."""
    case = a_case(state="dispatched", unit_id=town.POWER, worker_id=town.WANG)
    audiences = [notice.audience for notice in reminder(town.DIRECTORY, case, slot(Kind.OVERDUE_RED, 0), NOW)]
    assert audiences == [Audience.LEVEL, Audience.UNIT]


def test_the_phone_list() -> None:
    """After the last round: names and numbers to call, for all levels and the staff chat."""
    notices = reminder(town.DIRECTORY, a_case(category="emergency.fire"), slot(Kind.PHONES, 3), NOW)
    assert [notice.audience for notice in notices] == [Audience.LEVEL, Audience.STAFF]
    assert ["王芳", "0538-101"] in notices[0].data["phones"]  # type: ignore[operator]
