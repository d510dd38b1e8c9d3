"""The text of a CSV file -> rows whose cells are known by column. Pure; each refusal names the line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from bot.cli.formulas import armed, armless
from bot.cli.sheets.columns import Column, Given, Wrong, heading, nearest, quoted
from bot.errors import GridbridgeError

REASON: Final = "原因"
"""The first column of a file of refused rows; it may be left in when the corrected file is imported."""
MAX_ROWS: Final = 200_000
_SEPARATORS: Final = ",;\t"
_REPORT_EVERY: Final = 500  # rows


@dataclass(frozen=True, slots=True)
class Raw:
    """A row as it stands in the file; `line` is where it begins."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`keys`: the column of each heading, None for the one with the reasons."""

    header: tuple[str, ...]
    keys: tuple[str | None, ...]
    rows: tuple[Raw, ...]


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    given: Given


@dataclass(frozen=True, slots=True)
class Refused:
    line: int
    reason: str


def read_table(text: str, columns: Sequence[Column]) -> Table:
    """Raises GridbridgeError: no header, unknown, doubled or missing columns, broken quotes, too many rows."""
    separator = _separator(text, columns)
    rows = _lines(text, separator)
    header = next(rows, None)
    if header is None:
        raise GridbridgeError(f"是空的，第一行应是表头：{_headings(columns)}")
    names = _trimmed(header.cells)
    keys = _keys(names, columns, header.line)
    body = tuple(Raw(row.line, _fitted(row.cells, len(names))) for row in rows)
    if len(body) > MAX_ROWS:
        raise GridbridgeError(f"有 {len(body)} 行，最多 {MAX_ROWS} 行，请分成几个文件导入")
    return Table(names, keys, body)


def _separator(text: str, columns: Sequence[Column]) -> str:
    """The one by which most headings are known; a comma where none is."""
    known = {heading(name) for column in columns for name in column.names}

    def found(separator: str) -> int:
        with suppress(GridbridgeError):  # quotes in another place than before this separator
            for first in _lines(text, separator):
                return sum(heading(cell) in known for cell in first.cells)
        return 0

    return max(_SEPARATORS, key=found)


def _lines(text: str, separator: str) -> Iterator[Raw]:
    """Rows that are not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Raw(line, tuple(cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise GridbridgeError(f"第 {line} 行起的引号没有配成对，或一格太长，请检查") from error


def _keys(names: Sequence[str], columns: Sequence[Column], line: int) -> tuple[str | None, ...]:
    known: dict[str, str | None] = {heading(name): column.key for column in columns for name in column.names}
    known |= {heading(REASON): None, "reason": None}
    unknown = [name for name in names if heading(name) not in known]
    if unknown:
        raise GridbridgeError(f"第 {line} 行表头里有不认识的列：{_unknown(unknown, columns)}")
    keys = tuple(known[heading(name)] for name in names)
    for key, name in zip(keys, names, strict=True):
        if keys.count(key) > 1:
            raise GridbridgeError(f"第 {line} 行表头里有两列是一回事：“{name}”，请只留一列")
    missing = [column.word for column in columns if column.heading and column.key not in keys]
    if missing:
        raise GridbridgeError(f"第 {line} 行表头里缺少列：{'、'.join(missing)}，请补上")
    return keys


def _unknown(unknown: Sequence[str], columns: Sequence[Column]) -> str:
    """Each with what it may be meant to be; where none is near, all that there are."""
    words = [name for column in columns for name in (column.word, column.key)]
    near = {name: remedy for name in unknown if (remedy := nearest(name.strip(), words))}
    listed = "、".join(f"“{quoted(name.strip())}”{f'（{near[name]}）' if name in near else ''}" for name in unknown)
    return f"{listed}，请改名或删掉" + ("" if near else f"；可以有的列：{_headings(columns)}")


def _headings(columns: Sequence[Column]) -> str:
    return "、".join(column.word for column in columns)


def _trimmed(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Without the empty cells that spreadsheets leave at the end."""
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    return cells


def _fitted(cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    return cells[:width] if len(_trimmed(cells)) <= width < len(cells) else cells


def read_rows(
    table: Table, columns: Sequence[Column], done: Callable[[int], None] = lambda _: None
) -> tuple[list[Row], list[Refused]]:
    """Every row that can be read, and why the others cannot."""
    by_key = {column.key: column for column in columns}
    rows: list[Row] = []
    refused: list[Refused] = []
    for number, raw in enumerate(table.rows, 1):
        given, reasons = _read(raw, table.keys, by_key)
        if reasons:
            refused.append(Refused(raw.line, "；".join(reasons)))
        else:
            rows.append(Row(raw.line, given))
        if number % _REPORT_EVERY == 0:
            done(_REPORT_EVERY)
    done(len(table.rows) % _REPORT_EVERY)
    return rows, refused


def _read(raw: Raw, keys: tuple[str | None, ...], columns: dict[str, Column]) -> tuple[Given, list[str]]:
    if len(raw.cells) != len(keys):
        more = "多" if len(raw.cells) > len(keys) else "少"
        return {}, [f"有 {len(raw.cells)} 格，表头有 {len(keys)} 格，{more}了，请对齐"]
    given: dict[str, str | None] = dict.fromkeys(columns)
    reasons = []
    for key, cell in zip(keys, raw.cells, strict=True):
        if key is None:
            continue
        try:
            given[key] = columns[key].take(cell)
        except Wrong as wrong:
            reasons.append(str(wrong))
    return given, reasons


def write_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """CSV as Excel writes it, no cell of which a spreadsheet runs as a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([armed(cell) for cell in row] for row in rows)
    return out.getvalue()


def refused_table(table: Table, refused: Sequence[Refused]) -> str:
    """The refused rows as they were, the reason in front, ready to be corrected and imported again."""
    by_line = {row.line: row.cells for row in table.rows}
    kept = [(number, name) for number, name in enumerate(table.header) if table.keys[number] is not None]
    reason = table.keys.index(None) if None in table.keys else None

    def cells(one: Refused) -> list[str]:
        own = [armless(cell) for number, cell in enumerate(by_line[one.line]) if number != reason]
        return [f"原第 {one.line} 行：{one.reason}", *own]

    return write_table([REASON, *(name for _, name in kept)], [cells(one) for one in refused])
