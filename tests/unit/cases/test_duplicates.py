"""Which reports are one case, and which only look like it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.cases.duplicates import ENOUGH, Candidate, compare, likely_same, place_relation
from storage.records import CaseRow
from tests.unit.cases import town
from tests.unit.cases.town import NOW, a_case

PLACES = [
    ("3号楼", "三号楼", "same"), ("3 号楼", "3#", "same"), ("3号楼2单元", "3号楼", "within"), ("3号楼", "5号楼", "other"),
    ("3号楼2单元", "3号楼1单元", "other"), ("3号楼前", "3号楼门口", "within"), ("东关街", "西关街", "other"),
    ("菜市场", "菜市场门口", "within"), ("", "3号楼", "unknown"), ("3号楼", "菜市场", "other"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "relation"), PLACES)
def test_places(one: str, other: str, relation: str) -> None:
    """Spelling does not matter, numbers do; the relation is the same both ways."""
    assert place_relation(one, other) == place_relation(other, one) == relation


def candidate(**values: object) -> Candidate:
    facts: dict[str, object] = {
        "category": "facility.streetlight", "place": "3号楼", "area_id": town.EAST_1, "said_at": NOW + timedelta(hours=1),
        "text": "三号楼那个路灯又黑了", "reporter_id": town.NEIGHBOUR,
    }  # fmt: skip
    return Candidate(**{**facts, **values})  # type: ignore[arg-type]


SAME = [
    ({}, {}, True, "a neighbour, the same lamp"),
    ({"said_at": NOW + timedelta(days=3)}, {}, True, "days later, still open"),
    ({"place": "5号楼"}, {}, False, "another building"),
    ({"area_id": town.EAST_2}, {}, False, "another grid's building of the same number"),
    ({"category": "environment.garbage", "text": "垃圾没人收"}, {}, False, "another trouble at the same place"),
    ({"place": ""}, {}, False, "a lamp, who knows which"),
    ({}, {"state": "closed"}, False, "the old case is over"),
    ({}, {"state": "merged"}, False, "the old case is merged"),
    ({}, {"sensitive": "private"}, False, "the old case is private"),
    ({"sensitive": "private"}, {}, False, "the new one is private"),
    ({"category": "facility.power", "place": "", "text": "停电了"}, {"category": "facility.power", "place": ""}, True, "a power cut is everybody's"),
    (
        {"category": "facility.power", "place": "", "said_at": NOW + timedelta(hours=9), "text": "停电了"},
        {"category": "facility.power", "place": ""}, False, "but not for ever",
    ),
    ({"place": "3号楼2单元"}, {}, True, "a closer description"),
    ({"area_id": None}, {}, True, "the grid is not known yet, the place is"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "known", "same", "why"), SAME)
def test_one_case_or_two(said: dict[str, object], known: dict[str, object], same: bool, why: str) -> None:
    """The same kind of trouble at two places is two cases; a power cut is one."""
    found = likely_same(candidate(**said), [a_case(**known)])
    assert (found is not None) is same, why


def test_the_best_one_wins_and_says_why() -> None:
    """Of several the best fitting one, of equals the newest; its points add up."""
    near = a_case(id=1, place="3号楼2单元")
    exact: list[CaseRow] = [a_case(id=2), a_case(id=3)]
    found = likely_same(candidate(), [near, *exact])
    assert found is not None
    assert found.case.id == 3
    assert found.score == sum(points for _, points in found.reasons) >= ENOUGH
    assert {"category", "place", "time"} <= {reason for reason, _ in found.reasons}


def test_nothing_to_compare_with() -> None:
    """No open case, no duplicate."""
    assert likely_same(candidate(), []) is None
    assert compare(candidate(category="consult.policy", place=""), a_case(place="")) is None
