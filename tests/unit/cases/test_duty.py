"""The directory's look-ups and who is on duty."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cases.directory import Directory
from bot.cases.duty import case_levels, confidants, effective_roles, levels, on_duty, responsible, who_next
from bot.cases.roles import Role
from storage.records import DutyRow
from tests.unit.cases import town
from tests.unit.cases.town import DIRECTORY, NOW, ROWS, a_case, duty, with_duties, with_role


def test_a_chain_of_areas() -> None:
    """The area first, the city last; nothing for nothing; a circle in the data ends."""
    assert DIRECTORY.ancestors(town.EAST_1) == (town.EAST_1, town.EAST, town.TOWN, town.CITY)
    assert DIRECTORY.ancestors(None) == DIRECTORY.ancestors(999) == ()
    circle = tuple(replace(area, parent_id=town.EAST_1) if area.id == town.CITY else area for area in town.AREAS)
    assert len(Directory.of(replace(ROWS, areas=circle)).ancestors(town.EAST_1)) == 4


def test_the_common_parent() -> None:
    """Of two grids of a village the village, of two villages the town."""
    assert DIRECTORY.common_parent(town.EAST_1, town.EAST_2) == town.EAST
    assert DIRECTORY.common_parent(town.EAST_1, town.WEST_1) == town.TOWN
    assert DIRECTORY.common_parent(town.EAST_1, town.EAST) == town.EAST


def test_roles_go_down_not_up_nor_sideways() -> None:
    """A supervisor of the town holds in its grids; a grid's worker neither next door nor above."""
    assert DIRECTORY.holds(town.SUPERVISOR, {Role.SUPERVISOR}, town.WEST_1)
    assert not DIRECTORY.holds(town.WANG, {Role.GRID_WORKER}, town.EAST_2)
    assert not DIRECTORY.holds(town.WANG, {Role.GRID_WORKER}, town.EAST)
    assert DIRECTORY.holds(town.ADMIN, {Role.ADMIN}, town.WEST_1)
    assert DIRECTORY.people_with(Role.SUPERVISOR, town.EAST_1) == (town.SUPERVISOR, town.CITY_SUPERVISOR)
    assert DIRECTORY.roles_in(town.WANG, (town.EAST_2, town.EAST_1)) == {Role.GRID_WORKER}
    assert [DIRECTORY.is_staff(person) for person in (town.WANG, town.BOUND, town.RESIDENT)] == [True, False, False]


def test_chats_of_an_area() -> None:
    """The staff chat serves two grids; a grid without one uses the nearest above; residents' groups are the grid's own."""
    assert [chat.id for chat in DIRECTORY.staff_chats(town.EAST_2)] == [town.STAFF]
    assert DIRECTORY.staff_chats(town.WEST_1) == ()
    assert [chat.id for chat in DIRECTORY.residents_chats(town.EAST_1)] == [town.GROUP]
    above = tuple(replace(chat, areas=(town.TOWN,)) if chat.id == town.STAFF else chat for chat in ROWS.chats)
    assert [c.id for c in Directory.of(replace(ROWS, chats=above)).staff_chats(town.WEST_1)] == [town.STAFF]
    gone = tuple(replace(chat, reachable=False) for chat in ROWS.chats)
    assert Directory.of(replace(ROWS, chats=gone)).residents_chats(town.EAST_1) == ()
    found = DIRECTORY.chat_by_address("webchat:main", "g1")
    assert found is not None
    assert found.id == town.GROUP


def test_people_by_identity() -> None:
    """Staff are known by their account on a channel, not by the same name on another, nor after they have left."""
    known = DIRECTORY.person_by_identity("webchat", "wang")
    assert known is not None
    assert known.id == town.WANG
    assert DIRECTORY.person_by_identity("telegram", "wang") is None
    left = tuple(replace(person, active=False) for person in ROWS.persons)
    former = Directory.of(replace(ROWS, persons=left))
    assert former.person_by_identity("webchat", "wang") is None
    assert former.roles_of(town.WANG) == ()


UNITS = [
    ("供电所", town.POWER),
    ("gd", town.POWER),
    ("青云供电所", town.POWER),
    ("两委", town.COMMITTEE),
    ("派出所", None),
]


@pytest.mark.parametrize(("text", "unit"), UNITS)
def test_units_by_name(text: str, unit: int | None) -> None:
    """By code, by name, by a part of the name; None for what is not there."""
    found = DIRECTORY.find_unit(text, town.EAST_1)
    assert (found.id if found else None) == unit


def test_the_default_unit() -> None:
    """村两委 of the village; a village without one has none."""
    default = DIRECTORY.default_unit(town.EAST_1)
    assert default is not None
    assert default.id == town.COMMITTEE
    assert DIRECTORY.default_unit(town.WEST_1) is None


AREAS = [
    ("东关二网格", None, town.EAST_2), ("3709010102", None, town.EAST_2), ("老油坊", None, town.EAST_1),
    ("西坡", None, None), ("西坡", town.WEST_1, town.WEST_1), ("西坡村", None, town.WEST), ("火星", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "near", "area"), AREAS)
def test_areas_by_name(text: str, near: int | None, area: int | None) -> None:
    """By name, code and alias; what could be two is none unless one is nearer."""
    found = DIRECTORY.find_area(text, near)
    assert (found.id if found else None) == area


GRIDS = [
    ("老油坊门口", (town.EAST,), town.EAST_1), ("东三街南头", (town.EAST_1, town.EAST_2), town.EAST_1),
    ("老油坊门口", (town.WEST,), None), ("东关一网格和东关二网格之间", (town.EAST,), None), ("3号楼", (town.EAST,), None),
    ("东关村东关二网格", (town.EAST,), town.EAST_2),
]  # fmt: skip


@pytest.mark.parametrize(("place", "candidates", "grid"), GRIDS)
def test_the_grid_of_a_place(place: str, candidates: tuple[int, ...], grid: int | None) -> None:
    """A name or alias in the text decides, among the areas in question only; two names decide nothing."""
    assert DIRECTORY.grid_of(place, candidates) == grid


def test_names_for_the_lexicon() -> None:
    """Names and aliases, and what an alias stands for."""
    assert {"老油坊", "东三街南头", "东关一网格", "青云镇"} <= set(DIRECTORY.places())


def test_people_by_name() -> None:
    """「交班 李梅」 finds her; nobody by a name that is not there."""
    found = DIRECTORY.find_person("李梅")
    assert found is not None
    assert found.id == town.LI
    assert DIRECTORY.find_person("李雷") is None


ON_DUTY = [
    ((), (town.WANG,), "an ordinary day"),
    ((duty("leave", town.WANG, town.LI),), (town.LI,), "a substitute"),
    ((duty("handover", town.WANG, town.LI),), (town.LI,), "handed over"),
    ((duty("leave", town.WANG, town.LI), duty("leave", town.LI, town.ZHAO)), (town.ZHAO,), "the substitute's substitute"),
    ((duty("leave", town.WANG),), (town.LEADER,), "nobody: the grid leader"),
    ((duty("leave", town.WANG), duty("leave", town.LEADER)), (town.INSTRUCTOR, town.SECRETARY), "the village"),
    ((duty("leave", town.WANG, town.LI), duty("leave", town.LI, town.WANG)), (town.LEADER,), "a circle of absences"),
    ((duty("leave", town.WANG, town.LI, area=town.EAST_2),), (town.WANG,), "a leave for another area"),
    ((duty("leave", town.WANG, town.LI, area=town.TOWN),), (town.LI,), "a leave for the whole town"),
    ((duty("leave", town.WANG, town.LI, days=0.01),), (town.WANG,), "a leave that is over"),
    ((duty("roster", town.ZHAO, area=town.EAST),), (town.ZHAO,), "a roster of the village"),
    ((duty("roster", town.ZHAO, area=town.EAST), duty("leave", town.ZHAO)), (town.WANG,), "who is rostered is away"),
]  # fmt: skip


@pytest.mark.parametrize(("duties", "people", "why"), ON_DUTY)
def test_on_duty(duties: tuple[DutyRow, ...], people: tuple[int, ...], why: str) -> None:
    """Rosters, leave, substitutes, and who steps in when nobody is there."""
    assert on_duty(with_duties(*duties), town.EAST_1, NOW) == people, why


def test_a_leave_begins_and_ends() -> None:
    """Before its beginning and from its end on it counts for nothing."""
    away = with_duties(duty("leave", town.WANG, town.LI, days=1))
    moments = [NOW - timedelta(hours=2), NOW, NOW + timedelta(hours=22, minutes=59), NOW + timedelta(hours=23)]
    assert [on_duty(away, town.EAST_1, moment) for moment in moments] == [
        (town.WANG,),
        (town.LI,),
        (town.LI,),
        (town.WANG,),
    ]


def test_levels_go_up() -> None:
    """Worker, grid leader, village, town, city; nobody twice; the last one stays the last."""
    ladder = (
        (town.WANG,),
        (town.LEADER,),
        (town.INSTRUCTOR, town.SECRETARY),
        (town.SUPERVISOR,),
        (town.CITY_SUPERVISOR,),
    )
    assert levels(DIRECTORY, town.EAST_1, NOW) == ladder
    assert who_next(DIRECTORY, town.EAST_1, NOW, 1) == (town.LEADER,)
    assert who_next(DIRECTORY, town.EAST_1, NOW, 9) == (town.CITY_SUPERVISOR,)
    assert who_next(DIRECTORY, None, NOW, 0) == ()


def test_a_substitute_has_the_roles_while_it_lasts() -> None:
    """李梅 may act in the other grid while she stands in, and with a grid worker's role while rostered; not later."""
    standing_in = with_duties(duty("leave", town.WANG, town.LI, days=1))
    assert effective_roles(standing_in, town.LI, town.EAST_1, NOW) == {Role.GRID_WORKER}
    assert effective_roles(standing_in, town.LI, town.EAST_1, NOW + timedelta(days=2)) == set()
    rostered = with_duties(duty("roster", town.ZHAO, area=town.EAST))
    assert effective_roles(rostered, town.ZHAO, town.EAST_2, NOW) == {Role.GRID_WORKER}
    assert effective_roles(rostered, None, town.EAST_2, NOW) == set()


def test_trust_is_not_lent() -> None:
    """Standing in for the confidant does not open hidden cases."""
    away = with_duties(duty("leave", town.CONFIDANT, town.LI))
    assert Role.CONFIDANT not in effective_roles(away, town.LI, town.EAST_1, NOW)


def test_who_is_responsible() -> None:
    """The worker who accepted it or his substitute; whoever is on duty if he has nobody; confidants of a hidden case."""
    mine = a_case(state="accepted", worker_id=town.LEADER)
    assert responsible(DIRECTORY, mine, NOW) == (town.LEADER,)
    assert responsible(with_duties(duty("leave", town.LEADER, town.LI)), mine, NOW) == (town.LI,)
    assert responsible(with_duties(duty("leave", town.LEADER)), mine, NOW) == (town.WANG,)
    assert responsible(DIRECTORY, a_case(sensitive="violence", worker_id=town.WANG), NOW) == (town.CONFIDANT,)


def test_who_works_elsewhere_now_is_not_responsible_any_more() -> None:
    """He may not act on it, so it would be nobody's: whoever is on duty hears of it."""
    moved = a_case(state="accepted", worker_id=town.LI)
    assert not effective_roles(DIRECTORY, town.LI, moved.area_id, NOW)
    assert responsible(DIRECTORY, moved, NOW) == (town.WANG,)


def test_a_hidden_case_has_no_levels_above() -> None:
    """No reminder about it climbs the chain it is hidden from."""
    assert case_levels(DIRECTORY, a_case(sensitive="staff"), NOW) == ((town.CONFIDANT,),)
    assert case_levels(DIRECTORY, a_case(), NOW)[1] == (town.LEADER,)


def test_confidants_are_outside_the_chain() -> None:
    """A secretary who is also a confidant is none for his own village."""
    both = with_role(town.SECRETARY, Role.CONFIDANT, town.TOWN)
    assert confidants(both, town.EAST_1) == (town.CONFIDANT,)
    assert set(confidants(both, town.WEST_1)) == {town.CONFIDANT, town.SECRETARY}


def test_two_areas_in_question() -> None:
    """While nobody knows which of two grids it is, both are asked, step by step; nobody twice, nobody without areas."""
    unplaced = a_case(area_id=None)
    both = (town.EAST_1, town.EAST_2)
    asked = responsible(DIRECTORY, unplaced, NOW, both)
    assert set(asked) == {*on_duty(DIRECTORY, town.EAST_1, NOW), *on_duty(DIRECTORY, town.EAST_2, NOW)}
    ladder = [person for people in case_levels(DIRECTORY, unplaced, NOW, both) for person in people]
    assert len(ladder) == len(set(ladder))
    assert ladder[: len(asked)] == list(asked)
    assert town.CITY_SUPERVISOR in ladder
    assert responsible(DIRECTORY, unplaced, NOW) == ()
