"""What a report brings along, and which grid it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.cases.directory import Directory
from bot.cases.roles import Role
from bot.cases.states import Source, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A matter as dialogue and classifier understood it.

    `reporter_name` is shown as it stands (王大娘 of a 代报). `filed_by_id`: who wrote it in, where that is not the
    reporter. `chat_areas`: the areas of the chat it was said in. `said_at`: when it was said or seen (补录), else now.
    """

    source: str
    category: str
    urgency: str = "normal"
    sensitive: str = "none"
    text: str = ""
    matched: str = ""
    photos: tuple[str, ...] = ()
    place: str = ""
    lat: float | None = None
    lon: float | None = None
    area_id: int | None = None
    chat_areas: tuple[int, ...] = ()
    reporter_id: int | None = None
    reporter_name: str = ""
    anonymous: bool = False
    filed_by_id: int | None = None
    quiet: bool = False
    said_at: datetime | None = None
    gathers: bool = False  # further reports of the same person are put into it


_COPIED = (
    "source", "category", "urgency", "sensitive", "text", "matched", "photos", "place", "lat", "lon", "reporter_id",
    "reporter_name", "anonymous", "filed_by_id", "quiet",
)  # fmt: skip


def values(report: Report, area_id: int | None, at: datetime, now: datetime) -> dict[str, Any]:
    """The columns of a new case, its clock excepted."""
    copied = {name: getattr(report, name) for name in _COPIED}
    copied["source"] = Source(report.source).value
    return copied | {"state": State.REPORTED.value, "area_id": area_id, "reported_at": at, "updated_at": now}


def grid_for(directory: Directory, report: Report) -> int | None:
    """From the place, else the reporter's binding, else the only grid of the chat; None: the staff are asked."""
    filed = () if report.filed_by_id is None else grids_of(directory, report.filed_by_id)
    candidates = report.chat_areas or filed
    named = directory.grid_of(f"{report.place} {report.text}", candidates or directory.areas)
    bound = grids_of(directory, report.reporter_id, {Role.RESIDENT})
    for found in ((named,) if named else (), bound, _single_grids(directory, candidates)):
        if len(found) == 1:
            return found[0]
    return None


def grids_of(directory: Directory, person_id: int | None, roles: set[Role] | None = None) -> tuple[int, ...]:
    """Areas in which a person has a role (one of `roles`), without repeats."""
    rows = [row for row in directory.roles_of(person_id) if row.area_id is not None]
    wanted = [row.area_id for row in rows if row.area_id and (roles is None or Role(row.role) in roles)]
    return tuple(dict.fromkeys(wanted))


def _single_grids(directory: Directory, areas: Sequence[int]) -> tuple[int, ...]:
    """The grids among the areas; where there is none, the areas themselves (a village without grids)."""
    grids = tuple(area for area in areas if (row := directory.area(area)) and row.level == "grid")
    return grids or tuple(areas)
