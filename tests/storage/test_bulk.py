"""Many changes of the directory at once, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, event

from storage import bulk, directory
from storage.engine import Database
from storage.records import DirectoryRows
from storage.records.changes import (
    AliasChange,
    AreaChange,
    Changes,
    ChatChange,
    PersonChange,
    RoleChange,
    UnitChange,
)
from tests.storage.seeds import ACCOUNT, NOW, a_person

WANG, CHAT = ("webchat", "wang"), (ACCOUNT, "u1")
TOWN = Changes(
    areas=(
        AreaChange(id=None, code="g", name="东关一", level="grid", parent="v"),
        AreaChange(id=None, code="v", name="东关", level="village", parent="t"),
        AreaChange(id=None, code="t", name="青石镇", level="town", parent=None),
    ),
    aliases=(AliasChange(area="g", alias="老油坊", stands_for="东三街"),),
    chats=(
        ChatChange(id=None, address=CHAT, kind="unit", mode="shadow", title="维修队", areas=("v",)),
        ChatChange(id=None, address=(ACCOUNT, "g1"), kind="residents", mode="full", title="东关群", areas=("g", "v")),
    ),
    units=(UnitChange(id=None, code="u", name="维修队", area="v", chat=CHAT, is_default=True),),
    people=(
        PersonChange(id=None, identity=WANG, name="王芳", phone="13800138000", active=True),
        PersonChange(id=None, identity=("qq", "5"), name="孙师傅", phone="", active=False),
    ),
    roles=(
        RoleChange(identity=WANG, role="grid_worker", area="g", unit=None),
        RoleChange(identity=WANG, role="admin", area=None, unit=None),
        RoleChange(identity=("qq", "5"), role="handler", area="v", unit="u"),
    ),
)


def put(changes: Changes) -> Callable[[Connection], None]:
    return lambda conn: bulk.write(conn, changes, NOW)


def told(rows: DirectoryRows) -> dict[str, Any]:
    """The directory by codes, so that two of them can be compared."""
    codes, people = {area.id: area.code for area in rows.areas}, {person.id: person for person in rows.persons}
    units, chats = {unit.id: unit.code for unit in rows.units}, {chat.id: chat for chat in rows.chats}
    codes[0] = units[0] = ""
    return {
        "areas": {area.code: (area.name, area.level, codes[area.parent_id or 0]) for area in rows.areas},
        "aliases": {(codes[row.area_id], row.alias): row.stands_for for row in rows.aliases},
        "chats": {
            (c.account, c.native_id): (c.kind, c.mode, c.title, sorted(codes[area] for area in c.areas))
            for c in rows.chats
        },
        "units": {
            unit.code: (unit.name, codes[unit.area_id or 0], chats[unit.chat_id].native_id, unit.is_default)
            if unit.chat_id
            else (unit.name, codes[unit.area_id or 0], "", unit.is_default)
            for unit in rows.units
        },
        "people": {
            (one.channel, one.native_id): (
                people[one.person_id].name,
                people[one.person_id].phone,
                people[one.person_id].active,
                sorted(
                    (role.role, codes[role.area_id or 0], units[role.unit_id or 0])
                    for role in rows.roles
                    if role.person_id == one.person_id
                ),
            )
            for one in rows.identities
        },
    }


async def test_everything_is_written_by_its_names(db: Database) -> None:
    """Children before parents, aliases, chats with areas, units with chats, people with roles; one new version."""
    before = await db.read(directory.version)
    done: list[int] = []
    await db.run(lambda conn: bulk.write(conn, TOWN, NOW, done.append))
    rows = await db.read(directory.load)
    assert told(rows) == {
        "areas": {"t": ("青石镇", "town", ""), "v": ("东关", "village", "t"), "g": ("东关一", "grid", "v")},
        "aliases": {("g", "老油坊"): "东三街"},
        "chats": {
            CHAT: ("unit", "shadow", "维修队", ["v"]),
            (ACCOUNT, "g1"): ("residents", "full", "东关群", ["g", "v"]),
        },
        "units": {"u": ("维修队", "v", "u1", True)},
        "people": {
            WANG: ("王芳", "13800138000", True, [("admin", "", ""), ("grid_worker", "g", "")]),
            ("qq", "5"): ("孙师傅", "", False, [("handler", "v", "u")]),
        },
    }
    assert rows.version == before + 1
    assert sum(done) == len(TOWN)


async def test_what_exists_is_changed_by_its_id(db: Database) -> None:
    """Each kind once; areas are added to a chat, none is taken away."""
    await db.run(put(TOWN))
    rows = await db.read(directory.load)
    area = next(row for row in rows.areas if row.code == "g")
    chat = next(row for row in rows.chats if row.native_id == "u1")
    person = next(row for row in rows.persons if row.name == "王芳")
    change = Changes(
        areas=(AreaChange(id=area.id, code="g", name="平安网格", level="grid", parent=None),),
        aliases=(AliasChange(area="g", alias="老油坊", stands_for=""),),
        chats=(ChatChange(id=chat.id, address=CHAT, kind="staff", mode="full", title="新名", areas=("g", "v")),),
        units=(
            UnitChange(id=rows.units[0].id, code="u", name="环卫", area=None, chat=(ACCOUNT, "g1"), is_default=False),
        ),
        people=(PersonChange(id=person.id, identity=WANG, name="王方", phone="", active=False),),
        roles=(RoleChange(identity=WANG, role="grid_leader", area="v", unit=None),),
    )
    await db.run(put(change))
    after = told(await db.read(directory.load))
    assert after["areas"]["g"] == ("平安网格", "grid", "")
    assert after["aliases"] == {("g", "老油坊"): ""}
    assert after["chats"][CHAT] == ("staff", "full", "新名", ["g", "v"])
    assert after["units"] == {"u": ("环卫", "", "g1", False)}
    assert after["people"][WANG][:3] == ("王方", "", False)
    assert [role[0] for role in after["people"][WANG][3]] == ["admin", "grid_leader", "grid_worker"]


async def test_nothing_to_write_is_no_new_version(db: Database) -> None:
    before = await db.read(directory.version)
    await db.run(put(Changes()))
    assert await db.read(directory.version) == before


NAMELESS = (
    Changes(areas=(AreaChange(id=None, code="x", name="x", level="grid", parent="nowhere"),)),
    Changes(aliases=(AliasChange(area="nowhere", alias="x", stands_for=""),)),
    Changes(chats=(ChatChange(id=None, address=("a", "b"), kind="unit", mode="full", title="", areas=("no",)),)),
    Changes(units=(UnitChange(id=None, code="x", name="x", area=None, chat=("a", "b"), is_default=False),)),
    Changes(roles=(RoleChange(identity=WANG, role="admin", area="nowhere", unit=None),)),
    Changes(roles=(RoleChange(identity=("qq", "nobody"), role="admin", area=None, unit=None),)),
    Changes(roles=(RoleChange(identity=WANG, role="handler", area=None, unit="nowhere"),)),
)


async def test_a_name_nobody_has_writes_nothing(db: Database) -> None:
    """It must not become an empty column: a role without an area would hold everywhere."""
    await db.run(put(TOWN))
    before = await db.read(directory.load)
    for wrong in NAMELESS:
        with pytest.raises(KeyError):
            await db.run(put(wrong))
        assert await db.read(directory.load) == before


async def test_a_halt_in_the_middle_writes_nothing(db: Database) -> None:
    """What `done` raises rolls everything back."""
    before = await db.read(directory.load)

    def halt(more: int) -> None:
        raise ValueError

    with pytest.raises(ValueError):
        await db.run(lambda conn: bulk.write(conn, TOWN, NOW, halt))
    assert await db.read(directory.load) == before


async def test_thousands_take_a_handful_of_statements(db: Database) -> None:
    """Not one for each row, and the ids still belong to their rows."""
    count = 1_700
    changes = Changes(
        areas=tuple(AreaChange(id=None, code=f"g{n}", name=f"{n}", level="grid", parent=None) for n in range(count)),
        people=tuple(
            PersonChange(id=None, identity=("qq", f"{n}"), name=f"{n}", phone="", active=True) for n in range(count)
        ),
        roles=tuple(RoleChange(identity=("qq", f"{n}"), role="admin", area=f"g{n}", unit=None) for n in range(count)),
    )
    statements: list[bool] = []

    def note(_conn: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, many: bool) -> None:
        statements.append(many)

    def work(conn: Connection) -> None:
        event.listen(conn, "before_cursor_execute", note)
        bulk.write(conn, changes, NOW)
        event.remove(conn, "before_cursor_execute", note)

    await db.run(work)
    assert len(statements) < 60
    after = told(await db.read(directory.load))
    for number in (0, 499, 500, 1_699):
        assert after["people"]["qq", f"{number}"] == (f"{number}", "", True, [("admin", f"g{number}", "")])


async def test_looking_up_who_and_what_a_file_names(db: Database) -> None:
    """Residents, private chats and earlier addresses too; what is not there is left out; more than one chunk."""

    def seed(conn: Connection) -> tuple[int, int]:
        bulk.write(conn, TOWN, NOW)
        resident = a_person(conn, "li", "李婶")
        private = directory.ensure_chat(conn, ACCOUNT, "p-li", kind="private", now=NOW, person_id=resident)
        directory.migrate(conn, ACCOUNT, "g1", "g9")
        return resident, private.id

    resident, private = await db.run(seed)
    many = [("webchat", f"nobody{n}") for n in range(1_100)]
    people = await db.read(lambda conn: bulk.people_at(conn, [*many, ("webchat", "li"), WANG]))
    assert {key: (row.id == resident, row.name) for key, row in people.items()} == {
        ("webchat", "li"): (True, "李婶"),
        WANG: (False, "王芳"),
    }
    chats = await db.read(lambda conn: bulk.chats_at(conn, [(ACCOUNT, "g1"), (ACCOUNT, "p-li"), (ACCOUNT, "none")]))
    assert {key: (row.native_id, row.kind) for key, row in chats.items()} == {
        (ACCOUNT, "g1"): ("g9", "residents"),
        (ACCOUNT, "p-li"): ("p-li", "private"),
    }
    assert chats[ACCOUNT, "p-li"].id == private
    assert len(chats[ACCOUNT, "g1"].areas) == 2


async def test_who_reads_before_writing_is_alone(db: Database) -> None:
    """Ten at once each count the areas and add one named after the count: no name comes twice."""

    def work(conn: Connection) -> None:
        bulk.lock(conn)
        count = len(directory.load(conn).areas)
        bulk.write(
            conn, Changes(areas=(AreaChange(id=None, code=f"a{count}", name="x", level="grid", parent=None),)), NOW
        )

    await asyncio.gather(*(db.run(work) for _ in range(10)))
    areas = (await db.read(directory.load)).areas
    assert {area.code for area in areas} == {f"a{n}" for n in range(10)}
