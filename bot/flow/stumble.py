"""Why something was given up: at which stage, what kind of error and where, never what was said.

The text of an error may quote a resident.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from types import TracebackType

_HOME = Path(__file__).resolve().parents[2]
_OURS = frozenset({"bot", "classifiers", "storage"})

UNREADABLE = "存下的消息看不懂"
JUDGING = "规则判断时出错"
ACTING = "办理时出错"
KEEPING = "收下时存不进数据库"
RENDERING = "写不出要发的话"
SENDING = "渠道发送时出错"
NO_ANSWER = "平台没有及时回答"
CUT_OFF = "发到一半程序停了"
MOVED = "群换了编号"
KILLING = "办它的时候程序停了好几次，可能就是它引起的"
MARKING = "已经发到，发完以后该记的没记上，重试时不会再发"


def why(stage: str, error: BaseException) -> str:
    """Such as 办理时出错（KeyError，bot/talk/dialogue.py:57）."""
    place = _place(error)
    return f"{stage}（{type(error).__name__}{f'，{place}' if place else ''}）"


def told(error: BaseException) -> tuple[type[BaseException], BaseException, TracebackType | None]:
    """For a log: of which kind it is and all lines it went through. Its words only where a database said them.

    What Python says of a value quotes it, and here that is what a resident wrote; what a driver quotes, bot.logs cuts.
    """
    kind = type(error)
    if kind.__module__.startswith("sqlalchemy."):
        return kind, error, error.__traceback__
    silent = type(kind.__name__, (Exception,), {"__module__": kind.__module__})
    return silent, silent(), error.__traceback__


def _place(error: BaseException) -> str:
    """The last line of our own code it went through."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(_HOME) and (inside := path.relative_to(_HOME)).parts[0] in _OURS:
            return f"{inside.as_posix()}:{frame.lineno}"
    return ""
