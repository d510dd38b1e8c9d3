"""The verbs of the chat grammar and the words people use for them (domain.md, Chat grammar)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Verb(StrEnum):
    """What a command asks for; the values are also the actions of buttons."""

    ACCEPT = "accept"
    DECLINE = "decline"
    CORRECT = "correct"
    TRANSFER = "transfer"
    MERGE = "merge"
    UNMERGE = "unmerge"
    DISPATCH = "dispatch"
    RETURN = "return"
    SUSPEND = "suspend"
    RESUME = "resume"
    EXTEND = "extend"
    RESOLVE = "resolve"
    VERIFY = "verify"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    RATE = "rate"
    REOPEN = "reopen"
    SUPERVISE = "supervise"
    UNDO = "undo"
    PUBLISH = "publish"
    REPORT = "report"
    PATROL = "patrol"
    FILE_FOR = "file_for"
    CLAIM = "claim"
    TODO = "todo"
    DETAIL = "detail"
    STATS = "stats"
    LEDGER = "ledger"
    QUERY = "query"
    MINE = "mine"
    HELP = "help"
    LEAVE = "leave"
    HANDOVER = "handover"
    ALIAS = "alias"
    POSTED = "posted"
    QUIET = "quiet"
    SUPPORT = "support"
    NOT_FIXED = "not_fixed"
    CALLED_OFF = "called_off"
    GRADE = "grade"
    MENU = "menu"  # a bare position with no verb: 「2」 under a list


# Acts on a case, in the words of staff. Matched at the start of a message, longest word first.
CASE_WORDS: Final[dict[str, Verb]] = {
    word: verb
    for verb, words in {
        Verb.ACCEPT: "确认受理 确认 受理 已受理 接单",
        Verb.DECLINE: "不予受理 不受理 驳回",
        Verb.TRANSFER: "移交给 移交 转交给 转交 移送",
        Verb.UNMERGE: "取消并案 取消合并 拆案",
        Verb.DISPATCH: "派单给 派单 派遣 派给 指派 转派 派",
        Verb.RETURN: "退回 退单",
        Verb.SUSPEND: "缓办 挂账 挂起",
        Verb.RESUME: "恢复办理 恢复",
        Verb.EXTEND: "申请延期 延期",
        Verb.RESOLVE: "处置完成 处置完毕 已处置 处理完成 处理完毕",
        Verb.VERIFY: "核查 复核 验收",
        Verb.CLOSE: "办结 已办结 结案",
        Verb.REOPEN: "重办 重新办理 重开",
        Verb.SUPERVISE: "督办",
        Verb.PUBLISH: "发布",
        Verb.CLAIM: "归我",
        Verb.DETAIL: "详情 明细",
        Verb.QUERY: "查询 查",
        Verb.WITHDRAW: "撤回",
        Verb.POSTED: "已发",
        Verb.QUIET: "不发群",
        Verb.CORRECT: "更正 修改 改",
    }.items()
    for word in words.split()
}
# Words of everyday talk: they act only where they quote a card or report, or answer a list by position.
SOFT_WORDS: Final[dict[str, Verb]] = {
    word: verb
    for verb, words in {
        Verb.ACCEPT: "收到 马上安排 马上去 马上到 马上过去 马上处理 马上来 这就去 这就来 我来处理 我去看看 安排",
        Verb.CLOSE: "好了 修好了 弄好了 换好了 处理好了 已处理 处理了 解决了 已解决 搞定了 搞定"
        " 完成了 完成 已完成 已修好 清理好了",
        Verb.VERIFY: "通过 没通过 不通过 返工",
    }.items()
    for word in words.split()
}
# Words that never stand for a result, a place or a name: saying only them is the whole command.
PLAIN_WORDS: Final[dict[str, Verb]] = {
    word: verb
    for verb, words in {
        Verb.TODO: "待办 我的待办",
        Verb.MINE: "我的上报 我的事",
        Verb.HELP: "帮助 help 怎么用 ? 说明",
        Verb.UNDO: "撤 撤销",
        Verb.STATS: "统计 我的统计",
        Verb.LEDGER: "台账",
    }.items()
    for word in words.split()
}
RESIDENT_VERBS: Final = frozenset({Verb.QUERY, Verb.DETAIL, Verb.MINE, Verb.HELP, Verb.WITHDRAW, Verb.REOPEN})
# Need no case; every other verb means one by a number, a position or a quote.
NO_CASE: Final = frozenset(
    {Verb.TODO, Verb.MINE, Verb.HELP, Verb.UNDO, Verb.STATS, Verb.LEDGER, Verb.LEAVE, Verb.HANDOVER, Verb.ALIAS}
)
NAMED_FIELDS: Final = {
    "地点": "place",
    "位置": "place",
    "地址": "place",
    "类别": "category",
    "类型": "category",
    "分类": "category",
    "紧急程度": "urgency",
    "紧急": "urgency",
    "网格": "area",
    "内容": "text",
}
GRADES: Final = ("非常满意", "满意", "基本满意", "不满意", "非常不满意")
