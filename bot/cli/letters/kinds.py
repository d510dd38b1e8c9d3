"""What a row of the inbox or outbox is, in a word."""

from __future__ import annotations

from typing import Final

_KINDS: Final = {
    "message": "消息", "edit": "改过的消息", "recall": "撤回", "button": "按钮", "joined": "进群", "left": "退群",
    "migrated": "换群号", "reported": "新情况", "result": "办理结果", "answer": "回话", "accepted": "受理",
    "reminder": "提醒", "list": "清单", "emergency": "急事提醒", "dispatched": "派遣", "transferred": "移交",
}  # fmt: skip


def kind_word(kind: str) -> str:
    """A kind without a word stays as it is."""
    return _KINDS.get(kind, kind)
