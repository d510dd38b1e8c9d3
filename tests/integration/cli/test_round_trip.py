"""What is exported and imported elsewhere is the same directory, and importing it again changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete

from bot.cli.exporting import exported
from bot.cli.sheets.kinds import SHEETS
from bot.cli.sheets.plan import Plan, make_plan, meetings
from bot.cli.sheets.standing import Standing
from bot.cli.sheets.table import read_rows, read_table, write_table
from bot.cli.sheets.text import ENCODINGS, decode, encode
from bot.cli.words import LEVELS, ROLES
from storage import bulk, directory
from storage.engine import Database
from storage.records.changes import (
    AliasChange,
    AreaChange,
    Changes,
    ChatChange,
    PersonChange,
    RoleChange,
    UnitChange,
)
from storage.schema import area, area_alias, chat, chat_address, chat_area, identity, person, role, unit
from tests.storage.seeds import NOW
from tests.storage.test_bulk import told

ACCOUNTS = frozenset({"webchat:main", "telegram:bot", "qq:群 一".replace(" ", "")})
_NAMES = st.text(st.sampled_from("东关一二网格平安里李婶=+-@'\"王，, A1é"), min_size=1, max_size=8)
NAMES = _NAMES.map(str.strip).filter(lambda text: text != "无" and any(char.isalpha() for char in text))
CODES = st.text(st.sampled_from("abc东1=+-@_.:/"), min_size=1, max_size=6)
PHONES = st.sampled_from(["", "13800138000", "0538-7221234", "110", "7221234转801"])
CHANNELS = {"webchat": "abc1_.", "telegram": "-=@1a:/"}


@dataclass(frozen=True)
class Made:
    """A directory, and what it is exported as."""

    changes: Changes
    encoding: str


@st.composite
def directories(draw: st.DrawFn) -> Made:
    """Any directory that the commands let one make."""
    areas = draw(_areas())
    codes = [one.code for one in areas]
    some = st.lists(st.sampled_from(codes), max_size=3, unique=True).map(tuple) if codes else st.just(())
    chats = draw(_chats(some))
    units = draw(_units(codes, chats))
    people, roles = draw(_people(codes, [one.code for one in units]))
    aliases = (
        draw(st.lists(st.tuples(st.sampled_from(codes), NAMES, st.one_of(st.just(""), NAMES)), max_size=4))
        if codes
        else []
    )
    kept = {(where, alias): stands for where, alias, stands in aliases}
    return Made(
        Changes(
            areas=areas,
            aliases=tuple(AliasChange(area=w, alias=a, stands_for=stands) for (w, a), stands in kept.items()),
            chats=chats,
            units=units,
            people=people,
            roles=roles,
        ),
        draw(st.sampled_from(sorted(ENCODINGS))),
    )


@st.composite
def _areas(draw: st.DrawFn) -> tuple[AreaChange, ...]:
    made: list[AreaChange] = []
    ranks = list(LEVELS)
    for code in draw(st.lists(CODES.filter(lambda text: text not in "无全部"), max_size=5, unique=True)):
        level = draw(st.sampled_from(ranks))
        above = [one.code for one in made if ranks.index(one.level) < ranks.index(level)]
        parent = draw(st.sampled_from([None, *above]))
        made.append(AreaChange(id=None, code=code, name=draw(NAMES), level=level, parent=parent))
    return tuple(draw(st.permutations(made)))


@st.composite
def _chats(draw: st.DrawFn, some: st.SearchStrategy[tuple[str, ...]]) -> tuple[ChatChange, ...]:
    addresses = st.tuples(
        st.sampled_from(sorted(ACCOUNTS)), st.text(st.sampled_from("-=@1a:/"), min_size=1, max_size=5)
    )
    found = []
    for address in draw(st.lists(addresses, max_size=4, unique=True)):
        served = draw(some)
        kind = draw(st.sampled_from(["residents", "staff"] if served else ["unit"]))
        mode = draw(st.sampled_from(["shadow", "results", "full"]))
        title = draw(st.one_of(st.just(""), NAMES))
        found.append(ChatChange(id=None, address=address, kind=kind, mode=mode, title=title, areas=served))
    return tuple(found)


@st.composite
def _units(draw: st.DrawFn, codes: list[str], chats: tuple[ChatChange, ...]) -> tuple[UnitChange, ...]:
    made: list[UnitChange] = []
    fit = [one.address for one in chats if one.kind != "residents"]
    for code in draw(st.lists(CODES.filter(lambda text: text not in "无全部"), max_size=3, unique=True)):
        where = draw(st.sampled_from([None, *codes]))
        taken = where is None or any(one.area == where and one.is_default for one in made)
        chat_at = draw(st.sampled_from([None, *fit]))
        default = not taken and draw(st.booleans())
        made.append(UnitChange(id=None, code=code, name=draw(NAMES), area=where, chat=chat_at, is_default=default))
    return tuple(made)


@st.composite
def _people(
    draw: st.DrawFn, codes: list[str], units: list[str]
) -> tuple[tuple[PersonChange, ...], tuple[RoleChange, ...]]:
    people, roles = [], []
    named = st.sampled_from(sorted(CHANNELS)).flatmap(
        lambda one: st.tuples(st.just(one), st.text(st.sampled_from(CHANNELS[one]), min_size=1, max_size=5))
    )
    for who in draw(st.lists(named, max_size=4, unique=True)):
        name = draw(st.sampled_from(["王芳", "Anna Li", "=1+1王", "'李梅", "@赵"]))
        person_of = PersonChange(id=None, identity=who, name=name, phone=draw(PHONES), active=draw(st.booleans()))
        people.append(person_of)
        free = sorted(str(one) for one in ROLES if one != "handler")
        grants = st.tuples(st.sampled_from(free), st.sampled_from([None, *codes]), st.none())
        if units:
            grants |= st.tuples(st.just("handler"), st.sampled_from([None, *codes]), st.sampled_from(units))
        for what, where, whose in draw(st.lists(grants, min_size=1, max_size=3, unique=True)):
            roles.append(RoleChange(identity=who, role=what, area=where, unit=whose))
    return tuple(people), tuple(roles)


def standing_of(conn: Connection, rows: Any = (), name: str = "areas") -> Standing:
    chats, people = meetings(SHEETS[name], rows)
    return Standing(
        directory.load(conn), bulk.chats_at(conn, chats), bulk.people_at(conn, people), accounts=ACCOUNTS
    )  # fmt: skip


def imported(conn: Connection, name: str, raw: bytes) -> Plan:
    """As the command does it."""
    sheet = SHEETS[name]
    text, _ = decode(raw, [word for column in sheet.columns for word in column.names])
    rows, refused = read_rows(read_table(text, sheet.columns), sheet.columns)
    bulk.lock(conn)
    plan = make_plan(sheet, rows, refused, standing_of(conn, rows, name))
    bulk.write(conn, plan.changes, NOW)
    return plan


def cleared(conn: Connection) -> None:
    for table in (role, identity, unit, chat_area, chat_address, chat, person, area_alias):
        conn.execute(delete(table))
    for level in reversed(list(LEVELS)):
        conn.execute(delete(area).where(area.c.level == level))


def files(conn: Connection, encoding: str, *, phones: bool) -> dict[str, bytes]:
    standing = standing_of(conn)
    tables = {name: exported(sheet, standing, phones=phones) for name, sheet in SHEETS.items()}
    return {name: encode(write_table(rows[0], rows[1:]), encoding) for name, rows in tables.items()}


@given(made=directories())
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
async def test_export_and_import_give_the_same_directory(db: Database, made: Made) -> None:
    """Into an empty database it is the same; over itself nothing is new, changed or left, and no version moves."""
    await db.run(cleared)
    await db.run(lambda conn: bulk.write(conn, made.changes, NOW))
    before = await db.read(directory.load)
    whole = await db.read(lambda conn: files(conn, made.encoding, phones=True))
    for phones in (True, False):
        again = whole if phones else await db.read(lambda conn: files(conn, made.encoding, phones=False))
        for name, raw in again.items():
            plan = await db.run(lambda conn, name=name, raw=raw: imported(conn, name, raw))  # type: ignore[misc]
            assert (plan.refused, plan.new, plan.changed, plan.left, len(plan.changes)) == ((), (), (), 0, 0), name
    assert (await db.read(directory.load)).version == before.version
    await db.run(cleared)
    for name, raw in whole.items():
        plan = await db.run(lambda conn, name=name, raw=raw: imported(conn, name, raw))  # type: ignore[misc]
        assert plan.refused == (), name
    assert told(await db.read(directory.load)) == told(before)


@pytest.mark.parametrize("name", list(SHEETS))
def test_an_empty_directory_is_an_empty_file(name: str) -> None:
    """Only its header, which import reads."""
    rows = exported(SHEETS[name], Standing(), phones=False)
    assert len(rows) == 1
    assert read_table(write_table(rows[0], []), SHEETS[name].columns).rows == ()
