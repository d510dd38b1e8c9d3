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
    "database cannot be opened": "打不开，请检查路径和权限，看磁盘是不是只读",
    "database damaged": "坏了，请移走它，用备份恢复",
    "database not a database": "不是数据库文件，请检查路径，坏了就用备份恢复",
    "database file gone": "的文件不见了，请放回原处（磁盘是不是没挂上），放回就接着办；要用备份，先停下程序",
    "database file replaced": "的文件被换掉了，请重新启动网格桥",
    "database answers not in time": "没有按时回答，请看它是不是太忙，网络通不通",
    "database closed": "正在关",
    "database interrupted": "正在关",
    "database out of memory": "内存不够，请关掉别的程序，或加内存",
}
_SQLSTATES: Final[Mapping[str, str]] = {
    "25006": "只能读不能写（备库，或设了 default_transaction_read_only），请改成可写，或把地址指向主库",
    "28": "不让进，请检查用户名和密码",
    "3D": "没有建好，请先 createdb，或检查库名",
    "53100": "所在的磁盘满了，请先腾出空间",
    "53300": "连接用完了，请调大 max_connections，或关掉别的程序",
    "53": "资源不够，请看它的内存和磁盘",
    "55000": "不让连，请看它是不是在维护",
    "57P03": "正在启动，等它好了就接着办",
    "57P01": "被关掉或正在重启，请看它在不在运行",
    "57P02": "被关掉或正在重启，请看它在不在运行",
    "08": "连接断了，请看它在不在运行，网络通不通",
}
"""Beginnings of the codes of PostgreSQL, the longer ones first where one begins another."""
_SQLSTATE: Final = "database error "


def why(away: Exception | str) -> str:
    """The rest of a sentence that begins with its name: what has happened to it and what to do.

    `away`: storage.errors.Unavailable, what came of it, or its reason.
    """
    text = str(away)
    if text in _REASONS:
        return _REASONS[text]
    if text.startswith(_SQLSTATE):
        code = text.removeprefix(_SQLSTATE)
        return next(
            (said for state, said in _SQLSTATES.items() if code.startswith(state)), f"出错（{code}），请看它的日志"
        )
    if "not reachable" in text:
        return "连不上，请看它在不在运行，网络、用户名和密码对不对"
    if "connection lost" in text:
        return _SQLSTATES["08"]
    if not text.isascii():  # a sentence already
        return f"现在用不了：{text}"
    reason = reason_of(away) if isinstance(away, OSError) and away.errno is not None else text
    return f"现在用不了（{reason}），请检查地址、路径和权限"


def told(trouble: str) -> str:
    """What troubles a loop: a sentence where it is the database, else as it is."""
    return f"数据库{why(trouble)}" if trouble.startswith("database ") else trouble
