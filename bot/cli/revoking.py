"""A role taken back: who has moved to another grid is no worker of the old one any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from bot.cases.directory import Directory
from bot.cases.duty import HIDDEN, responsible
from bot.cli.sheets import cells
from bot.cli.sheets.columns import quoted
from bot.cli.sheets.people import PeopleSheet
from bot.cli.sheets.sheet import Key
from bot.cli.sheets.standing import Standing
from bot.cli.town import WEBCHAT, now
from bot.cli.words import ROLES
from bot.errors import GridbridgeError
from storage import bulk, cases, directory

_CODES: Final = {word: role.value for role, word in ROLES.items()}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to take from whom, in the words of a sheet. `unit` None: of any unit."""

    id: str
    role: str
    area: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class Taken:
    """`left`: his other roles; `open`: the numbers of his cases of which others hear from now on."""

    name: str
    left: tuple[str, ...]
    open: tuple[int, ...]


def take(conn: Connection, wanted: Wanted) -> Taken:
    """Raises GridbridgeError for somebody unknown and for a role he does not have."""
    bulk.lock(conn)
    standing = Standing(directory.load(conn))
    account = standing.first_account((WEBCHAT, wanted.id))
    mine = [key for key in PeopleSheet().stands(standing) if key[:2] == account]
    if not mine:
        raise GridbridgeError(f"没有工作人员“{quoted(wanted.id)}”，请检查编号；已有的：gridbridge export people")
    person = standing.people[account]
    going = [key for key in mine if _is(key, wanted)]
    if not going:
        raise GridbridgeError(f"{person.name}没有这个角色，有的是：{'、'.join(map(_named, mine))}")
    for _, _, role, area, unit in going:
        directory.revoke(
            conn, person.id, _CODES[role],
            area_id=None if area == cells.EVERYWHERE else standing.areas[area].id,
            unit_id=standing.units[unit].id if unit else None,
        )  # fmt: skip
    left = tuple(_named(key) for key in mine if key not in going)
    return Taken(person.name, left, _without(conn, person.id))


def _without(conn: Connection, person_id: int) -> tuple[int, ...]:
    known = Directory.of(directory.load(conn))
    mine = (case for case in cases.open_cases(conn, worker_id=person_id) if case.sensitive not in HIDDEN)
    return tuple(case.id for case in mine if person_id not in responsible(known, case, now()))


def _is(key: Key, wanted: Wanted) -> bool:
    _, _, role, area, unit = key
    return (role, area) == (wanted.role, wanted.area) and wanted.unit in {None, unit}


def _named(key: Key) -> str:
    _, _, role, area, unit = key
    return f"{area} {unit}".rstrip() + f" 的{role}"
