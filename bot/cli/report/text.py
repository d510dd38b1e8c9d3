"""The report as lines for people. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_NAMES = {
    "made_at": "时间（UTC）",
    "versions": "版本",
    "system": "操作系统",
    "encoding": "文件名的编码",
    "config": "配置",
    "readable": "读得懂",
    "where": "错在哪里",
    "there": "有这个文件",
    "changed": "和默认值不同的项",
    "checks": "检查",
    "level": "结果",
    "program": "正在运行的程序",
    "answers": "有回答",
    "value": "值",
    "ok": "好",
    "why": "原因",
    "failed": "没有查成",
    "database": "数据库",
    "kind": "哪一种",
    "reachable": "连得上",
    "version": "版本",
    "bytes": "字节",
    "revision": "现在的结构",
    "newest_revision": "程序要的结构",
    "rows": "各表的行数",
    "by_state": "各种状态有多少",
    "reminders": "提醒",
    "dead_letters": "没办成、没发出的原因",
    "lag_seconds": "最早的一条等了几秒",
    "moments": "时间",
    "last_received": "最近收到",
    "last_case_event": "最近办事",
    "last_sent": "最近发出",
    "last_reminder": "最近提醒",
    "oldest_in_inbox": "收件里等得最久的",
    "oldest_in_outbox": "发件里等得最久的",
    "leases": "账号在谁手里",
    "held": "占着",
    "until": "到",
    "this_machine": "本机",
    "process": "进程",
    "files": "文件大小（字节）",
    "free_on_disk": "磁盘还剩",
    "rules": "分类规则",
    "own": "自己的规则",
    "categories": "类别",
    "word_rules": "规则",
    "words": "词",
}
_WORDS = {True: "是", False: "否", None: "没有"}
_LEVELS = {"ok": "没问题", "warn": "请看一眼", "fail": "要改"}


def text_of(report: Mapping[str, Any]) -> str:
    head = "网格桥的报告：只有版本、数目和时间，不含姓名、电话、地址和原话。"
    return "\n".join([head, *_lines(report, 0), ""])


def _lines(table: Mapping[str, Any], depth: int) -> Iterator[str]:
    for key, found in table.items():
        if depth == 0:
            yield ""
        start = f"{'  ' * depth}{_NAMES.get(key, key)}"
        if isinstance(found, list) and found and isinstance(found[0], Mapping):
            yield start
            yield from (f"{'  ' * (depth + 1)}{_row(row)}" for row in found)
        elif not isinstance(found, Mapping) or not found:
            yield f"{start}：{_word(found)}"
        elif depth > 1 and not any(isinstance(item, Mapping) for item in found.values()):
            yield f"{start}：{_pairs(found)}"
        else:
            yield start
            yield from _lines(found, depth + 1)


def _row(row: Mapping[str, Any]) -> str:
    """The first says what it is about."""
    (_, first), *rest = row.items()
    return f"{_word(first)}：{_pairs(dict(rest))}"


def _pairs(row: Mapping[str, Any]) -> str:
    pairs = ((key, _LEVELS.get(found, found) if key == "level" else found) for key, found in row.items())
    return "，".join(f"{_NAMES.get(key, key)} {_word(found)}" for key, found in pairs)


def _word(found: Any) -> str:
    if isinstance(found, bool) or found is None:
        return _WORDS[found]
    if isinstance(found, list | Mapping):
        return "、".join(map(str, found)) or "没有"
    return str(found)
