"""The way in: insert or ignore, claim by lane, finish in the transaction of the effects (rules 1-4)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    String,
    Text,
    Update,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
    type_coerce,
    update,
)

from storage.claim import LIMIT, Claim, heads
from storage.claim import pending as waits
from storage.dialects import PerDialect
from storage.portions import delete_all
from storage.records import InboxRow, NewInbox
from storage.rows import Shape
from storage.schema import chat, inbox

_ROW = Shape(InboxRow, inbox)
_HASH = re.compile(r"[0-9a-f]{64}")
_PUT = PerDialect(
    lambda insert: (
        insert(inbox)
        .on_conflict_do_nothing(index_elements=["account", "event_key"])
        .returning(inbox.c.id, inbox.c.account, inbox.c.event_key)
    )
)
_TAKEN = select(inbox.c.id, inbox.c.account, inbox.c.event_key, inbox.c.sent_at, inbox.c.received_at)
_RETIRE = (
    update(inbox)
    .where(inbox.c.id == bindparam("row_id"))
    .values(event_key=func.substr(inbox.c.event_key, 1, 180) + "~" + cast(inbox.c.id, String))
)
_SPOKEN = frozenset({"message", "edit", "button"})
"""What a platform may give a number that another had: to swallow it would lose somebody's words."""
_APART = timedelta(minutes=1)
_LOCK_LANES = (
    select(chat.c.id)
    .where(chat.c.id.in_(bindparam("chats", expanding=True)))
    .order_by(chat.c.id)
    .with_for_update(key_share=True)  # strong enough against each other, no hindrance to foreign keys on the chat
)
_MINE = update(inbox).where(inbox.c.id == bindparam("row_id"), inbox.c.attempts == bindparam("token"), waits(inbox))
_FINISH = _MINE.values(state="done", done_at=bindparam("at"), locked_until=None, body=None)
_RELEASE = _MINE.values(locked_until=None)


def put(conn: Connection, rows: Sequence[NewInbox]) -> list[int | None]:
    """Insert what is new; None stands for an event that had come before. Ids grow in the order of `rows`.

    A key that was seen belongs to another event now if this one was said well after that one had been received: the
    platform was restored or made anew, and counts from the beginning.
    On PostgreSQL the lanes are locked first, in the order of their ids: else a lower id could be committed after a
    higher one of its lane had been handled.
    """
    if not rows:
        return []
    if conn.dialect.name == "postgresql":
        conn.execute(_LOCK_LANES, {"chats": sorted({row.chat_id for row in rows})}).all()
    new = _insert(conn, rows)
    if len(new) < len(rows) and _retire(conn, [row for row in rows if _key(row) not in new and row.kind in _SPOKEN]):
        conn.execute(delete(inbox).where(inbox.c.id.in_(new.values())))
        new = _insert(conn, rows)  # all once more, in their order
    return [new.pop(_key(row), None) for row in rows]


def _insert(conn: Connection, rows: Sequence[NewInbox]) -> dict[tuple[str, str], int]:
    values = [{**_as_dict(row), "state": "pending"} for row in rows]
    return {(account, key): id_ for id_, account, key in conn.execute(_PUT.on(conn), values)}


def _key(row: NewInbox) -> tuple[str, str]:
    return row.account, row.event_key


def _retire(conn: Connection, rows: Sequence[NewInbox]) -> bool:
    """Take the keys of these from the events that had them before, where they are others."""
    again = {_key(row): row for row in rows}
    taken = conn.execute(_TAKEN.where(tuple_(inbox.c.account, inbox.c.event_key).in_(again))).all() if again else []
    others = [{"row_id": row.id} for row in taken if _another(row, again[row.account, row.event_key])]
    if others:
        conn.execute(_RETIRE, others)
    return bool(others)


def _another(known: Any, row: NewInbox) -> bool:
    """Whether it is no second delivery. Where a clock is wrong (said when it came, or later) nobody can tell: it is."""
    return bool(known.sent_at < known.received_at and row.sent_at > known.received_at + _APART)


def park(conn: Connection, row: NewInbox, *, reason: str) -> int | None:
    """What could not be put becomes a dead letter at once; None: it had come before."""
    given_up = {"state": "dead", "failures": 1, "reason": reason, "done_at": row.received_at}
    new = conn.execute(_PUT.on(conn), [{**_as_dict(row), **given_up}]).first()
    return None if new is None else int(new.id)


def _as_dict(row: NewInbox) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in dataclasses.fields(row)}


def _oldest(row: FromClause) -> Callable[[ColumnElement[datetime]], Select[Any]]:
    # By due_at, so that the index of what is due yields them and the scan can stop early.
    order = (row.c.due_at, row.c.id)
    return lambda moment: heads(inbox, row, "chat_id").where(_free(row, moment)).order_by(*order).limit(LIMIT)


def _siblings(row: FromClause) -> Callable[[ColumnElement[datetime]], Select[Any]]:
    album = tuple_(row.c.chat_id, row.c.group_key).in_(bindparam("groups", expanding=True))
    others = row.c.id.not_in(bindparam("heads", expanding=True))
    return lambda moment: select(row.c.id).where(waits(row), album, others, _free(row, moment))


def _free(row: FromClause, moment: ColumnElement[datetime]) -> ColumnElement[bool]:
    return or_(row.c.locked_until.is_(None), row.c.locked_until <= moment)


_head, _sibling = inbox.alias("head"), inbox.alias("sibling")
# A claim that was neither finished nor given back: whoever had the row has died over it, or hangs.
_DIED = {"failures": inbox.c.failures + case((inbox.c.locked_until.is_not(None), 1), else_=0)}
_CLAIM = Claim(inbox, _head, _oldest(_head), _ROW.columns, _DIED)
_CLAIM_SIBLINGS = Claim(inbox, _sibling, _siblings(_sibling), _ROW.columns, _DIED)


def claim(conn: Connection, now: datetime, *, limit: int, lease: timedelta) -> list[InboxRow]:
    """The due and free head of up to `limit` lanes, and with an album's head its other parts; in the order of ids.

    A row that somebody had and whose lease ran out has one more failure: he may have died of it.
    """
    rows = [_ROW.make(row) for row in _CLAIM.take(conn, now, lease, {"limit": limit})]
    groups = [(row.chat_id, row.group_key) for row in rows if row.group_key is not None]
    if groups:
        params = {"groups": groups, "heads": [row.id for row in rows]}
        rows += [_ROW.make(row) for row in _CLAIM_SIBLINGS.take(conn, now, lease, params)]
    return sorted(rows, key=lambda row: row.id)


def finish(conn: Connection, row: InboxRow, now: datetime) -> bool:
    """The first statement of the row's transaction: what was said lives on in its case only, or nowhere.

    False: the lease ran out and somebody else has the row.
    """
    return conn.execute(_FINISH, {"row_id": row.id, "token": row.attempts, "at": now}).rowcount == 1


def fail(conn: Connection, row: InboxRow, now: datetime, *, retry_at: datetime | None, reason: str) -> None:
    """The row's own error: again at `retry_at`, or a dead letter when that is None. Its lane waits till then."""
    changes: dict[str, Any] = {"failures": inbox.c.failures + 1, "locked_until": None, "reason": reason}
    changes |= {"state": "dead", "done_at": now} if retry_at is None else {"due_at": retry_at}
    conn.execute(_MINE.values(changes), {"row_id": row.id, "token": row.attempts})


def release(conn: Connection, rows: Sequence[InboxRow]) -> None:
    """After an infrastructure error: free for the next claim, no failure counted."""
    if rows:
        conn.execute(_RELEASE, [{"row_id": row.id, "token": row.attempts} for row in rows])


def push_group(conn: Connection, account: str, chat_id: int, group_key: str, due_at: datetime, cap: timedelta) -> None:
    """A further part has come: the whole album waits until `due_at`, but no longer than `cap` after its first part."""
    same = and_(inbox.c.chat_id == chat_id, inbox.c.account == account, inbox.c.group_key == group_key)
    album = and_(waits(inbox), same, inbox.c.locked_until.is_(None))
    first = conn.execute(select(func.min(inbox.c.received_at)).where(album)).scalar()
    if first is not None:
        conn.execute(update(inbox).where(album).values(due_at=min(due_at, first + cap)))


def retry(conn: Connection, row_id: int, now: datetime) -> int:
    """Give a dead letter a fresh start, and with it the other parts of its album; the number of rows.

    0: it is not dead (any more).
    """
    fresh = {"state": "pending", "failures": 0, "due_at": now, "done_at": None, "reason": None}
    return conn.execute(_dead_album(conn, row_id).values(fresh)).rowcount


def drop(conn: Connection, row_id: int, now: datetime) -> int:
    """Settle a dead letter and the other parts of its album without their words; the number of rows.

    The rows stay as long as any other that is done: a second delivery is no second message. 0: it is not dead.
    """
    settled = {"state": "done", "body": None, "done_at": now, "reason": "dropped"}
    return conn.execute(_dead_album(conn, row_id).values(settled)).rowcount


def _dead_album(conn: Connection, row_id: int) -> Update:
    """The parts are looked up first: an UPDATE that asked for them itself would not see those it has just changed."""
    part = inbox.alias("part")
    album = (part.c.group_key == inbox.c.group_key, part.c.chat_id == inbox.c.chat_id, part.c.state == "dead")
    sibling = exists(select(part.c.id).where(part.c.id == row_id, *album))
    dead = select(inbox.c.id).where(inbox.c.state == "dead", or_(inbox.c.id == row_id, sibling))
    return update(inbox).where(inbox.c.state == "dead", inbox.c.id.in_(conn.execute(dead).scalars().all()))


def pending(conn: Connection) -> int:
    """How many rows wait or are in work."""
    return conn.execute(select(func.count()).select_from(inbox).where(waits(inbox))).scalar_one()


def unsettled_photos(conn: Connection) -> set[str]:
    """Whatever looks like a photo's hash in what waits, is in work or was given up, readable or not."""
    unsettled = or_(waits(inbox), inbox.c.state == "dead")
    left = select(type_coerce(inbox.c.body, Text)).where(unsettled, inbox.c.body.is_not(None))
    return {hash_ for body in conn.execute(left).scalars() for hash_ in _HASH.findall(body)}


def prune(conn: Connection, before: datetime) -> int:
    """Delete what was done before that moment; dead letters stay until somebody has decided about them."""
    old = and_(inbox.c.state == "done", inbox.c.done_at < before)
    return delete_all(conn, inbox, old)
