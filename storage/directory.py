"""Who and what there is: areas, units, and (from storage.chats and storage.people) chats and persons.

Every write raises the directory's version in the same transaction, so that a process knows when its snapshot is old.
Residents and their private chats are no part of the snapshot; meeting a new one does not make it old.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, or_, select, union

from storage.chats import (
    add_chat,
    chat,
    chat_of,
    ensure_chat,
    link_area,
    make_chat,
    migrate,
    private_chats,
    select_chats,
    set_address,
    set_kind,
    set_mode,
    set_muted,
    set_owner,
    set_reachable,
    set_title,
    unlink_area,
)
from storage.dialects import insert_into
from storage.directory_version import bump, version
from storage.people import (
    IDENTITY,
    PERSON,
    add_duty,
    add_identity,
    add_person,
    end_duty,
    ensure_person,
    grant,
    identities_of,
    person,
    person_of,
    revoke,
    set_person,
)
from storage.records import AliasRow, AreaRow, DirectoryRows, DutyRow, RoleRow, UnitRow
from storage.rows import Shape
from storage.schema import area, area_alias, duty, identity, role, unit
from storage.schema import chat as chats
from storage.schema import person as persons

__all__ = [
    "add_alias",
    "add_area",
    "add_chat",
    "add_duty",
    "add_identity",
    "add_person",
    "add_unit",
    "chat",
    "chat_of",
    "end_duty",
    "ensure_chat",
    "ensure_person",
    "grant",
    "identities_of",
    "link_area",
    "load",
    "migrate",
    "person",
    "person_of",
    "private_chats",
    "revoke",
    "set_address",
    "set_kind",
    "set_mode",
    "set_muted",
    "set_owner",
    "set_person",
    "set_reachable",
    "set_title",
    "unlink_area",
    "version",
]

_AREA, _ALIAS, _UNIT = Shape(AreaRow, area), Shape(AliasRow, area_alias), Shape(UnitRow, unit)
_ROLE, _DUTY = Shape(RoleRow, role), Shape(DutyRow, duty)
_STAFF = union(
    select(role.c.person_id),
    select(duty.c.person_id),
    select(duty.c.substitute_id).where(duty.c.substitute_id.is_not(None)),
)
# Built once: half of what reading a small town costs.
_AREAS = select(*_AREA.columns).order_by(area.c.id)
_ALIASES = select(*_ALIAS.columns).order_by(area_alias.c.id)
_UNITS = select(*_UNIT.columns).order_by(unit.c.id)
_PERSONS = select(*PERSON.columns).where(persons.c.id.in_(_STAFF)).order_by(persons.c.id)
_ROLES = select(*_ROLE.columns).order_by(role.c.id)
_DUTIES = select(*_DUTY.columns).order_by(duty.c.id)
_CHATS = select_chats().where(or_(chats.c.kind != "private", chats.c.person_id.in_(_STAFF))).order_by(chats.c.id)
_IDENTITIES = select(*IDENTITY.columns).where(identity.c.person_id.in_(_STAFF)).order_by(identity.c.id)


def load(conn: Connection) -> DirectoryRows:
    """The whole snapshot, each list in the order of ids."""
    return DirectoryRows(
        version=version(conn),
        areas=tuple(_AREA.all(conn, _AREAS)),
        aliases=tuple(_ALIAS.all(conn, _ALIASES)),
        units=tuple(_UNIT.all(conn, _UNITS)),
        persons=tuple(PERSON.all(conn, _PERSONS)),
        roles=tuple(_ROLE.all(conn, _ROLES)),
        duties=tuple(_DUTY.all(conn, _DUTIES)),
        chats=tuple(make_chat(row) for row in conn.execute(_CHATS).mappings()),
        identities=tuple(IDENTITY.all(conn, _IDENTITIES)),
    )


def add_area(conn: Connection, *, code: str, name: str, level: str, parent_id: int | None = None) -> int:
    """Upsert by code; the area's id."""
    bump(conn)
    return _upsert(conn, area, ["code"], {"code": code, "name": name, "level": level, "parent_id": parent_id})


def add_alias(conn: Connection, area_id: int, alias: str, stands_for: str = "") -> int:
    """Upsert by area and alias: 「别名 老油坊=东三街南头」."""
    bump(conn)
    values = {"area_id": area_id, "alias": alias, "stands_for": stands_for}
    return _upsert(conn, area_alias, ["area_id", "alias"], values)


def add_unit(
    conn: Connection,
    *,
    code: str,
    name: str,
    area_id: int | None = None,
    chat_id: int | None = None,
    is_default: bool = False,
) -> int:
    """Upsert by code; the unit's id."""
    bump(conn)
    values = {"code": code, "name": name, "area_id": area_id, "chat_id": chat_id, "is_default": is_default}
    return _upsert(conn, unit, ["code"], values)


def _upsert(conn: Connection, table: Any, key: list[str], values: dict[str, Any]) -> int:
    new = insert_into(conn, table).values(values)
    changed = {name: new.excluded[name] for name in values}
    kept = new.on_conflict_do_update(index_elements=key, set_=changed).returning(table.c.id)
    row_id: int = conn.execute(kept).scalar_one()
    return row_id
