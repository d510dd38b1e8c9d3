"""What an import would do, worked out before anything is written: new, changed, unchanged, refused. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.cli.sheets.columns import Cells, Column
from bot.cli.sheets.sheet import Key, Line, Sheet
from bot.cli.sheets.standing import Standing
from bot.cli.sheets.table import Refused, Row
from bot.rooms import NewMember, NewRoom
from storage.records.changes import Address, Changes


@dataclass(frozen=True, slots=True)
class Plan:
    """`repeated`: rows equal to an earlier one; `left`: what stands and is not in the file."""

    new: tuple[Line, ...]
    changed: tuple[Line, ...]
    unchanged: int
    repeated: int
    refused: tuple[Refused, ...]
    left: int
    changes: Changes
    members: tuple[NewMember, ...]
    rooms: tuple[NewRoom, ...]


def make_plan(sheet: Sheet, rows: Iterable[Row], refused: Iterable[Refused], standing: Standing) -> Plan:
    """`refused`: those that could not even be read."""
    stands = sheet.stands(standing)
    groups = _grouped(sheet, rows, standing)
    told = list(refused)
    lines = {}
    for key, same in groups.items():
        if any(row.given != same[0].given for row in same):
            told += _contradictions(sheet, same)
        else:
            lines[key] = _line(sheet, same[0], key, stands.get(key), standing)
    while wrong := dict(sheet.check(lines, standing)):  # whoever leant on a refused row falls in the next round
        told += [Refused(row.line, wrong[key]) for key in wrong for row in groups[key]]
        lines = {key: line for key, line in lines.items() if key not in wrong}
    kept = tuple(lines.values())
    members, rooms = sheet.rooms(kept, standing)
    return Plan(
        new=tuple(line for line in kept if line.old is None),
        changed=tuple(line for line in kept if line.old is not None and line.old != line.new),
        unchanged=sum(line.old == line.new for line in kept),
        repeated=sum(len(groups[key]) - 1 for key in lines),
        refused=tuple(sorted(told, key=lambda one: one.line)),
        left=len(stands.keys() - groups.keys()),
        changes=sheet.changes(kept, standing),
        members=members,
        rooms=rooms,
    )


def differences(sheet: Sheet, line: Line) -> list[tuple[Column, str, str]]:
    """Column, what it was, what it will be."""
    return [
        (column, line.base[column.key], line.new[column.key])
        for column in sheet.columns
        if column.key in line.base and line.base[column.key] != line.new[column.key]
    ]


def meetings(sheet: Sheet, rows: Iterable[Row]) -> tuple[set[Address], set[Address]]:
    """The chats and the people that the rows name, to be looked up."""
    found = [(sheet.named(row.given, sheet.chat_at), sheet.named(row.given, sheet.person_at)) for row in rows]
    return {chat for chat, _ in found if chat}, {person for _, person in found if person}


def _grouped(sheet: Sheet, rows: Iterable[Row], standing: Standing) -> dict[Key, list[Row]]:
    """The rows by what they are about."""
    groups: dict[Key, list[Row]] = defaultdict(list)
    defaults = [sheet.default(key) for key in sheet.keys]
    for row in rows:
        now = _present(sheet, row, standing)
        key = tuple(now.given[key] or default for key, default in zip(sheet.keys, defaults, strict=True))
        groups[key].append(now)
    return groups


def _present(sheet: Sheet, row: Row, standing: Standing) -> Row:
    """The row with the present address of its chat and the first account of its person: one thing, one name."""
    given = dict(row.given)
    if (chat := sheet.named(given, sheet.chat_at)) is not None:
        given |= zip(sheet.chat_at or (), standing.lives_at(chat), strict=True)
    if (person := sheet.named(given, sheet.person_at)) is not None:
        given |= zip(sheet.person_at or (), standing.first_account(person), strict=True)
    return replace(row, given=given)


def _contradictions(sheet: Sheet, rows: Sequence[Row]) -> Iterator[Refused]:
    for row in rows:
        other = next(one for one in rows if one.given != row.given)
        yield Refused(row.line, f"和第 {other.line} 行是同一个{sheet.thing}，但写的不一样，请只留对的一行")


def _line(sheet: Sheet, row: Row, key: Key, old: Cells | None, standing: Standing) -> Line:
    base = sheet.base(key, standing) if old is None else old
    new = {column.key: column.settled(row.given[column.key], base.get(column.key)) for column in sheet.columns}
    return Line(row, key, old, base, new)
