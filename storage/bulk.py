"""Many changes of the directory at once: a few statements for thousands of rows, one new version for all of them.

A name that nobody has is a KeyError and rolls the transaction back: it must not become an empty column, which would
mean "everywhere".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Select, Table, bindparam, func, insert, select, tuple_, update

from storage.chats import make_chat, select_chats
from storage.dialects import insert_into
from storage.directory_version import bump, lock
from storage.people import PERSON
from storage.records import ChatRow, PersonRow
from storage.records.changes import (
    Address,
    AreaChange,
    Changes,
    ChatChange,
    PersonChange,
    RoleChange,
    UnitChange,
)
from storage.schema import area, area_alias, chat, chat_address, chat_area, identity, person, role, unit

__all__ = ["chats_at", "lock", "people_at", "write"]

T = TypeVar("T")
Done = Callable[[int], None]
"""Told how many more are written; what it raises rolls everything back."""
_TOGETHER: Final = 500  # rows of one statement


def write(conn: Connection, changes: Changes, now: datetime, done: Done = lambda _: None) -> None:
    """Everything or, if it raises, nothing; the version moves only if there is something to write."""
    if not changes:
        return
    bump(conn)
    _write_areas(conn, changes.areas, done)
    places = _codes(conn, area)
    _write_aliases(conn, changes, places, done)
    _write_chats(conn, changes.chats, places, now, done)
    _write_units(conn, changes.units, places, done)
    units = _codes(conn, unit) if changes.roles else {}
    _write_people(conn, changes.people, now, done)
    _write_roles(conn, changes.roles, places, units, done)


def people_at(conn: Connection, identities: Iterable[Address]) -> dict[Address, PersonRow]:
    """Who speaks with these accounts, residents included."""
    key = tuple_(identity.c.channel, identity.c.native_id)
    known = select(identity.c.channel, identity.c.native_id, *PERSON.columns).join(
        person, person.c.id == identity.c.person_id
    )
    return {(row[0], row[1]): PERSON.make(row[2:]) for row in _each(conn, known, key, identities)}


def chats_at(conn: Connection, addresses: Iterable[Address]) -> dict[Address, ChatRow]:
    """The chats that live or once lived at these addresses, private ones included."""
    asked = chat_address.alias("asked")
    known = (
        select_chats()
        .add_columns(asked.c.account.label("asked_account"), asked.c.native_id.label("asked_id"))
        .join(asked, asked.c.chat_id == chat.c.id)
    )
    found = {}
    for row in _each(conn, known, tuple_(asked.c.account, asked.c.native_id), addresses):
        values = dict(row._mapping)  # noqa: SLF001 - the public name of a row's mapping
        address = values.pop("asked_account"), values.pop("asked_id")
        found[address] = make_chat(values)
    return found


def _each(conn: Connection, known: Select[Any], key: Any, wanted: Iterable[Address]) -> Iterator[Any]:
    for some in _chunks(sorted(set(wanted))):
        yield from conn.execute(known.where(key.in_(some)))


def _chunks(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), _TOGETHER):
        yield rows[start : start + _TOGETHER]


def _codes(conn: Connection, table: Table) -> dict[str, int]:
    return {row[0]: row[1] for row in conn.execute(select(table.c.code, table.c.id))}


def _insert(conn: Connection, table: Table, rows: Sequence[dict[str, Any]], done: Done) -> list[int]:
    """The new ids in the order of the rows."""
    if conn.dialect.name == "sqlite":  # it cannot tell which id belongs to which row; but nobody else writes now
        first = (conn.execute(select(func.max(table.c.id))).scalar() or 0) + 1
        numbered = [{"id": number, **row} for number, row in enumerate(rows, first)]
        _put(conn, table, numbered, done)
        return [row["id"] for row in numbered]
    new = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    ids: list[int] = []
    for some in _chunks(rows):
        ids += conn.execute(new, some).scalars()
        done(len(some))
    return ids


def _put(conn: Connection, table: Table, rows: Sequence[dict[str, Any]], done: Done = lambda _: None) -> None:
    for some in _chunks(rows):
        conn.execute(insert(table), some)
        done(len(some))


def _update(conn: Connection, table: Table, rows: Sequence[tuple[int, dict[str, Any]]], done: Done) -> None:
    """Each row its id and all the columns that are ever changed here."""
    for some in _chunks(rows):
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in some[0][1]}
        changed = update(table).where(table.c.id == bindparam("row_id")).values(values)
        conn.execute(
            changed, [{"row_id": row_id, **{f"new_{name}": new for name, new in row.items()}} for row_id, row in some]
        )
        done(len(some))


def _write_areas(conn: Connection, changes: Sequence[AreaChange], done: Done) -> None:
    """Those above come first: each wave hangs below what is there by then."""
    new = [change for change in changes if change.id is None]
    ids = _codes(conn, area) if changes else {}
    while new:
        wave = [change for change in new if change.parent is None or change.parent in ids]
        if not wave:
            raise KeyError(new[0].parent)
        found = _insert(conn, area, [_area(change, ids) for change in wave], done)
        ids |= {change.code: row_id for change, row_id in zip(wave, found, strict=True)}
        new = [change for change in new if change.code not in ids]
    _update(conn, area, [(change.id, _area(change, ids)) for change in changes if change.id is not None], done)


def _area(change: AreaChange, ids: dict[str, int]) -> dict[str, Any]:
    parent = None if change.parent is None else ids[change.parent]
    return {"code": change.code, "name": change.name, "level": change.level, "parent_id": parent}


def _write_aliases(conn: Connection, changes: Changes, places: dict[str, int], done: Done) -> None:
    rows = [
        {"area_id": places[change.area], "alias": change.alias, "stands_for": change.stands_for}
        for change in changes.aliases
    ]
    new = insert_into(conn, area_alias)
    upsert = new.on_conflict_do_update(
        index_elements=["area_id", "alias"], set_={"stands_for": new.excluded.stands_for}
    )
    for some in _chunks(rows):
        conn.execute(upsert, some)
        done(len(some))


def _write_chats(
    conn: Connection, changes: Sequence[ChatChange], places: dict[str, int], now: datetime, done: Done
) -> None:
    new = [change for change in changes if change.id is None]
    made = _insert(conn, chat, [{**_chat(change), "created_at": now} for change in new], done)
    ids = {change.address: row_id for change, row_id in zip(new, made, strict=True)}
    addresses = [
        {"account": account, "native_id": native_id, "chat_id": row_id}
        for (account, native_id), row_id in ids.items()
    ]  # fmt: skip
    _put(conn, chat_address, addresses)
    old = [(change.id, _chat(change)) for change in changes if change.id is not None]
    _update(conn, chat, old, done)
    ids |= {change.address: change.id for change in changes if change.id is not None}
    served = [
        {"chat_id": ids[change.address], "area_id": places[code]} for change in changes for code in change.areas
    ]  # fmt: skip
    link = insert_into(conn, chat_area).on_conflict_do_nothing(index_elements=["chat_id", "area_id"])
    for some in _chunks(served):
        conn.execute(link, some)


def _chat(change: ChatChange) -> dict[str, Any]:
    return {"kind": change.kind, "mode": change.mode, "title": change.title}


def _write_units(conn: Connection, changes: Sequence[UnitChange], places: dict[str, int], done: Done) -> None:
    groups = _chat_ids(conn, {change.chat for change in changes if change.chat is not None})

    def row(change: UnitChange) -> dict[str, Any]:
        return {
            "code": change.code,
            "name": change.name,
            "area_id": None if change.area is None else places[change.area],
            "chat_id": None if change.chat is None else groups[change.chat],
            "is_default": change.is_default,
        }

    _put(conn, unit, [row(change) for change in changes if change.id is None], done)
    _update(conn, unit, [(change.id, row(change)) for change in changes if change.id is not None], done)


def _chat_ids(conn: Connection, addresses: Iterable[Address]) -> dict[Address, int]:
    known = select(chat_address.c.account, chat_address.c.native_id, chat_address.c.chat_id)
    key = tuple_(chat_address.c.account, chat_address.c.native_id)
    return {(account, native_id): chat_id for account, native_id, chat_id in _each(conn, known, key, addresses)}


def _write_people(conn: Connection, changes: Sequence[PersonChange], now: datetime, done: Done) -> None:
    new = [change for change in changes if change.id is None]
    made = _insert(conn, person, [{**_person(change), "created_at": now} for change in new], done)
    names = [
        {"channel": change.identity[0], "native_id": change.identity[1], "person_id": row_id}
        for change, row_id in zip(new, made, strict=True)
    ]
    _put(conn, identity, names)
    _update(conn, person, [(change.id, _person(change)) for change in changes if change.id is not None], done)


def _person(change: PersonChange) -> dict[str, Any]:
    return {"name": change.name, "phone": change.phone, "active": change.active}


def _write_roles(
    conn: Connection, changes: Sequence[RoleChange], places: dict[str, int], units: dict[str, int], done: Done
) -> None:
    known = select(identity.c.channel, identity.c.native_id, identity.c.person_id)
    key = tuple_(identity.c.channel, identity.c.native_id)
    wanted = {change.identity for change in changes}
    people = {(channel, native_id): row_id for channel, native_id, row_id in _each(conn, known, key, wanted)}
    rows = [
        {
            "person_id": people[change.identity],
            "role": change.role,
            "area_id": None if change.area is None else places[change.area],
            "unit_id": None if change.unit is None else units[change.unit],
        }
        for change in changes
    ]
    _put(conn, role, rows, done)
