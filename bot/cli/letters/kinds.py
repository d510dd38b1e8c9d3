"""What a row of the inbox or outbox is, in a word."""

from __future__ import annotations

from typing import Final

from bot.flow.retry import EDIT

_IN: Final = {
    "message": "消息", "edit": "改过的消息", "recall": "撤回", "button": "按钮", "joined": "进群", "left": "退群",
    "migrated": "换群号",
}  # fmt: skip
_OUT: Final = {
    "reported": "新情况", "acked": "听到了", "accepted": "受理", "declined": "不予受理", "corrected": "更正",
    "transferred": "移交", "merged": "并案", "unmerged": "取消并案", "dispatched": "派遣", "returned": "退回",
    "suspended": "缓办", "resumed": "接着办", "extended": "延期", "resolved": "待核查", "rework": "返工",
    "result": "办理结果", "withdrawn": "撤回上报", "called_off": "不用办了", "recalled": "撤回消息",
    "rated_bad": "差评", "reopened": "重办", "not_fixed_late": "过后说没好", "supervised": "督办",
    "supplement": "补充", "supported": "附议", "more": "汇总", "published": "发布", "undone": "撤销",
    "overdue_yellow": "黄牌", "overdue_red": "红牌",
    "overdue_supervise": "超期督办", "round": "紧急呼叫", "phones": "电话单", "answer": "回话", "reminder": "提醒",
    "list": "清单", "emergency": "急事提醒", "storm": "停电停水的统一答复", "intro": "自我介绍",
    "paste": "待转发的结果",
}  # fmt: skip
_KINDS: Final = {**_IN, **_OUT}


def kind_word(kind: str) -> str:
    """A kind without a word stays as it is."""
    return "更新卡片" if kind.startswith(EDIT) else _KINDS.get(kind, kind)
