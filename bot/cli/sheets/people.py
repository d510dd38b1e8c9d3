"""The sheet of people: a row for each person and role. Who leaves is set inactive; nothing is taken from anybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.cases.roles import Role
from bot.channels.webchat.people import is_member_id
from bot.cli.sheets import cells
from bot.cli.sheets.columns import Cells, Column, quoted
from bot.cli.sheets.sheet import Key, Line, Lines, Rooms, Sheet
from bot.cli.sheets.standing import Standing
from bot.cli.words import ROLES
from bot.rooms import NewMember
from bot.settings import did_you_mean
from storage.records import PersonRow
from storage.records.changes import Address, Changes, PersonChange, RoleChange

WEBCHAT: Final = "webchat"
_CODES: Final = {word: role for role, word in ROLES.items()}
_WORDS: Final = {role.value: word for role, word in ROLES.items()}
_HANDLER: Final = ROLES[Role.HANDLER]
_MORE: Final = {
    **dict.fromkeys(("专职网格员", "兼职网格员"), Role.GRID_WORKER),
    "指导员": Role.INSTRUCTOR,
    **dict.fromkeys(("书记", "村支书", "社区书记", "党支部书记", "村支部书记"), Role.VILLAGE_SECRETARY),
    **dict.fromkeys(("楼长", "楼栋长", "单元长"), Role.ASSISTANT),
    "处置员": Role.HANDLER,
    **dict.fromkeys(("镇街", "市中心"), Role.SUPERVISOR),
}
_OF_THE_PERSON: Final = ("name", "phone", "active")


class PeopleSheet(Sheet):
    name, word, thing = "people", "人员", "人的同一个角色"
    keys = ("channel", "id", "role", "area", "unit")
    in_web_chat = True
    person_at = ("channel", "id")
    columns = (
        Column(key="channel", word="渠道", read=cells.code, default=WEBCHAT),
        Column(
            key="id", word="编号", also=("工号", "账号", "人员编号"), read=cells.native(128), heading=True, needed=True
        ),
        Column(key="name", word="姓名", also=("名字",), read=cells.person_name, heading=True, needed=True),
        Column(
            key="phone", word="电话", also=("手机", "手机号", "手机号码", "联系电话", "联系方式", "电话号码"),
            read=cells.phone, masked=cells.mask_phone, same=lambda given, old: given == cells.mask_phone(old),
        ),
        Column(
            key="role", word="角色", also=("岗位", "职务"), read=cells.words(ROLES, _MORE), heading=True, needed=True
        ),
        Column(key="area", word="区域", also=("区域代码", "网格代码"), read=cells.area, heading=True),
        Column(key="unit", word="单位", also=("单位代码",), read=cells.code),
        Column(key="active", word="在岗", also=("是否在岗", "状态"), read=cells.flag, default=cells.YES),
    )  # fmt: skip

    def label(self, row: Cells) -> str:
        where = f"{row['area']} {row['unit']}".strip()
        return f"{row['name']}（{quoted(row['id'], code=True)}）{row['role']} {where}"

    def stands(self, standing: Standing) -> Mapping[Key, Cells]:
        """By the first account of each; who has none can be in no file."""
        by_id = {person.id: person for person in standing.rows.persons}
        found: dict[Key, Cells] = {}
        for row in standing.rows.roles:
            accounts, role = standing.accounts_of.get(row.person_id), _WORDS.get(row.role)
            if not accounts or role is None:
                continue
            area = cells.EVERYWHERE if row.area_id is None else standing.area_codes[row.area_id]
            key = (*accounts[0], role, area, standing.unit_codes[row.unit_id])
            found[key] = {**_cells(key), **_person(by_id[row.person_id])}
        return dict(sorted(found.items()))

    def base(self, key: Key, standing: Standing) -> Cells:
        known = standing.people.get((key[0], key[1]))
        return _person(known) if known else {}

    def check(self, lines: Lines, standing: Standing) -> Iterator[tuple[Key, str]]:
        together: dict[object, list[Line]] = defaultdict(list)
        for line in lines.values():
            together[_who(line)].append(line)
        for key, line in lines.items():
            if complaint := _unfit(line, standing) or _contradicted(line, together[_who(line)]):
                yield key, complaint

    def changes(self, lines: Sequence[Line], standing: Standing) -> Changes:
        people = [_change(who, row, standing.people.get(who)) for who, row in _persons(lines).items()]
        return Changes(
            people=tuple(change for change in people if change is not None),
            roles=tuple(_role(line.new) for line in lines if line.old is None),
        )

    def rooms(self, lines: Sequence[Line], standing: Standing) -> Rooms:
        """Who is active is a member of the web chat, under his name and marked as staff; who is not loses the mark."""
        wanted = {}
        for who, row in _persons(lines).items():
            known = standing.people.get(who)
            accounts = standing.accounts_of.get(known.id, (who,)) if known else (who,)
            for channel, native_id in accounts:
                works = row["active"] == cells.YES
                if channel == WEBCHAT and standing.webchat and (works or native_id in standing.roster.members):
                    wanted[native_id] = (row["name"], works)
        missing = {one: as_is for one, as_is in wanted.items() if standing.roster.members.get(one) != as_is}
        return tuple(NewMember(one, name, staff) for one, (name, staff) in missing.items()), ()


def _cells(key: Key) -> Cells:
    return dict(zip(PeopleSheet.keys, key, strict=True))


def _person(row: PersonRow) -> Cells:
    return {"name": row.name, "phone": row.phone, "active": cells.YES if row.active else cells.NO}


def _who(line: Line) -> Address:
    return line.key[0], line.key[1]


def _unfit(line: Line, standing: Standing) -> str | None:
    row = line.new
    if not row["area"]:
        return f"要写管哪个区域；真要管所有区域，写“{cells.EVERYWHERE}”"
    if row["area"] != cells.EVERYWHERE and row["area"] not in standing.areas:
        return standing.no_area(row["area"])
    if row["role"] == _HANDLER and not row["unit"]:
        return "处置人员要写是哪个单位的"
    if row["unit"] and row["role"] != _HANDLER:
        return f"只有处置人员才写单位，{row['role']}请空着"
    if row["unit"] and row["unit"] not in standing.units:
        remedy = "请先导入单位，或用 gridbridge chat room … --kind unit 建它的群"
        return f"没有单位“{quoted(row['unit'], code=True)}”，{remedy}"
    if cells.is_masked(row["phone"]):
        return "电话是打了码的，请写全，或空着不改（导出时加 --phones 就是全的）"
    return _unfit_account(line.key[0], line.key[1], standing)


def _unfit_account(channel: str, native_id: str, standing: Standing) -> str | None:
    if channel not in standing.known_channels:
        known = standing.known_channels or {WEBCHAT}
        return f"配置里没有渠道“{quoted(channel)}”，{did_you_mean(channel, known)}"
    if channel == WEBCHAT and not is_member_id(native_id):
        return f"编号“{quoted(native_id)}”只能用字母、数字和 _ . -，1 到 60 个，也不能叫 bot"
    return None


def _contradicted(line: Line, together: Sequence[Line]) -> str | None:
    """Rows of one person tell the same of the person; what a row leaves blank contradicts nothing."""
    for column in PeopleSheet.columns:
        mine = line.row.given[column.key]
        for other in together if column.key in _OF_THE_PERSON and mine is not None else ():
            if other.row.given[column.key] not in {None, mine}:
                return f"和第 {other.row.line} 行是同一个人，但{column.word}不一样，请改成一样的"
    return None


def _persons(lines: Sequence[Line]) -> dict[Address, Cells]:
    """What all rows of a person say together."""
    found: dict[Address, dict[str, str]] = {}
    for line in lines:
        row = found.setdefault(_who(line), dict(line.new))
        row |= {key: line.new[key] for key in _OF_THE_PERSON if line.row.given[key] is not None}
    return dict(found)


def _change(who: Address, row: Cells, known: PersonRow | None) -> PersonChange | None:
    if known is not None and _person(known) == {key: row[key] for key in _OF_THE_PERSON}:
        return None
    return PersonChange(
        id=known.id if known else None,
        identity=who,
        name=row["name"],
        phone=row["phone"],
        active=row["active"] == cells.YES,
    )


def _role(row: Cells) -> RoleChange:
    everywhere = row["area"] == cells.EVERYWHERE
    return RoleChange(
        identity=(row["channel"], row["id"]),
        role=_CODES[row["role"]].value,
        area=None if everywhere else row["area"],
        unit=row["unit"] or None,
    )
