"""Cases as CSV for a spreadsheet or as JSON lines, page by page: a city's take no more memory than a village's."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import datetime
from typing import IO, Any, Final

from sqlalchemy import Connection

from bot.cli.casebook.book import Book
from bot.cli.casebook.sheet import COLUMNS, KEPT, is_secret, plain, seen
from bot.cli.formulas import armed
from storage import casebook
from storage.casebook import Wanted
from storage.engine import Database
from storage.records import CaseRow

PAGE: Final = 500
_BOM: Final = "\ufeff"  # else a spreadsheet takes UTF-8 for something else


async def export(
    db: Database, wanted: Wanted, book: Book, out: IO[bytes], form: str, advance: Callable[[int], None]
) -> int:  # fmt: skip
    """In the order of numbers; how many."""
    head, rows = _FORMS[form]
    out.write(head())
    written = 0
    async for page, supporters in _pages(db, wanted):
        values = [{"secret": is_secret(case)} | seen(case, book, supporters.get(case.id, 0)) for case in page]
        out.write(rows(values))
        written += len(page)
        advance(len(page))
    return written


async def _pages(db: Database, wanted: Wanted) -> AsyncIterator[tuple[list[CaseRow], dict[int, int]]]:
    """Cases with their supporters counted. Each page is a look of its own: a long one would keep old versions alive."""
    last = 0

    def look(conn: Connection) -> tuple[list[CaseRow], dict[int, int]]:
        page = casebook.after(conn, wanted, last, PAGE)
        return page, casebook.supporters_of(conn, [case.id for case in page])

    while (found := await db.read(look))[0]:
        yield found
        last = found[0][-1].id


def _csv_head() -> bytes:
    return (_BOM + _csv([[column.heading for column in COLUMNS]])).encode()


def _csv_rows(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return _csv([[_cell(row, column.key) for column in COLUMNS] for row in rows]).encode()


def _csv(rows: Iterable[Iterable[str]]) -> str:
    held = io.StringIO()
    csv.writer(held).writerows(rows)
    return held.getvalue()


def _cell(row: Mapping[str, Any], key: str) -> str:
    value = row[key]
    if value is None:
        return KEPT if row["secret"] and key in _SAID else ""
    if isinstance(value, bool):
        return "是" if value else ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return armed(value) if isinstance(value, str) else str(value)


_SAID = frozenset({"category", "place", "text", "reporter"})


def _json_rows(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(plain(row), ensure_ascii=False) + "\n" for row in rows).encode()


_FORMS: Final[Mapping[str, tuple[Callable[[], bytes], Callable[[Iterable[Mapping[str, Any]]], bytes]]]] = {
    "csv": (_csv_head, _csv_rows),
    "jsonl": (lambda: b"", _json_rows),
}
FORMS: Final = tuple(_FORMS)
