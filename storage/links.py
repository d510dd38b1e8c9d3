"""Which message belongs to which case: quotes, edits and recalls are understood by it, warmth and heat rebuilt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, false, func, select

from storage.dialects import PerDialect
from storage.records import LinkRow, Spoken, Trace
from storage.rows import Shape
from storage.schema import case_link, chat_address, identity
from storage.schema.base import Id
from storage.types import Utc

REUSED = timedelta(hours=1)
"""Two messages of one chat with one id, further apart than this: the platform has given the id out again."""
_ROW = Shape(LinkRow, case_link)
_ALL = select(*_ROW.columns)
_ADD = PerDialect(
    lambda insert: insert(case_link).on_conflict_do_nothing(index_elements=["chat_id", "message_id", "case_id"])
)
# Built once: what a statement costs is mostly its building, and these run for every report.
_OF_CASE = _ALL.where(case_link.c.case_id == bindparam("case_id")).order_by(case_link.c.id)
_OF_CASE_IN_ROLES = _OF_CASE.where(case_link.c.role.in_(bindparam("roles", expanding=True)))
_OWN = func.coalesce(case_link.c.person_id == bindparam("person_id", type_=Id), false()).label("own")
_SPOKEN = (
    select(case_link.c.case_id, case_link.c.role, _OWN, func.max(case_link.c.said_at, type_=Utc()))
    .where(case_link.c.chat_id == bindparam("chat_id"), case_link.c.said_at >= bindparam("since"))
    .group_by(case_link.c.case_id, case_link.c.role, "own")
    .order_by(case_link.c.case_id)
)
_first = select(func.min(case_link.c.id)).where(
    case_link.c.case_id == bindparam("case_id"), case_link.c.role.in_(bindparam("roles", expanding=True))
)
_of_chats = _first.group_by(case_link.c.chat_id).scalar_subquery()
_RAISED = _ALL.where(case_link.c.id.in_(_of_chats)).order_by(case_link.c.id)
_FIND = _ALL.where(
    case_link.c.chat_id == bindparam("chat_id"), case_link.c.message_id == bindparam("message_id")
).order_by(case_link.c.id)
_here = and_(
    chat_address.c.chat_id == case_link.c.chat_id,
    chat_address.c.account == bindparam("account"),
    chat_address.c.current,
)
_speaker = and_(identity.c.person_id == case_link.c.person_id, identity.c.channel == bindparam("channel"))
_TRACES = (
    select(
        case_link.c.id.label("link_id"),
        chat_address.c.native_id.label("chat"),
        case_link.c.message_id,
        case_link.c.role,
        identity.c.native_id.label("sender"),
        case_link.c.said_at,
    )
    .select_from(case_link.join(chat_address, _here).outerjoin(identity, _speaker))
    .where(case_link.c.id > bindparam("after"), case_link.c.said_at >= bindparam("since"))
    .order_by(case_link.c.id)
    .limit(bindparam("limit"))
)


def add(
    conn: Connection,
    *,
    case_id: int,
    chat_id: int,
    message_id: str,
    role: str,
    person_id: int | None,
    said_at: datetime,
    closing: int | None = None,
) -> None:
    """Link a message; linked to this case before, it keeps its first role."""
    values: dict[str, Any] = {"case_id": case_id, "chat_id": chat_id, "message_id": message_id, "role": role}
    values |= {"person_id": person_id, "said_at": said_at, "closing": closing}
    conn.execute(_ADD.on(conn), values)


def find(conn: Connection, chat_id: int, message_id: str) -> list[LinkRow]:
    """The cases of a message, in the order in which they were linked; of an id that two had, those of the later one."""
    found = _ROW.all(conn, _FIND, {"chat_id": chat_id, "message_id": message_id})
    last = max((link.said_at for link in found), default=None)
    return [link for link in found if last is not None and link.said_at > last - REUSED]


def of_case(conn: Connection, case_id: int, roles: Sequence[str] | None = None) -> list[LinkRow]:
    if roles is None:
        return _ROW.all(conn, _OF_CASE, {"case_id": case_id})
    return _ROW.all(conn, _OF_CASE_IN_ROLES, {"case_id": case_id, "roles": list(roles)})


def since(conn: Connection, said_at: datetime, limit: int) -> list[LinkRow]:
    """Links of messages said at this moment or later, in the order of ids."""
    return _ROW.all(conn, _ALL.where(case_link.c.said_at >= said_at).order_by(case_link.c.id).limit(limit))


def after(conn: Connection, link_id: int, limit: int) -> list[LinkRow]:
    """Links made since a known one."""
    return _ROW.all(conn, _ALL.where(case_link.c.id > link_id).order_by(case_link.c.id).limit(limit))


def raised(conn: Connection, case_id: int, roles: Sequence[str]) -> list[LinkRow]:
    """The first such link of a case in each chat: few, however many have said the same there."""
    return _ROW.all(conn, _RAISED, {"case_id": case_id, "roles": list(roles)})


def spoken(conn: Connection, chat_id: int, since: datetime, person_id: int | None) -> list[Spoken]:
    """What was said in a chat at `since` or later, summed up: few rows, however many messages there were."""
    asked = {"chat_id": chat_id, "since": since, "person_id": person_id}
    return [Spoken(case_id, role, bool(own), at) for case_id, role, own, at in conn.execute(_SPOKEN, asked)]


def traces(conn: Connection, account: str, *, after: int, since: datetime, limit: int) -> list[Trace]:
    """Links after a known one in the native ids of an account, for its gate; `sender` is the speaker there.

    A person with two names on one channel gives two traces of one link.
    """
    asked = {"account": account, "channel": account.partition(":")[0], "after": after, "since": since, "limit": limit}
    return [Trace(**row) for row in conn.execute(_TRACES, asked).mappings()]
