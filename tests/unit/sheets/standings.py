"""A small town as it stands, and rows of a sheet over it."""

from __future__ import annotations

from dataclasses import replace

from bot.cli.sheets.kinds import SHEETS
from bot.cli.sheets.plan import Plan, make_plan
from bot.cli.sheets.standing import Standing
from bot.cli.sheets.table import read_rows, read_table
from storage.records import AliasRow, AreaRow, ChatRow, DirectoryRows, IdentityRow, PersonRow, RoleRow, UnitRow
from storage.room_records import Roster

ROWS = DirectoryRows(
    version=7,
    areas=(
        AreaRow(id=1, code="lh", name="柳河镇", level="town", parent_id=None),
        AreaRow(id=2, code="dg", name="东关社区", level="village", parent_id=1),
        AreaRow(id=3, code="dg1", name="东关一网格", level="grid", parent_id=2),
        AreaRow(id=4, code="dg2", name="东关二网格", level="grid", parent_id=2),
    ),
    aliases=(AliasRow(area_id=3, alias="平安里"), AliasRow(area_id=3, alias="老油坊", stands_for="东三街南头")),
    units=(UnitRow(id=1, code="u1", name="维修队", area_id=2, chat_id=2, is_default=True),),
    persons=(PersonRow(id=1, name="王芳", phone="13800138000"), PersonRow(id=2, name="孙师傅")),
    roles=(RoleRow(person_id=1, role="grid_worker", area_id=3), RoleRow(person_id=2, role="handler", area_id=2, unit_id=1)),
    duties=(),
    chats=(
        ChatRow(id=1, kind="residents", mode="results", title="一网格居民群", areas=(3,), account="webchat:main", native_id="g1"),
        ChatRow(id=2, kind="unit", mode="shadow", title="维修队", areas=(2,), account="webchat:main", native_id="u1"),
        ChatRow(id=3, kind="unknown", mode="shadow", title="新群", account="telegram:bot", native_id="-100"),
        ChatRow(id=4, kind="private", mode="shadow", person_id=1, account="webchat:main", native_id="p-wang"),
    ),
    identities=(
        IdentityRow(channel="webchat", native_id="wang", person_id=1),
        IdentityRow(channel="telegram", native_id="55", person_id=1),
        IdentityRow(channel="webchat", native_id="sun", person_id=2),
    ),
)  # fmt: skip
TOWN = Standing(
    rows=ROWS,
    met_chats={("webchat:main", "p-wang"): ROWS.chats[3], ("telegram:bot", "-99"): ROWS.chats[2]},
    met_people={("webchat", "lishen"): PersonRow(id=9, name="李婶")},
    accounts=frozenset({"webchat:main", "telegram:bot"}),
    webchat="webchat:main",
    roster=Roster(
        {"wang": ("王芳", True), "sun": ("孙师傅", True), "lishen": ("李婶", False)},
        {"g1": ("一网格居民群", "residents", frozenset({"wang"})), "u1": ("维修队", "unit", frozenset({"sun"}))},
    ),
)


def planned(name: str, text: str, standing: Standing = TOWN) -> Plan:
    """What importing this text would do."""
    sheet = SHEETS[name]
    rows, refused = read_rows(read_table(text, sheet.columns), sheet.columns)
    return make_plan(sheet, rows, refused, standing)


def reasons(name: str, text: str, standing: Standing = TOWN) -> dict[int, str]:
    """Why which line is refused."""
    return {one.line: one.reason for one in planned(name, text, standing).refused}


def moved(address: tuple[str, str]) -> Standing:
    """The unknown group lives elsewhere now; it is still found by its earlier address."""
    chat = replace(ROWS.chats[2], account=address[0], native_id=address[1])
    rows = replace(ROWS, chats=(*ROWS.chats[:2], chat))
    return replace(TOWN, rows=rows, met_chats={("telegram:bot", "-100"): chat})
