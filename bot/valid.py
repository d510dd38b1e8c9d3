"""Checks of single settings: None, or what is wrong and what to write instead. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.settings import Complaint, did_you_mean, is_placeholder

_SHORTEST_SECRET = 16
_CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def between(lowest: float, highest: float) -> Complaint:
    """A number in a closed range."""

    def check(value: Any) -> str | None:
        return None if lowest <= value <= highest else f"应在 {lowest} 到 {highest} 之间，现在是 {value}"

    return check


def one_of(*choices: str) -> Complaint:
    """One of a few words."""

    def check(value: Any) -> str | None:
        return None if value in choices else f"不能是 {value!r}，{did_you_mean(value, choices)}"

    return check


def some_of(*choices: str) -> Complaint:
    """At least one word, each known and none twice."""

    def check(value: Sequence[str]) -> str | None:
        unknown = next((item for item in value if item not in choices), None)
        if unknown is not None:
            return f"没有 {unknown!r}，{did_you_mean(unknown, choices)}"
        return None if value and len(set(value)) == len(value) else f"至少写一个，不要重复：{'、'.join(choices)}"

    return check


def optional(check: Complaint) -> Complaint:
    """What may be left out: None or nothing written is fine."""
    return lambda value: check(value) if value not in {None, ""} else None


def long_secret(value: Any) -> str | None:
    """Long enough not to be guessed."""
    if len(value) >= _SHORTEST_SECRET:
        return None
    return f"太短了，至少 {_SHORTEST_SECRET} 个字符，例如用 openssl rand -hex 32 生成一个"


def clock_time(value: Any) -> str | None:
    """A time of day as HH:MM."""
    return None if _CLOCK_TIME.fullmatch(value) else f'应写成 "21:00" 这样的 24 小时制时刻，现在是 {value!r}'


def clock_times(value: Sequence[str]) -> str | None:
    """Times of day as HH:MM, rising."""
    wrong = next(filter(None, map(clock_time, value)), None)
    return wrong or (None if list(value) == sorted(set(value)) else "时刻要从早到晚，不要重复")


def office_spans(value: Sequence[str]) -> str | None:
    """Spans of one day such as 08:30-12:00, rising and apart; none at all is a day off."""
    last = time.min
    for span in value:
        start, dash, end = span.partition("-")
        if not (dash and _CLOCK_TIME.fullmatch(start) and _CLOCK_TIME.fullmatch(end)):
            return f'应写成 "08:30-12:00"，现在是 {span!r}'
        if not last <= time.fromisoformat(start) < time.fromisoformat(end):
            return f"{span} 的时间要从早到晚，且不能和前一段重叠"
        last = time.fromisoformat(end)
    return None


def timezone(value: Any) -> str | None:
    """A name of the time zone database."""
    try:
        ZoneInfo(value)
    except (KeyError, OSError, ValueError):  # a KeyError for unknown names, the others for what looks like a path
        return f'没有时区 {value!r}，中国大陆写 "Asia/Shanghai"'
    return None


def distinct_words(value: Sequence[str]) -> str | None:
    """At least two different words that are not empty."""
    fine = len(value) > 1 and len(set(value)) == len(value) and all(word.strip() for word in value)
    return None if fine else "至少写两个，不要空的，也不要重复"


def public_url(value: Any) -> str | None:
    """Empty, or an http(s) address without a path's end slash."""
    if not value:
        return None
    parts = urlsplit(value)
    fine = parts.scheme in {"http", "https"} and parts.hostname and not value.endswith("/")
    return None if fine else f'应写成 "https://example.org" 这样的网址，末尾不带斜杠，现在是 {value!r}'


def database_url(value: Any) -> str | None:
    """A SQLite file or a PostgreSQL server. What is wrong never shows the value: it may hold a password."""
    if value.startswith("sqlite:///") and len(value) > len("sqlite:///"):
        return None
    if not value.startswith("postgresql://"):
        return '应写成 "sqlite:///data/gridbridge.db" 或 "postgresql://用户:密码@主机/库名"'
    host = value.removeprefix("postgresql://").rpartition("@")[2].partition("/")[0]
    port = host.rpartition(":")[2] if ":" in host and not host.endswith("]") else ""
    if port and not (port.isascii() and port.isdigit()):
        return "端口应是数字，例如 postgresql://用户:密码@主机:5432/库名；密码里的 @ : / 要写成 %40 %3A %2F"
    password = urlsplit(value).password
    return "数据库密码还是占位的，请换成真的" if password and is_placeholder(password) else None
