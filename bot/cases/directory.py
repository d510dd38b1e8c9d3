"""Areas, chats, units and people as one frozen snapshot in memory, rebuilt when the directory's version changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from bot.cases import names
from bot.cases.roles import Role
from storage.records import AliasRow, AreaRow, ChatRow, DirectoryRows, DutyRow, PersonRow, RoleRow, UnitRow

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Directory:
    """Look-ups that never touch the database. Make one with `Directory.of`."""

    areas: Mapping[int, AreaRow]
    aliases: tuple[AliasRow, ...]
    units: Mapping[int, UnitRow]
    persons: Mapping[int, PersonRow]
    chats: Mapping[int, ChatRow]
    duties: tuple[DutyRow, ...]
    version: int
    _children: Mapping[int | None, tuple[AreaRow, ...]]
    _duties: Mapping[int, tuple[DutyRow, ...]]
    _substituting: Mapping[int | None, tuple[DutyRow, ...]]
    _names: Mapping[int, tuple[str, ...]]
    _defaults: Mapping[int | None, UnitRow]
    _roles: Mapping[int, tuple[RoleRow, ...]]
    _roles_in: Mapping[int | None, tuple[RoleRow, ...]]
    _chats_of: Mapping[int, tuple[ChatRow, ...]]
    _addresses: Mapping[tuple[str, str], ChatRow]
    _identities: Mapping[tuple[str, str], int]

    @classmethod
    def of(cls, rows: DirectoryRows) -> Directory:
        active = {person.id for person in rows.persons if person.active}
        roles = tuple(role for role in rows.roles if role.person_id in active)
        return cls(
            areas={area.id: area for area in rows.areas},
            aliases=rows.aliases,
            units={unit.id: unit for unit in rows.units},
            persons={person.id: person for person in rows.persons},
            chats={chat.id: chat for chat in rows.chats},
            duties=rows.duties,
            version=rows.version,
            _children=_grouped(rows.areas, lambda area: area.parent_id),
            _duties=_grouped(rows.duties, lambda duty: duty.person_id),
            _substituting=_grouped(rows.duties, lambda duty: duty.substitute_id),
            _names=_names_of_areas(rows),
            _defaults={unit.area_id: unit for unit in rows.units if unit.is_default},
            _roles=_grouped(roles, lambda role: role.person_id),
            _roles_in=_grouped(roles, lambda role: role.area_id),
            _chats_of=_chats_of_areas(rows.chats),
            _addresses={(chat.account, chat.native_id): chat for chat in rows.chats if chat.native_id},
            _identities={(i.channel, i.native_id): i.person_id for i in rows.identities},
        )

    # ------------------------------------------------------------ areas

    def area(self, area_id: int | None) -> AreaRow | None:
        return None if area_id is None else self.areas.get(area_id)

    def ancestors(self, area_id: int | None) -> tuple[int, ...]:
        """The area itself first, the city last; empty for None and for an unknown area."""
        chain: list[int] = []
        area = self.area(area_id)
        while area is not None and area.id not in chain:
            chain.append(area.id)
            area = self.area(area.parent_id)
        return tuple(chain)

    def common_parent(self, one: int | None, other: int | None) -> int | None:
        """The lowest area that holds both (one of them, if it holds the other)."""
        above = set(self.ancestors(other))
        return next((area for area in self.ancestors(one) if area in above), None)

    def below(self, area_id: int) -> tuple[int, ...]:
        """The area and all below it."""
        found = [area_id]
        for area in found:
            found += [child.id for child in self._children.get(area, ()) if child.id not in found]
        return tuple(found)

    def within(self, area_id: int | None, upper: Iterable[int]) -> bool:
        """The area is one of `upper` or lies below one of them."""
        return not set(self.ancestors(area_id)).isdisjoint(upper)

    # ------------------------------------------------------------ people and roles

    def person(self, person_id: int | None) -> PersonRow | None:
        return None if person_id is None else self.persons.get(person_id)

    def name_of(self, person_id: int | None) -> str:
        person = self.person(person_id)
        return person.name if person else ""

    def person_by_identity(self, channel: str, native_id: str) -> PersonRow | None:
        """A person with a role, who is still active; residents are in the database only."""
        person = self.person(self._identities.get((channel, native_id)))
        return person if person and person.active else None

    def roles_of(self, person_id: int | None) -> tuple[RoleRow, ...]:
        return () if person_id is None else self._roles.get(person_id, ())

    def roles_at(self, person_id: int | None, area_id: int | None) -> frozenset[Role]:
        """Roles that hold in an area, duties not counted; a role without area and unit holds everywhere."""
        chain = set(self.ancestors(area_id))
        return frozenset(
            Role(role.role)
            for role in self.roles_of(person_id)
            if role.unit_id is None and (role.area_id is None or role.area_id in chain)
        )

    def roles_in(self, person_id: int | None, area_ids: Iterable[int]) -> frozenset[Role]:
        """Roles that hold in at least one of the areas, duties not counted."""
        return frozenset(role for area in area_ids for role in self.roles_at(person_id, area))

    def all_roles(self, person_id: int | None) -> frozenset[Role]:
        """Roles in any area or unit."""
        return frozenset(Role(role.role) for role in self.roles_of(person_id))

    def is_staff(self, person_id: int | None) -> bool:
        """More than a resident, anywhere."""
        return bool(self.all_roles(person_id) - {Role.RESIDENT})

    def duties_of(self, person_id: int) -> tuple[DutyRow, ...]:
        """Leaves, handovers and rosters of the person."""
        return self._duties.get(person_id, ())

    def substitutes_for(self, person_id: int) -> tuple[DutyRow, ...]:
        """Duties in which the person is the substitute."""
        return self._substituting.get(person_id, ())

    def holds(self, person_id: int | None, roles: Iterable[Role], area_id: int | None) -> bool:
        return not self.roles_at(person_id, area_id).isdisjoint(roles)

    def people_with(self, role: Role, area_id: int | None) -> tuple[int, ...]:
        """Everyone whose role holds in the area, the nearest level first."""
        levels: tuple[int | None, ...] = (*self.ancestors(area_id), None)
        found = [row.person_id for level in levels for row in self._roles_in.get(level, ()) if self._is(row, role)]
        return tuple(dict.fromkeys(found))

    def holders(self, role: Role) -> tuple[int, ...]:
        """Everyone who holds the role anywhere."""
        rows = (row for held in self._roles.values() for row in held)
        return tuple(dict.fromkeys(row.person_id for row in rows if self._is(row, role)))

    def people_at(self, roles: Iterable[Role], area_id: int) -> tuple[int, ...]:
        """Everyone who holds one of the roles at exactly this area, in the order of `roles`."""
        rows = self._roles_in.get(area_id, ())
        return tuple(dict.fromkeys(row.person_id for role in roles for row in rows if self._is(row, role)))

    @staticmethod
    def _is(row: RoleRow, role: Role) -> bool:
        return row.role == role and row.unit_id is None

    # ------------------------------------------------------------ chats

    def chat(self, chat_id: int | None) -> ChatRow | None:
        return None if chat_id is None else self.chats.get(chat_id)

    def chat_by_address(self, account: str, native_id: str) -> ChatRow | None:
        return self._addresses.get((account, native_id))

    def staff_chats(self, area_id: int | None) -> tuple[ChatRow, ...]:
        """Reachable staff chats of the area or, where it has none, of the nearest area above."""
        for level in self.ancestors(area_id):
            if found := self._chats(level, "staff"):
                return found
        return ()

    def residents_chats(self, area_id: int | None) -> tuple[ChatRow, ...]:
        return () if area_id is None else self._chats(area_id, "residents")

    def private_chats(self, person_id: int) -> tuple[ChatRow, ...]:
        """Of people with a role; residents' private chats are in the database only."""
        return tuple(c for c in self.chats.values() if c.kind == "private" and c.person_id == person_id and c.reachable)

    def _chats(self, area_id: int, kind: str) -> tuple[ChatRow, ...]:
        return tuple(chat for chat in self._chats_of.get(area_id, ()) if chat.kind == kind and chat.reachable)

    # ------------------------------------------------------------ units

    def unit(self, unit_id: int | None) -> UnitRow | None:
        return None if unit_id is None else self.units.get(unit_id)

    def default_unit(self, area_id: int | None) -> UnitRow | None:
        """村两委: the default unit of the area or of the nearest area above that has one."""
        levels = self.ancestors(area_id)
        return next((self._defaults[level] for level in levels if level in self._defaults), None)

    def units_of(self, person_id: int | None) -> frozenset[int]:
        """Units whose handler the person is."""
        rows = self.roles_of(person_id)
        return frozenset(row.unit_id for row in rows if row.role == Role.HANDLER and row.unit_id is not None)

    # ------------------------------------------------------------ by name

    def find_area(self, text: str, near: int | None = None) -> AreaRow | None:
        """By code, name or alias; of several the one nearest to `near`, and None if that does not decide."""
        by_code = next((area for area in self.areas.values() if area.code == text.strip()), None)
        return by_code or self.area(self._nearest(names.meant(text, self._area_names()), near))

    def find_unit(self, text: str, near: int | None = None) -> UnitRow | None:
        """By code or name; of several the one that serves `near` most closely, and None if that does not decide."""
        by_code = next((unit for unit in self.units.values() if unit.code == text.strip()), None)
        found = names.meant(text, ((unit.name, unit.id) for unit in self.units.values()))
        chain = {area: -distance for distance, area in enumerate(self.ancestors(near))}
        closeness = {ident: chain.get(self.units[ident].area_id or 0, -len(chain)) for ident in found}
        return by_code or self.unit(_single_best(closeness))

    def find_person(self, text: str, near: int | None = None) -> PersonRow | None:
        """A person with a role by name (「李梅」); of several the one whose roles hold in `near`."""
        found = names.meant(text, ((person.name, person.id) for person in self.persons.values() if person.active))
        closeness = {ident: int(bool(self.roles_at(ident, near))) for ident in found}
        return self.person(_single_best(closeness))

    def places(self) -> tuple[str, ...]:
        """Names and aliases of areas, for the lexicon."""
        return tuple(dict.fromkeys(name for name, _ in self._area_names() if len(name) >= names.SHORTEST))

    def grid_of(self, place: str, candidates: Iterable[int]) -> int | None:
        """The one area among the candidates, or below one of them, that the place names; None if none or several."""
        inside = {area for candidate in candidates for area in self.below(candidate)}
        found = names.mentioned(place, ((name, area) for area in inside for name in self._names.get(area, ())))
        lowest = [ident for ident in found if not any(o != ident and ident in self.ancestors(o) for o in found)]
        return lowest[0] if len(lowest) == 1 else None

    def _area_names(self) -> list[tuple[str, int]]:
        return [(name, area) for area, found in self._names.items() for name in found]

    def _nearest(self, found: Iterable[int], near: int | None) -> int | None:
        above = set(self.ancestors(near))
        return _single_best({ident: len(above.intersection(self.ancestors(ident))) for ident in found})


def _single_best(scores: Mapping[int, int]) -> int | None:
    """The key with the highest score, None if two share it."""
    best = max(scores.values(), default=0)
    winners = [ident for ident, score in scores.items() if score == best]
    return winners[0] if len(winners) == 1 else None


def _grouped(rows: Iterable[R], key: Callable[[R], K]) -> dict[K, tuple[R, ...]]:
    groups: dict[K, list[R]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return {name: tuple(members) for name, members in groups.items()}


def _chats_of_areas(chats: Iterable[ChatRow]) -> dict[int, tuple[ChatRow, ...]]:
    pairs = [(area, chat) for chat in chats for area in chat.areas]
    return {area: tuple(chat for _, chat in found) for area, found in _grouped(pairs, lambda pair: pair[0]).items()}


def _names_of_areas(rows: DirectoryRows) -> dict[int, tuple[str, ...]]:
    """The name of each area, its aliases, and what they stand for."""
    own = [(area.id, area.name) for area in rows.areas]
    aliases = [(row.area_id, name) for row in rows.aliases for name in (row.alias, row.stands_for) if name]
    return {area: tuple(name for _, name in found) for area, found in _grouped(own + aliases, lambda p: p[0]).items()}
