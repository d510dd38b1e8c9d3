"""Chats and where they live. A chat's id never changes; its address may (group → supergroup)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    String,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from storage.dialects import PerDialect, insert_into
from storage.directory_version import bump
from storage.records import ChatRow
from storage.schema import case_link, chat_address, chat_area, inbox, outbox
from storage.schema import chat as chats

_here = chat_address.alias("here")
_asked = chat_address.alias("asked")
_areas = (
    select(func.aggregate_strings(cast(chat_area.c.area_id, String), ","))
    .where(chat_area.c.chat_id == chats.c.id)
    .scalar_subquery()
)
_CHATS = select(
    chats.c.id,
    chats.c.kind,
    chats.c.mode,
    chats.c.title,
    chats.c.person_id,
    chats.c.reachable,
    chats.c.muted_until,
    _areas.label("areas"),
    func.coalesce(_here.c.account, "").label("account"),
    func.coalesce(_here.c.native_id, "").label("native_id"),
).select_from(chats.outerjoin(_here, and_(_here.c.chat_id == chats.c.id, _here.c.current)))
_BY_ID = _CHATS.where(chats.c.id == bindparam("chat_id"))
_BY_ADDRESS = _CHATS.join(_asked, _asked.c.chat_id == chats.c.id).where(
    _asked.c.account == bindparam("account"), _asked.c.native_id == bindparam("native_id")
)
_PRIVATE = _CHATS.where(chats.c.person_id == bindparam("owner"), chats.c.kind == "private", chats.c.reachable).order_by(
    chats.c.id
)
_NEW_CHAT = insert(chats).returning(chats.c.id)
_NEW_ADDRESS = PerDialect(
    lambda insert_in: insert_in(chat_address).on_conflict_do_nothing(index_elements=["account", "native_id"])
)


def select_chats() -> Select[Any]:
    """All chats, for `make_chat`; callers narrow it down by the columns of storage.schema.chat."""
    return _CHATS


def make_chat(row: Mapping[Any, Any]) -> ChatRow:
    values = dict(row)
    areas = values.pop("areas")
    return ChatRow(areas=tuple(sorted(map(int, areas.split(",")))) if areas else (), **values)


def _one(conn: Connection, statement: Select[Any], **params: Any) -> ChatRow | None:
    row = conn.execute(statement, params).mappings().first()
    return None if row is None else make_chat(row)


def chat(conn: Connection, chat_id: int) -> ChatRow | None:
    return _one(conn, _BY_ID, chat_id=chat_id)


def chat_of(conn: Connection, account: str, native_id: str) -> ChatRow | None:
    """By its address, an earlier one included; the row tells where it lives now."""
    return _one(conn, _BY_ADDRESS, account=account, native_id=native_id)


def private_chats(conn: Connection, person_id: int) -> list[ChatRow]:
    """The chats in which a person can be reached alone."""
    return [make_chat(row) for row in conn.execute(_PRIVATE, {"owner": person_id}).mappings()]


def ensure_chat(
    conn: Connection,
    account: str,
    native_id: str,
    *,
    kind: str,
    now: datetime,
    title: str = "",
    person_id: int | None = None,
) -> ChatRow:
    """The chat at this address, made with `kind`, `title` and `person_id` if it is new. One select if it is not."""
    found = chat_of(conn, account, native_id)
    if found is not None:
        return found
    values = {"kind": kind, "title": title, "person_id": person_id, "created_at": now}
    _create(conn, account, native_id, values)
    if kind != "private":
        bump(conn)
    return make_chat(conn.execute(_BY_ADDRESS, {"account": account, "native_id": native_id}).mappings().one())


def _create(conn: Connection, account: str, native_id: str, values: dict[str, Any]) -> None:
    """Two processes may meet the same new chat at once: the second one takes its own back."""
    chat_id = conn.execute(_NEW_CHAT, values).scalar_one()
    address = {"account": account, "native_id": native_id, "chat_id": chat_id}
    if conn.execute(_NEW_ADDRESS.on(conn), address).rowcount == 0:
        conn.execute(delete(chats).where(chats.c.id == chat_id))


def add_chat(
    conn: Connection,
    account: str,
    native_id: str,
    *,
    kind: str,
    now: datetime,
    mode: str = "shadow",
    title: str = "",
    person_id: int | None = None,
) -> int:
    """Make the chat at this address, or give the existing one these properties; its id."""
    bump(conn)
    known = ensure_chat(conn, account, native_id, kind=kind, now=now, title=title, person_id=person_id)
    _set(conn, known.id, kind=kind, mode=mode, title=title or known.title, person_id=person_id or known.person_id)
    return known.id


def set_mode(conn: Connection, chat_id: int, mode: str) -> None:
    _set(conn, chat_id, mode=mode)


def set_kind(conn: Connection, chat_id: int, kind: str) -> None:
    _set(conn, chat_id, kind=kind)


def set_title(conn: Connection, chat_id: int, title: str) -> None:
    _set(conn, chat_id, title=title)


def set_owner(conn: Connection, chat_id: int, person_id: int | None) -> None:
    """Whose private chat it is."""
    _set(conn, chat_id, person_id=person_id)


def set_reachable(conn: Connection, chat_id: int, *, reachable: bool) -> None:
    """False: the bot was removed from it."""
    _set(conn, chat_id, reachable=reachable)


def set_muted(conn: Connection, chat_id: int, until: datetime | None) -> None:
    _set(conn, chat_id, muted_until=until)


def _set(conn: Connection, chat_id: int, **values: Any) -> None:
    bump(conn)
    conn.execute(update(chats).where(chats.c.id == chat_id).values(values))


def link_area(conn: Connection, chat_id: int, area_id: int) -> None:
    """The chat serves this area (too)."""
    bump(conn)
    link = insert_into(conn, chat_area).values(chat_id=chat_id, area_id=area_id)
    conn.execute(link.on_conflict_do_nothing(index_elements=["chat_id", "area_id"]))


def unlink_area(conn: Connection, chat_id: int, area_id: int) -> None:
    bump(conn)
    conn.execute(delete(chat_area).where(chat_area.c.chat_id == chat_id, chat_area.c.area_id == area_id))


def set_address(conn: Connection, chat_id: int, account: str, native_id: str) -> None:
    """The chat lives here now; messages to its earlier addresses still find it."""
    bump(conn)
    conn.execute(update(chat_address).where(chat_address.c.chat_id == chat_id).values(current=False))
    new = insert_into(conn, chat_address).values(account=account, native_id=native_id, chat_id=chat_id, current=True)
    moved = {"chat_id": new.excluded.chat_id, "current": True}
    conn.execute(new.on_conflict_do_update(index_elements=["account", "native_id"], set_=moved))


def migrate(conn: Connection, account: str, old: str, new: str) -> None:
    """The platform gave a group a new id. Nothing happens if the old one was never heard of; a repeat is harmless.

    Messages under the new id may have come before this news and made a chat of their own: it is folded into the old.
    """
    known = chat_of(conn, account, old)
    if known is None:
        return
    double = chat_of(conn, account, new)
    set_address(conn, known.id, account, new)
    if double is not None and double.id != known.id:
        _fold(conn, double.id, known.id)


def _fold(conn: Connection, double: int, into: int) -> None:
    for queue in (inbox, outbox):
        waiting = update(queue).where(queue.c.chat_id == double, queue.c.state == "pending")
        conn.execute(waiting.values(chat_id=into))
    there = case_link.alias("there")
    same = and_(there.c.message_id == case_link.c.message_id, there.c.case_id == case_link.c.case_id)
    linked = exists(select(there.c.id).where(there.c.chat_id == into, same))
    conn.execute(update(case_link).where(case_link.c.chat_id == double, ~linked).values(chat_id=into))
    conn.execute(update(chats).where(chats.c.id == double).values(reachable=False))
