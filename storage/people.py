"""Persons, their identities on channels, their roles and their duty."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, select, update

from storage.dialects import PerDialect, insert_into
from storage.directory_version import bump
from storage.records import IdentityRow, PersonRow
from storage.rows import Shape
from storage.schema import duty, identity, role
from storage.schema import person as persons

PERSON = Shape(PersonRow, persons)
IDENTITY = Shape(IdentityRow, identity)
_BY_ID = select(*PERSON.columns).where(persons.c.id == bindparam("person_id"))
_BY_IDENTITY = (
    select(*PERSON.columns)
    .join(identity, identity.c.person_id == persons.c.id)
    .where(identity.c.channel == bindparam("channel"), identity.c.native_id == bindparam("native_id"))
)
_IDENTITIES = select(*IDENTITY.columns).where(identity.c.person_id == bindparam("person_id")).order_by(identity.c.id)
_NEW_PERSON = insert(persons).returning(persons.c.id)
_NEW_IDENTITY = PerDialect(
    lambda insert_in: insert_in(identity).on_conflict_do_nothing(index_elements=["channel", "native_id"])
)


def person(conn: Connection, person_id: int) -> PersonRow | None:
    return PERSON.first(conn, _BY_ID, {"person_id": person_id})


def person_of(conn: Connection, channel: str, native_id: str) -> PersonRow | None:
    """Who speaks with this account."""
    return PERSON.first(conn, _BY_IDENTITY, {"channel": channel, "native_id": native_id})


def identities_of(conn: Connection, person_id: int) -> list[IdentityRow]:
    return IDENTITY.all(conn, _IDENTITIES, {"person_id": person_id})


def ensure_person(conn: Connection, channel: str, native_id: str, name: str, now: datetime) -> PersonRow:
    """Who speaks with this account, made under `name` if new. One select if not; a known person keeps the name."""
    found = person_of(conn, channel, native_id)
    if found is not None:
        return found
    person_id = _insert_person(conn, name, "", now)
    values = {"channel": channel, "native_id": native_id, "person_id": person_id}
    if conn.execute(_NEW_IDENTITY.on(conn), values).rowcount == 1:
        return PersonRow(id=person_id, name=name)
    # Two processes met the same speaker at once: the second one takes its own back.
    conn.execute(delete(persons).where(persons.c.id == person_id))
    return PERSON.make(conn.execute(_BY_IDENTITY, {"channel": channel, "native_id": native_id}).one())


def _insert_person(conn: Connection, name: str, phone: str, now: datetime) -> int:
    values = {"name": name, "phone": phone, "created_at": now}
    person_id: int = conn.execute(_NEW_PERSON, values).scalar_one()
    return person_id


def add_person(conn: Connection, *, name: str, now: datetime, phone: str = "") -> int:
    """A new person each time: nothing about a person is unique but an identity."""
    bump(conn)
    return _insert_person(conn, name, phone, now)


def set_person(
    conn: Connection, person_id: int, *, name: str | None = None, phone: str | None = None, active: bool | None = None
) -> None:
    """Change what is given."""
    bump(conn)
    given = {"name": name, "phone": phone, "active": active}
    values = {key: value for key, value in given.items() if value is not None}
    if values:
        conn.execute(update(persons).where(persons.c.id == person_id).values(values))


def add_identity(conn: Connection, channel: str, native_id: str, person_id: int) -> int:
    """This account speaks for this person, and for nobody else any more; the identity's id."""
    bump(conn)
    new = insert_into(conn, identity).values(channel=channel, native_id=native_id, person_id=person_id)
    bound = new.on_conflict_do_update(
        index_elements=["channel", "native_id"], set_={"person_id": new.excluded.person_id}
    )
    identity_id: int = conn.execute(bound.returning(identity.c.id)).scalar_one()
    return identity_id


def grant(
    conn: Connection, person_id: int, role_name: str, *, area_id: int | None = None, unit_id: int | None = None
) -> int:
    """A role in an area and all below it, or in a unit; the id of the new or the existing grant."""
    bump(conn)
    # Asked first, because empty columns are never equal to a unique constraint; `bump` keeps two writers apart.
    found: int | None = conn.execute(
        select(role.c.id).where(*_granted(person_id, role_name, area_id, unit_id))
    ).scalar()
    if found is not None:
        return found
    values = {"person_id": person_id, "role": role_name, "area_id": area_id, "unit_id": unit_id}
    role_id: int = conn.execute(insert(role).values(values).returning(role.c.id)).scalar_one()
    return role_id


def revoke(
    conn: Connection, person_id: int, role_name: str, *, area_id: int | None = None, unit_id: int | None = None
) -> bool:
    """False: there was no such grant."""
    bump(conn)
    return conn.execute(delete(role).where(*_granted(person_id, role_name, area_id, unit_id))).rowcount > 0


def _granted(
    person_id: int, role_name: str, area_id: int | None, unit_id: int | None
) -> tuple[ColumnElement[bool], ...]:
    return (
        role.c.person_id == person_id,
        role.c.role == role_name,
        role.c.area_id.is_not_distinct_from(area_id),
        role.c.unit_id.is_not_distinct_from(unit_id),
    )


def add_duty(
    conn: Connection,
    *,
    kind: str,
    person_id: int,
    starts_at: datetime,
    ends_at: datetime | None = None,
    substitute_id: int | None = None,
    area_id: int | None = None,
) -> int:
    """Leave, handover or a turn of a roster; without an area it holds wherever the person has a role."""
    bump(conn)
    values: dict[str, Any] = {"kind": kind, "person_id": person_id, "starts_at": starts_at, "ends_at": ends_at}
    values |= {"substitute_id": substitute_id, "area_id": area_id}
    duty_id: int = conn.execute(insert(duty).values(values).returning(duty.c.id)).scalar_one()
    return duty_id


def end_duty(conn: Connection, duty_id: int, at: datetime) -> bool:
    """False: there is no such duty, or it ended before."""
    bump(conn)
    runs = (duty.c.ends_at.is_(None)) | (duty.c.ends_at > at)
    return conn.execute(update(duty).where(duty.c.id == duty_id, runs).values(ends_at=at)).rowcount == 1
