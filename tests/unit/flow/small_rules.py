"""Rules small enough to see through: two anchors, one word that makes a matter of them, three commands."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.flow.gate import Gate, Windows
from bot.model import ChatKind, Inbound
from tests.fakes.paper import START

ANCHORS = ("路灯", "水管")
COMMANDS = ("查询 128", "确认 128", "上报")
WORKER = "w1"
GROUP = "g1"
REPORT = "路灯坏了"
CHATTER = "晚上吃什么"
LONG = "今天菜市场的白菜特别新鲜，大家快去买"


def later(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def anchor(text: str) -> bool:
    return any(word in text for word in ANCHORS)


def worth(text: str, _said: Inbound) -> bool:
    return anchor(text) and "坏" in text


def command(said: Inbound) -> bool:
    return said.text in COMMANDS


def is_staff(said: Inbound) -> bool:
    return said.sender.native_id == WORKER


def new_gate(windows: Windows | None = None) -> Gate:
    return Gate(anchor=anchor, worth=worth, command=command, staff=is_staff, windows=windows)


def hears(gate: Gate, said: Inbound, kind: ChatKind = ChatKind.RESIDENTS) -> str | None:
    """Why it passed, None if it did not."""
    before = dict(gate.counters.by_reason)
    if gate.admit(said, kind) is None:
        return None
    return next(str(reason) for reason, count in gate.counters.by_reason.items() if count != before.get(reason))


def earlier(passed: Inbound | None) -> list[str]:
    """The texts that entered with a message that passed."""
    assert passed is not None
    return [piece.text for piece in passed.earlier]
