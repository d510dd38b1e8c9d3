"""A made-up town: one town, two villages, three grids, and people in every role."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.cases.clocks import Clocks
from bot.cases.directory import Directory
from bot.cases.roles import Role
from bot.cases.rulebook import load
from bot.cases.years import calendar_for
from storage.records import (
    AliasRow,
    AreaRow,
    CaseRow,
    ChatRow,
    DirectoryRows,
    DutyRow,
    IdentityRow,
    PersonRow,
    RoleRow,
    UnitRow,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 10, 2, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Shanghai
CLOCKS = Clocks(load(), calendar_for([2026, 2027]))

CITY, TOWN, EAST, WEST, EAST_1, EAST_2, WEST_1 = 1, 2, 3, 4, 5, 6, 7
WANG, LI, ZHAO = 101, 102, 103  # grid workers of EAST_1, EAST_2, WEST_1
LEADER, INSTRUCTOR, SECRETARY, WEST_SECRETARY = 111, 112, 113, 114
SUPERVISOR, CITY_SUPERVISOR, CONFIDANT, HANDLER, ELECTRICIAN, ASSISTANT, ADMIN = 121, 122, 123, 124, 125, 126, 127
RESIDENT, NEIGHBOUR, BOUND = 201, 202, 203
COMMITTEE, POWER = 1, 2
GROUP, STAFF, UNIT, WEST_GROUP = 1, 2, 3, 4

AREAS = (
    AreaRow(id=CITY, code="370900", name="泰安", level="city", parent_id=None),
    AreaRow(id=TOWN, code="370901", name="青云镇", level="town", parent_id=CITY),
    AreaRow(id=EAST, code="37090101", name="东关村", level="village", parent_id=TOWN),
    AreaRow(id=WEST, code="37090102", name="西坡村", level="village", parent_id=TOWN),
    AreaRow(id=EAST_1, code="3709010101", name="东关一网格", level="grid", parent_id=EAST),
    AreaRow(id=EAST_2, code="3709010102", name="东关二网格", level="grid", parent_id=EAST),
    AreaRow(id=WEST_1, code="3709010201", name="西坡一网格", level="grid", parent_id=WEST),
)
_PEOPLE = {
    WANG: "王芳", LI: "李梅", ZHAO: "赵强", LEADER: "孙组长", INSTRUCTOR: "周指导", SECRETARY: "钱书记", WEST_SECRETARY: "冯书记",
    SUPERVISOR: "镇中心", CITY_SUPERVISOR: "市中心", CONFIDANT: "何专人", HANDLER: "老吴", ELECTRICIAN: "小郑",
    ASSISTANT: "楼长张姐", ADMIN: "管理员", BOUND: "住户陈",
}  # fmt: skip
_ROLES = (
    (WANG, Role.GRID_WORKER, EAST_1, None), (LI, Role.GRID_WORKER, EAST_2, None), (ZHAO, Role.GRID_WORKER, WEST_1, None),
    (LEADER, Role.GRID_LEADER, EAST_1, None), (INSTRUCTOR, Role.INSTRUCTOR, EAST, None),
    (SECRETARY, Role.VILLAGE_SECRETARY, EAST, None), (WEST_SECRETARY, Role.VILLAGE_SECRETARY, WEST, None),
    (SUPERVISOR, Role.SUPERVISOR, TOWN, None), (CITY_SUPERVISOR, Role.SUPERVISOR, CITY, None),
    (CONFIDANT, Role.CONFIDANT, TOWN, None), (HANDLER, Role.HANDLER, None, COMMITTEE),
    (ELECTRICIAN, Role.HANDLER, None, POWER), (ASSISTANT, Role.ASSISTANT, EAST_1, None), (ADMIN, Role.ADMIN, None, None),
    (BOUND, Role.RESIDENT, EAST_2, None),
)  # fmt: skip
_CHATS = (
    ChatRow(id=GROUP, kind="residents", mode="results", title="东关一群", areas=(EAST_1,), account="webchat:main", native_id="g1"),
    ChatRow(id=STAFF, kind="staff", mode="full", title="东关工作群", areas=(EAST_1, EAST_2), account="webchat:main", native_id="s1"),
    ChatRow(id=UNIT, kind="unit", mode="full", title="供电所", account="webchat:main", native_id="p1"),
    ChatRow(id=WEST_GROUP, kind="residents", mode="full", areas=(WEST_1,), account="webchat:main", native_id="g2"),
)  # fmt: skip
ROWS = DirectoryRows(
    version=1,
    areas=AREAS,
    aliases=(AliasRow(area_id=EAST_1, alias="老油坊", stands_for="东三街南头"),),
    units=(
        UnitRow(id=COMMITTEE, code="dg", name="东关村两委", area_id=EAST, chat_id=None, is_default=True),
        UnitRow(id=POWER, code="gd", name="青云供电所", area_id=TOWN, chat_id=UNIT, is_default=False),
    ),
    persons=tuple(PersonRow(id=ident, name=name, phone=f"0538-{ident}") for ident, name in _PEOPLE.items()),
    roles=tuple(RoleRow(person_id=p, role=r.value, area_id=a, unit_id=u) for p, r, a, u in _ROLES),
    duties=(),
    chats=_CHATS,
    identities=(IdentityRow(channel="webchat", native_id="wang", person_id=WANG),),
)
DIRECTORY = Directory.of(ROWS)


def with_duties(*duties: DutyRow) -> Directory:
    return Directory.of(replace(ROWS, duties=duties))


def with_role(person: int, role: Role, area: int | None, unit: int | None = None) -> Directory:
    row = RoleRow(person_id=person, role=role.value, area_id=area, unit_id=unit)
    return Directory.of(replace(ROWS, roles=(*ROWS.roles, row)))


def duty(kind: str, person: int, substitute: int | None = None, area: int | None = None, days: float = 3) -> DutyRow:
    start = NOW - timedelta(hours=1)
    end = start + timedelta(days=days)
    return DutyRow(
        id=person, kind=kind, person_id=person, substitute_id=substitute, area_id=area, starts_at=start, ends_at=end
    )


def a_case(**values: Any) -> CaseRow:
    facts: dict[str, Any] = {
        "id": 128, "version": 1, "state": "reported", "source": "group", "category": "facility.streetlight",
        "urgency": "normal", "sensitive": "none", "area_id": EAST_1, "place": "3号楼", "text": "3号楼前的路灯不亮了",
        "reported_at": NOW, "updated_at": NOW, "reporter_id": RESIDENT, "reporter_name": "住户甲",
    }  # fmt: skip
    return CaseRow(**{**facts, **values})


def shanghai(month: int, day: int, hour: int = 0, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)
