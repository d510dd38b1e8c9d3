"""What people call things in commands, in help, in sheets and in reports alike; of urgency as the talk has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.cases.roles import Role
from bot.model import ChatKind, Mode
from classifiers.verdict import Intent, Tier

LEVELS: Final[Mapping[str, str]] = {"city": "市", "town": "镇街", "village": "村社区", "grid": "网格"}
"""The highest first."""

ROLES: Final[Mapping[Role, str]] = {
    Role.GRID_WORKER: "网格员",
    Role.GRID_LEADER: "网格长",
    Role.INSTRUCTOR: "网格指导员",
    Role.VILLAGE_SECRETARY: "村书记",
    Role.ASSISTANT: "协管员",
    Role.HANDLER: "处置人员",
    Role.SUPERVISOR: "镇街或市中心",
    Role.CONFIDANT: "专人",
    Role.ADMIN: "管理员",
}
"""Every role that somebody gives; a resident needs none."""

KINDS: Final[Mapping[ChatKind, str]] = {ChatKind.RESIDENTS: "居民群", ChatKind.STAFF: "工作群", ChatKind.UNIT: "单位群"}
MODES: Final[Mapping[Mode, str]] = {
    Mode.SHADOW: "群里不出声",
    Mode.RESULTS: "只说受理和结果",
    Mode.FULL: "有问有答",
}

URGENCIES: Final[Mapping[str, str]] = {"emergency": "特急", "urgent": "紧急", "normal": "一般"}
TIERS: Final[Mapping[Tier, str]] = {Tier.CARD: "弹卡片", Tier.LIST: "进清单", Tier.NONE: "不理会"}
INTENTS: Final[Mapping[Intent, str]] = {
    Intent.REPORT: "像是有事，但把握不够",
    Intent.CHATTER: "闲聊",
    Intent.THANKS: "道谢",
    Intent.NOTICE: "通知",
    Intent.ADVERT: "广告",
    Intent.FORWARD: "转发",
    Intent.SIGNUP: "接龙、打卡",
    Intent.ANSWER: "邻居间的回答",
    Intent.RESOLVED: "说已经好了",
}


def choices(words: Mapping[Any, str]) -> str:
    """For help: each word of the command line with what it means."""
    return "，".join(f"{key} {word}" for key, word in words.items())
