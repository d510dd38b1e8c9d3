"""What the bot has shown and asked: the last list of a person in a chat, and the one open question."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, exists, insert, select, update

from storage.dialects import PerDialect
from storage.records import MenuRow, QuestionRow
from storage.rows import Shape
from storage.schema import chat, chat_address, identity, menu
from storage.schema import question as questions

_MENU = Shape(MenuRow, menu, tuples=("items",))
_QUESTION = Shape(QuestionRow, questions)
_ASKED = ("case_id", "kind", "asked_at", "until")


def _ask(insert_into: Any) -> Any:
    new = insert_into(questions)
    changed = {name: new.excluded[name] for name in _ASKED}
    asked = new.on_conflict_do_update(index_elements=["chat_id", "person_id"], set_=changed)
    return asked.returning(questions.c.id)


_ASK = PerDialect(_ask)
# Built once: the gate asks it after every round of work.
_here = and_(
    chat_address.c.chat_id == questions.c.chat_id,
    chat_address.c.account == bindparam("account"),
    chat_address.c.current,
)
_group = and_(chat.c.id == questions.c.chat_id, chat.c.kind == "residents")
_asked = and_(identity.c.person_id == questions.c.person_id, identity.c.channel == bindparam("channel"))
_AWAITED = (
    select(chat_address.c.native_id, identity.c.native_id)
    .select_from(questions.join(chat_address, _here).join(chat, _group).join(identity, _asked))
    .where(questions.c.until > bindparam("now"))
)


def put_menu(
    conn: Connection,
    *,
    chat_id: int,
    person_id: int,
    items: Sequence[int],
    shown_at: datetime,
    outbox_id: int | None = None,
    message_id: str | None = None,
) -> int:
    """A list of case ids in the order shown. `outbox_id` lets `bind_menu` find it when it has been delivered."""
    values: dict[str, Any] = {"chat_id": chat_id, "person_id": person_id, "items": list(items), "shown_at": shown_at}
    values |= {"outbox_id": outbox_id, "message_id": message_id}
    menu_id: int = conn.execute(insert(menu).values(values).returning(menu.c.id)).scalar_one()
    return menu_id


def last_menu(conn: Connection, chat_id: int, person_id: int) -> MenuRow | None:
    own = select(*_MENU.columns).where(menu.c.chat_id == chat_id, menu.c.person_id == person_id)
    return _MENU.first(conn, own.order_by(menu.c.id.desc()).limit(1))


def menu_by_message(conn: Connection, chat_id: int, message_id: str) -> MenuRow | None:
    """The list a quoted message is."""
    shown = select(*_MENU.columns).where(menu.c.chat_id == chat_id, menu.c.message_id == message_id)
    return _MENU.first(conn, shown.order_by(menu.c.id.desc()).limit(1))


def bind_menu(conn: Connection, outbox_id: int, message_id: str, items: Sequence[int]) -> None:
    """The list has become this message; `items` as it was shown in the end."""
    shown = {"message_id": message_id, "items": list(items)}
    conn.execute(update(menu).where(menu.c.outbox_id == outbox_id).values(shown))


def ask(
    conn: Connection, *, chat_id: int, person_id: int, case_id: int, kind: str, asked_at: datetime, until: datetime
) -> int:
    """Wait for an answer. A newer question takes the place of an older one: an answer is never ambiguous."""
    values: dict[str, Any] = {"chat_id": chat_id, "person_id": person_id, "case_id": case_id, "kind": kind}
    values |= {"asked_at": asked_at, "until": until}
    return int(conn.execute(_ASK.on(conn), values).scalar_one())


def question(conn: Connection, chat_id: int, person_id: int, now: datetime) -> QuestionRow | None:
    """What is asked of this person here and not yet out of date."""
    own = select(*_QUESTION.columns).where(questions.c.chat_id == chat_id, questions.c.person_id == person_id)
    return _QUESTION.first(conn, own.where(questions.c.until > now))


def is_asked(conn: Connection, case_id: int, kind: str, now: datetime) -> bool:
    """Somebody still owes an answer of this kind about the case."""
    open_now = exists().where(questions.c.case_id == case_id, questions.c.kind == kind, questions.c.until > now)
    return bool(conn.execute(select(open_now)).scalar_one())


def awaited(conn: Connection, account: str, now: datetime) -> set[tuple[str, str]]:
    """Who owes an answer in a residents' group of this account: native ids of chat and person, for its gate."""
    asked = {"account": account, "channel": account.partition(":")[0], "now": now}
    return {(row[0], row[1]) for row in conn.execute(_AWAITED, asked)}


def withdraw(conn: Connection, case_id: int, kind: str) -> None:
    """Nobody waits for an answer of this kind about the case any more."""
    conn.execute(delete(questions).where(questions.c.case_id == case_id, questions.c.kind == kind))


def answered(conn: Connection, question_id: int) -> None:
    conn.execute(delete(questions).where(questions.c.id == question_id))
