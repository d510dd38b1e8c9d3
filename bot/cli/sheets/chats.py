"""The sheet of chats: which group is whose, and how much it hears."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.channels.webchat.people import is_room_id
from bot.cli.sheets import cells
from bot.cli.sheets.columns import Cells, Column, items, joined, quoted
from bot.cli.sheets.sheet import Key, Line, Lines, Rooms, Sheet
from bot.cli.sheets.standing import Standing
from bot.cli.words import KINDS
from bot.model import ChatKind, Mode
from bot.rooms import NewRoom
from bot.settings import did_you_mean
from storage.records.changes import Changes, ChatChange

UNKNOWN: Final = "未定"
"""A group the bot has been added to and that nobody has told it about; whoever fills this in binds it."""
_WORDS: Final = {**KINDS, ChatKind.UNKNOWN: UNKNOWN}
_CODES: Final = {word: kind for kind, word in _WORDS.items()}
_MORE: Final = {"居民": ChatKind.RESIDENTS, "工作": ChatKind.STAFF, "单位": ChatKind.UNIT, "单位的群": ChatKind.UNIT}
_MODES: Final = {mode: mode.value for mode in Mode}
_MORE_MODES: Final = {
    **dict.fromkeys(("不出声", "群里不出声", "旁听"), Mode.SHADOW),
    **dict.fromkeys(("只发结果", "只说受理和结果", "结果"), Mode.RESULTS),
    **dict.fromkeys(("有问有答", "全部"), Mode.FULL),
}


class ChatSheet(Sheet):
    name, word, thing = "chats", "群", "群"
    keys = ("account", "id")
    in_web_chat = True
    chat_at = ("account", "id")
    columns = (
        Column(key="account", word="账号", also=("渠道账号",), read=cells.native(64), heading=True, needed=True),
        Column(
            key="id",
            word="编号",
            also=("群编号", "群号"),
            read=cells.native(128),
            heading=True,
            needed=True,
        ),
        Column(key="title", word="群名", also=("名称", "群名称", "name"), read=cells.name(128), heading=True),
        Column(key="kind", word="类型", also=("群类型",), read=cells.words(_WORDS, _MORE), heading=True),
        Column(
            key="mode",
            word="模式",
            read=cells.words(_MODES, _MORE_MODES),
            default=Mode.SHADOW.value,
        ),
        Column(key="areas", word="区域", also=("area", "区域代码", "网格代码"), read=cells.codes, many=True),
        Column(key="members", word="成员", also=("member",), read=cells.codes, many=True, exported=False),
    )

    def label(self, row: Cells) -> str:
        return f"{row['account']} {row['id']} {row['title']}".rstrip()

    def stands(self, standing: Standing) -> Mapping[Key, Cells]:
        found: dict[Key, Cells] = {}
        for (account, native_id), chat in sorted(standing.groups.items()):
            found[account, native_id] = {
                "account": account,
                "id": native_id,
                "title": chat.title,
                "kind": _WORDS.get(ChatKind(chat.kind), UNKNOWN),
                "mode": chat.mode,
                "areas": joined(sorted(standing.area_codes[area] for area in chat.areas)),
                "members": joined(sorted(_members(account, native_id, standing))),
            }
        return found

    def check(self, lines: Lines, standing: Standing) -> Iterator[tuple[Key, str]]:
        for key, line in lines.items():
            if complaint := _unfit_chat(line, standing) or _unfit_room(line, standing):
                yield key, complaint

    def changes(self, lines: Sequence[Line], standing: Standing) -> Changes:
        differ = (line for line in lines if _but_members(line.old) != _but_members(line.new))
        return Changes(chats=tuple(_change(line, standing) for line in differ))

    def rooms(self, lines: Sequence[Line], standing: Standing) -> Rooms:
        found = []
        for line in lines:
            row, members = line.new, items(line.new["members"])
            if row["account"] != standing.webchat or row["kind"] == UNKNOWN:  # nobody has said what it is for
                continue
            title, kind, inside = standing.roster.rooms.get(row["id"], ("", "", frozenset()))
            wanted = (row["title"], _CODES[row["kind"]].value)
            if (title, kind) != wanted or not inside.issuperset(members):
                found.append(NewRoom(row["id"], *wanted, tuple(members)))
        return (), tuple(found)


def _members(account: str, native_id: str, standing: Standing) -> frozenset[str]:
    here = standing.roster.rooms.get(native_id) if account == standing.webchat else None
    return here[2] if here else frozenset()


def _unfit_chat(line: Line, standing: Standing) -> str | None:
    row, there = line.new, standing.chats.get((line.key[0], line.key[1]))
    if row["account"] not in standing.known_accounts:
        known = standing.known_accounts or {"webchat:main"}
        return f"配置里没有账号“{quoted(row['account'])}”，{did_you_mean(row['account'], known)}"
    if there is not None and (there.kind == ChatKind.PRIVATE or not there.native_id):
        return "这是一个人的私聊，或已经停用的群，不能当群导入"
    if row["kind"] in {"", UNKNOWN} and not (line.old and line.old["kind"] == UNKNOWN):
        return f"要写类型：{'、'.join(KINDS.values())}"
    if row["kind"] == KINDS[ChatKind.RESIDENTS] and there is not None and (unit := _unit_in(there.id, standing)):
        return f"这是单位“{unit}”的群，派给它的事会发到这里，不能是居民群；请先给单位换一个群"
    areas = items(row["areas"])
    if not areas and row["kind"] in {KINDS[ChatKind.RESIDENTS], KINDS[ChatKind.STAFF]}:
        return f"{row['kind']}要写管哪几个区域，用顿号隔开"
    unknown = next((area for area in areas if area not in standing.areas), None)
    return None if unknown is None else standing.no_area(unknown)


def _unit_in(chat_id: int, standing: Standing) -> str | None:
    """The unit that hears of its work there."""
    return next((unit.name for unit in standing.rows.units if unit.chat_id == chat_id), None)


def _unfit_room(line: Line, standing: Standing) -> str | None:
    """What only a room of the web chat needs: its own kind of id, a title, known members."""
    row, members = line.new, items(line.new["members"])
    if row["account"] != standing.webchat:
        return "只有网页群聊能写成员，请空着" if members else None
    if not is_room_id(row["id"]):
        return f"编号“{quoted(row['id'], code=True)}”只能用字母、数字和 _ . -，1 到 60 个，不能用 p- 开头"
    if not row["title"]:
        return "网页群聊的群要写群名"
    stranger = next((one for one in members if one not in standing.roster.members), None)
    if stranger is not None:
        return f"群聊里还没有成员“{quoted(stranger, code=True)}”，请先导入人员，或用 gridbridge chat member 加上他"
    return None


def _but_members(row: Cells | None) -> Cells | None:
    return row and {key: text for key, text in row.items() if key != "members"}


def _change(line: Line, standing: Standing) -> ChatChange:
    known = standing.chats.get((line.key[0], line.key[1]))
    row = line.new
    return ChatChange(
        id=known.id if known else None,
        address=(row["account"], row["id"]),
        kind=_CODES[row["kind"]].value,
        mode=row["mode"],
        title=row["title"],
        areas=tuple(area for area in items(row["areas"]) if area not in items(line.base.get("areas", ""))),
    )
