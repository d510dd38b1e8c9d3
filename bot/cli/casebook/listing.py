"""A list of cases as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from bot.cli.casebook.book import Book
from bot.cli.casebook.sheet import KEPT, is_secret, seen
from bot.cli.screen import screen
from storage.records import CaseRow

_HEADINGS = ("№", "状态", "类别", "地点", "负责", "期限", "上报")


def print_list(rows: Sequence[CaseRow], total: int, book: Book) -> None:
    """`total`: how many there are besides those shown."""
    table = Table(header_style="bold")
    for heading in _HEADINGS:
        table.add_column(heading, overflow="fold", no_wrap=heading in {"№", "状态", "期限", "上报"})
    for case in rows:
        table.add_row(*_cells(case, book))
    console = screen()
    if not rows:
        console.print("一件也没有。")
        return
    console.print(table)
    more = f"，这里是最新的 {len(rows)} 件（--limit 多看些）" if total > len(rows) else ""
    late = sum(book.is_overdue(case) for case in rows)
    console.print(f"共 {total} 件{more}{f'，其中 {late} 件超期' if late else ''}。")


def _cells(case: CaseRow, book: Book) -> list[Text]:
    """Plain texts: what somebody wrote must not be read as rich's markup."""
    values = seen(case, book)
    where = [values["grid"] or values["village"] or values["town"], values["place"]]
    overdue = bool(values["overdue"])
    return [
        Text(str(case.id)),
        Text(values["state"]),
        Text(KEPT if is_secret(case) else values["category"]),
        Text(KEPT if is_secret(case) else " ".join(filter(None, where))),
        Text(KEPT if is_secret(case) else values["unit"] or values["worker"]),
        Text(book.moment(values["due_at"]) + (" 超期" if overdue else ""), style="bold red" if overdue else ""),
        Text(book.moment(values["reported_at"])),
    ]
