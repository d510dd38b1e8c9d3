"""Who acts, as seen from one case."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bot.cases.directory import Directory
from bot.cases.duty import HIDDEN, effective_roles
from bot.cases.roles import WORKERS, Party, Role
from storage.records import CaseRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """`roles` are those that hold for this very case: in its area, or for its unit.."""

    person_id: int | None
    name: str = ""
    roles: frozenset[Role] = frozenset()
    is_reporter: bool = False
    is_supporter: bool = False
    is_system: bool = False

    @property
    def parties(self) -> frozenset[Party]:
        if self.is_system:
            return frozenset({Party.SYSTEM})
        flags = {Party.REPORTER: self.is_reporter, Party.SUPPORTER: self.is_supporter}
        return frozenset({Party.ANYONE} | {party for party, is_so in flags.items() if is_so})

    def has(self, roles: Collection[Role]) -> bool:
        return not self.roles.isdisjoint(roles)


SYSTEM = Actor(person_id=None, is_system=True)


def actor_for(
    directory: Directory,
    person_id: int | None,
    case: CaseRow,
    now: datetime,
    *,
    name: str = "",
    supporters: Collection[int] = (),
    candidate_areas: Collection[int] = (),
) -> Actor:
    """The person as an actor on the case.

    `candidate_areas`: the areas that may claim a case whose area nobody knows yet (those of the chats it was raised
    in). `name` is for people the directory does not hold (residents).
    """
    if person_id is None:
        return Actor(person_id=None, name=name)
    return Actor(
        person_id=person_id,
        name=directory.name_of(person_id) or name,
        roles=_roles(directory, person_id, case, now, candidate_areas),
        is_reporter=person_id == case.reporter_id,
        is_supporter=person_id in supporters,
    )


def _roles(
    directory: Directory, person_id: int, case: CaseRow, now: datetime, candidate_areas: Collection[int]
) -> frozenset[Role]:
    areas = candidate_areas if case.area_id is None else (case.area_id,)
    held = {role for area in areas for role in effective_roles(directory, person_id, area, now)}
    everywhere = directory.roles_at(person_id, None)  # roles without an area
    return frozenset(_trusted(held | everywhere, case)) | _handling(directory, person_id, case)


def _trusted(roles: set[Role] | frozenset[Role], case: CaseRow) -> set[Role]:
    """A confidant who also works in the chain a complaint is about is no confidant for it."""
    in_chain = case.sensitive == "staff" and not WORKERS.isdisjoint(roles)
    return {role for role in roles if not (in_chain and role is Role.CONFIDANT)}


def _handling(directory: Directory, person_id: int, case: CaseRow) -> frozenset[Role]:
    default = directory.default_unit(case.area_id)
    unit_id = case.unit_id or (default.id if default else None)
    handles = unit_id is not None and unit_id in directory.units_of(person_id) and case.sensitive not in HIDDEN
    return frozenset({Role.HANDLER}) if handles else frozenset()
