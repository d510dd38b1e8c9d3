"""What was given up, on the way in or out, until somebody has decided: again, or away with its words.

A post of which nobody knows whether it arrived is among them. The statements that decide are in storage.inbox and
storage.outbox.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, func, literal, null, select

from storage import inbox as way_in
from storage import outbox as way_out
from storage.records import DeadLetter
from storage.schema import inbox, outbox

IN: Final = "in"
OUT: Final = "out"
_TABLES: Final[Mapping[str, Table]] = {IN: inbox, OUT: outbox}
_GIVEN_UP: Final[Mapping[str, tuple[str, ...]]] = {IN: ("dead",), OUT: ("dead", "unknown")}
_OPEN: Final = ("pending", *_GIVEN_UP[OUT])
_RETRY: Final[Mapping[str, Callable[..., int]]] = {IN: way_in.retry, OUT: way_out.retry}
_DROP: Final[Mapping[str, Callable[..., int]]] = {IN: way_in.drop, OUT: way_out.drop}


def waiting(conn: Connection, *, reason: str = "", limit: int | None = None) -> list[DeadLetter]:
    """Both boxes together, the latest first. `reason`: only those whose reason holds this text."""
    found = [row for box in _TABLES for row in _rows(conn, _chosen(box, reason).limit(limit))]
    found.sort(key=lambda letter: (letter.done_at or letter.began_at, letter.box, letter.id), reverse=True)
    return found[:limit]


def by_state(conn: Connection) -> dict[tuple[str, str], int]:
    """How many there are, by table and state; a state without any is left out."""
    return dict(_by_state(conn))


def _by_state(conn: Connection) -> Iterator[tuple[tuple[str, str], int]]:
    for box, table in _TABLES.items():
        dead = select(table.c.state, func.count()).where(table.c.state.in_(_GIVEN_UP[box])).group_by(table.c.state)
        for state, number in conn.execute(dead):
            yield (table.name, state), number


def reasons(conn: Connection) -> dict[str, dict[str, int]]:
    """By table: how often each reason. They may quote what somebody said: only for who masks them."""
    return {table.name: _reasons(conn, box, table) for box, table in _TABLES.items()}


def _reasons(conn: Connection, box: str, table: Table) -> dict[str, int]:
    dead = select(table.c.reason, func.count()).where(table.c.state.in_(_GIVEN_UP[box])).group_by(table.c.reason)
    return {reason or "": number for reason, number in conn.execute(dead)}


def count(conn: Connection) -> int:
    return sum(by_state(conn).values())


def find(conn: Connection, box: str, row_id: int) -> DeadLetter | None:
    """The row with its words, whatever has become of it (see is_dead)."""
    return next(iter(_rows(conn, _letters(box).where(_TABLES[box].c.id == row_id))), None)


def is_dead(letter: DeadLetter) -> bool:
    return letter.state in _GIVEN_UP[letter.box]


def about(conn: Connection, case_id: int) -> list[DeadLetter]:
    """Posts about a case that wait, were given up, or may not have arrived; in the order of ids."""
    posts = _letters(OUT).where(outbox.c.case_id == case_id, outbox.c.state.in_(_OPEN))
    return _rows(conn, posts.order_by(outbox.c.id))


def retry(conn: Connection, box: str, row_id: int, now: Any) -> int:
    """Put it back; the number of rows (all parts of an album). 0: it is not dead (any more)."""
    return _RETRY[box](conn, row_id, now)


def drop(conn: Connection, box: str, row_id: int, now: Any) -> int:
    """Erase its words and settle it: a second delivery is still known as one. 0: it is not dead (any more)."""
    return _DROP[box](conn, row_id, now)


def _chosen(box: str, reason: str) -> Select[Any]:
    table = _TABLES[box]
    dead = _letters(box).where(table.c.state.in_(_GIVEN_UP[box])).order_by(table.c.done_at.desc(), table.c.id.desc())
    return dead.where(_holds(table.c.reason, reason)) if reason else dead


def _holds(column: Column[Any], text: str) -> ColumnElement[bool]:
    return func.lower(column).contains(text.lower(), autoescape=True)


def _letters(box: str) -> Select[Any]:
    table = _TABLES[box]
    return select(
        literal(box).label("box"),
        table.c.id,
        table.c.account,
        table.c.chat_id,
        (table.c.case_id if box == OUT else null()).label("case_id"),
        table.c.kind,
        table.c.state,
        table.c.body,
        table.c.failures,
        table.c.reason,
        (table.c.native_id if box == OUT else null()).label("native_id"),
        (table.c.created_at if box == OUT else table.c.received_at).label("began_at"),
        table.c.done_at,
    )


def _rows(conn: Connection, statement: Select[Any]) -> list[DeadLetter]:
    return [DeadLetter(**row) for row in conn.execute(statement).mappings()]
