"""What a transcript may say about a case: 「事件 №1: 已受理 | 负责 王芳 | 附议 2」."""

from __future__ import annotations

import re

from bot.talk.texts import Texts
from bot.talk.verbs import GRADES
from storage.records import CaseRow
from tests.transcripts.read import SHANGHAI
from tests.transcripts.script import ANY, CaseIs
from tests.transcripts.world import World

TEXTS = Texts.load()


async def differences(world: World, told: CaseIs, before: CaseRow | None) -> list[str]:
    """One line for each fact that is otherwise."""
    case = await world.case(told.number)
    if case is None:
        return [f"没有事件 №{told.number}"]
    if told.unchanged and case != before:
        return [f"事件 №{told.number} 变了：{_changes(before, case)}"]
    known = await facts(world, case)
    return [f"事件 №{case.id} 不是“{one}”：{_nearest(one, known)}" for one in told.facts if not _fits(one, known)]


async def facts(world: World, case: CaseRow) -> list[str]:
    """The case in words; the state first."""
    directory, texts = world.parts.book.directory, TEXTS
    area, unit = directory.area(case.area_id), directory.unit(case.unit_id)
    category = dict(_categories(world)).get(case.category, case.category)
    named = {
        "类别": category,
        "地点": case.place,
        "原话": case.text.replace("\n", " / "),
        "紧急": texts.word("urgency", case.urgency),
        "敏感": case.sensitive,
        "来源": texts.word("source", case.source),
        "网格": area.name if area else "不知道",
        "负责": directory.name_of(case.worker_id) or "没人",
        "单位": unit.name if unit else "没有",
        "上报": "不留姓名" if case.anonymous else case.reporter_name,
        "附议": str(await world.supporters(case.id)),
        "结果": case.result_text,
        "期限": case.due_at.astimezone(SHANGHAI).strftime("%m-%d %H:%M") if case.due_at else "不计时",
        "督办": f"{case.supervised} 次",
        "重复": "是" if case.repeat else "不是",
        "照片": str(len(case.photos)),
        "评价": "、".join(GRADES[grade - 1] for grade in await world.grades(case)) or "没有",
        "并到": f"№{case.merged_into}",
    }
    return [texts.word("state", case.state), *(f"{name} {value}" for name, value in named.items())]


def _categories(world: World) -> list[tuple[str, str]]:
    return [(code, found.name) for code, found in world.parts.rules.classifier.categories.items()]


def _fits(told: str, known: list[str]) -> bool:
    wanted = re.compile(re.escape(told).replace(ANY, ".*"), re.DOTALL)
    return any(wanted.fullmatch(fact) for fact in known)


def _nearest(told: str, known: list[str]) -> str:
    name = told.partition(" ")[0]
    return next((fact for fact in known if fact.partition(" ")[0] == name), known[0])


def _changes(before: CaseRow | None, after: CaseRow) -> str:
    if before is None:
        return "本来没有"
    names = [
        name for name in CaseRow.__slots__ if getattr(before, name) != getattr(after, name) and name != "updated_at"
    ]
    return "、".join(f"{name} {getattr(before, name)!r} → {getattr(after, name)!r}" for name in names)
