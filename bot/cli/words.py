"""What people call levels, roles, kinds of chats and modes: in commands, in help and in sheets alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.cases.roles import Role
from bot.model import ChatKind, Mode

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


def choices(words: Mapping[Any, str]) -> str:
    """For help: each word of the command line with what it means."""
    return "，".join(f"{key} {word}" for key, word in words.items())
