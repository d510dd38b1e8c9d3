"""Why a database cannot be used now, in the words of who has to do something about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.settings import reason_of

_REASONS: Final[Mapping[str, str]] = {
    "database disk full": "所在的磁盘满了，请先腾出空间",
    "database input/output error": "读写出错，磁盘可能满了或坏了，请先检查磁盘",
    "database locked": "正忙，别的程序占着它，请稍后再试",
    "database read only": "只能读不能写，请检查文件权限",
    "database no permission": "没有权限打开，请检查文件权限",
    "database cannot be opened": "打不开，请检查路径和权限",
    "database damaged": "坏了，请移走它，用备份恢复",
    "database not a database": "不是数据库文件，请检查路径，坏了就用备份恢复",
}


def why(away: Exception) -> str:
    """The rest of a sentence that begins with its name: what has happened to it and what to do."""
    text = str(away)
    if text in _REASONS:
        return _REASONS[text]
    if "not reachable" in text:
        return "连不上，请看它在不在运行，网络、用户名和密码对不对"
    reason = reason_of(away) if isinstance(away, OSError) and away.errno is not None else text
    return f"现在用不了（{reason}），请检查地址、路径和权限"
