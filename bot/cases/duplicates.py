"""Which open case is a new report likely to be? The same kind of trouble at two places is two cases. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.cases.states import OPEN, State
from classifiers.normalize import normalize
from classifiers.places import one_in_other, place_key
from storage.records import CaseRow

ENOUGH: Final = 4.0
SOON: Final = timedelta(hours=2)
AT_ONCE: Final = timedelta(minutes=10)
OUTAGES: Final = frozenset(
    {"facility.power", "facility.water", "facility.gas", "facility.heating", "facility.telecom"}
)  # fmt: skip
WIDESPREAD: Final = frozenset(
    {
        "facility.water", "facility.power", "facility.gas", "facility.heating", "facility.telecom",
        "emergency.fire", "emergency.disaster", "environment.smell", "environment.water",
    }
)  # fmt: skip
"""Trouble that many have at once: in one grid and hour it is the same even if nobody says where."""

_NUMBERED: Final = re.compile(r"([0-9]+)(号楼|单元|层|楼|室|号|排|组|队|区|期)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    category: str
    place: str = ""
    area_id: int | None = None
    said_at: datetime
    reporter_id: int | None = None
    text: str = ""
    sensitive: str = "none"


@dataclass(frozen=True, slots=True)
class Likeness:
    """`reasons`: what spoke for it, as (reason, points); at least ENOUGH points together."""

    case: CaseRow
    score: float
    reasons: tuple[tuple[str, float], ...]


def likely_same(candidate: Candidate, cases: Iterable[CaseRow]) -> Likeness | None:
    """The best fitting open case, None if none fits well enough; of equals the newest."""
    found = [likeness for case in cases if (likeness := compare(candidate, case)) is not None]
    return max(found, key=lambda likeness: (likeness.score, likeness.case.id), default=None)


def compare(candidate: Candidate, case: CaseRow) -> Likeness | None:
    """Sensitive matters are never joined by themselves: that would tell one person of another's."""
    where = _where(candidate, case)
    if where == "other" or State(case.state) not in OPEN or {candidate.sensitive, case.sensitive} != {"none"}:
        return None
    if candidate.area_id and case.area_id and candidate.area_id != case.area_id:
        return None
    reasons = tuple((reason, points) for reason, points in _points(candidate, case, where) if points)
    score = sum(points for _, points in reasons)
    return Likeness(case, score, reasons) if score >= ENOUGH else None


def _where(candidate: Candidate, case: CaseRow) -> str:
    """What is gone in two houses of a grid within minutes is gone in all of it, whichever house is named first."""
    where = place_relation(candidate.place, case.place)
    at_once = abs(candidate.said_at - case.reported_at) <= AT_ONCE
    same_grid = candidate.area_id is not None and candidate.area_id == case.area_id
    outage = candidate.category == case.category and candidate.category in OUTAGES
    return "within" if where == "other" and outage and same_grid and at_once else where


def place_relation(one: str, other: str) -> str:
    """`same`, `within` (3号楼 and 3号楼2单元), `other`, or `unknown` where one of them says nothing."""
    left, right = place_key(one), place_key(other)
    if not left or not right:
        return "unknown"
    if left == right:
        return "same"
    numbers, others = _numbers(left), _numbers(right)
    shared = numbers.keys() & others.keys()
    if any(numbers[kind].isdisjoint(others[kind]) for kind in shared):
        return "other"
    return "within" if shared or one_in_other(left, right) else "other"


def _points(candidate: Candidate, case: CaseRow, where: str) -> Iterable[tuple[str, float]]:
    gap = abs(candidate.said_at - case.reported_at)
    same_category = candidate.category == case.category
    same_family = candidate.category.partition(".")[0] == case.category.partition(".")[0]
    yield "category", 2.0 if same_category else 0.5 if same_family else -2.0
    yield "place", {"same": 2.5, "within": 2.0}.get(where, 0.0)
    yield "time", 1.0 if gap <= SOON else 0.0
    known_area = candidate.area_id is not None and candidate.area_id == case.area_id
    yield "widespread", 1.0 if same_category and known_area and candidate.category in WIDESPREAD else 0.0
    yield "words", 1.0 if likeness(candidate.text, case.text) >= 0.4 else 0.0


def likeness(one: str, other: str) -> float:
    """Shared pairs of characters, 0 to 1."""
    left, right = _pairs(one), _pairs(other)
    return len(left & right) / len(left | right) if left and right else 0.0


def _pairs(text: str) -> set[str]:
    plain = re.sub(r"\W", "", normalize(text))
    return {plain[i : i + 2] for i in range(len(plain) - 1)}


def _numbers(key: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for number, kind in _NUMBERED.findall(key):
        found.setdefault(kind, set()).add(number)
    return found
