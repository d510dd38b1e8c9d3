"""The words both reports use, and what they leave out."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.cli.replay.summary import CaseLine, PostLine, Summary
from bot.cli.words import TIERS, URGENCIES
from bot.model import Mode
from bot.privacy import mask_personal
from classifiers.verdict import Tier

MODES: Final = {
    Mode.SHADOW: "shadow：群里什么也不说",
    Mode.RESULTS: "results：只说受理、结果和急事的提醒",
    Mode.FULL: "full：还会在群里回话",
}
NEAR_SHOWN: Final = 20
LONGEST: Final = 120  # characters of somebody's words in a report
KEPT: Final = "聊天记录只读进内存；回放用的临时数据库已经删掉，什么也没有存下，也没有连任何群。"
DOUBTS: Final = (
    "回放里没有人点卡片上的按钮，受理和结果只来自网格员在群里说过的话；真正运行时，每确认、办结一件，群里各多一句。"
    "导出的文字里没有的东西（语音、撤回、表情回应）这里也看不到。"
)


def shortened(text: str) -> str:
    """Somebody's words on one line, personal numbers masked, cut where a report has no room for more."""
    plain = " ".join(mask_personal(text).split())
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"


def moment(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%m-%d %H:%M")


def when(line: CaseLine | PostLine, summary: Summary, at: datetime, zone: ZoneInfo) -> str:
    """The moment, and of several talks which one."""
    shown = moment(at, zone)
    return shown if summary.talks == 1 else f"{shortened(line.talk.title)} {shown}"


def tier(line: CaseLine) -> str:
    return TIERS[Tier.CARD if line.case.sure else Tier.LIST]


def category(line: CaseLine) -> str:
    urgency = "" if line.case.urgency == "normal" else URGENCIES.get(line.case.urgency, "")
    marks = [urgency, "保密" if line.case.sensitive else ""]
    shown = "、".join(filter(None, marks))
    return f"{line.case.category_name}（{shown}）" if shown else line.case.category_name


def supported(line: CaseLine) -> str:
    return "、".join(map(mask_personal, line.case.supporters))


def span(summary: Summary) -> str:
    first, last = f"{summary.first:%Y-%m-%d}", f"{summary.last:%Y-%m-%d}"
    return first if first == last else f"{first} 至 {last}"


def whom(summary: Summary) -> str:
    """Who was taken for staff: everything hangs on it, so it is said."""
    if not summary.staff:
        return "没认出工作人员（昵称里没有“网格员”“物业”等字样），请用 --staff 昵称 指明"
    return f"当作工作人员的：{'、'.join(map(mask_personal, summary.staff))}（不对的话用 --staff 昵称 指明）"


def silent_line(summary: Summary) -> str:
    staff = f"（另有工作人员自己的话 {summary.staff_words} 条）" if summary.staff_words else ""
    return f"居民其余的 {summary.silent} 条不理会{staff}。"


def group_line(summary: Summary, mode: Mode) -> str:
    """How much the group would hear, what would come with confirmations included."""
    said = f"群里会说 {len(summary.posts)} 句（{MODES[mode]}）"
    if mode is Mode.SHADOW or not summary.promised:
        return f"{said}。"
    return f"{said}；要是有把握的事件件确认、办结，另有受理和结果最多 {summary.promised} 句。"
