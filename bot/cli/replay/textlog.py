"""Reads what WeChat and QQ (and the tools people use with them) write as text: a line with time and name, then words.

Three forms are in use: 「2026-11-23 09:12:33 昵称」, 「昵称 2026/11/23 09:12」, and a line with the day followed by
「昵称  09:12」. Which one it is shows in the file; what stands before the first such line is its heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from zoneinfo import ZoneInfo

from bot.cli.replay import wording
from bot.cli.replay.conversation import Conversation, Person, Said
from bot.errors import GridbridgeError

_DAY = r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<date>\d{1,2})日?"
_TIME = (
    r"(?P<half>上午|下午|晚上|凌晨|中午|早上)?\s?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?"
    r"(?P<ampm>\s?[AaPp][Mm])?"
)
_NAME = r"(?P<name>\S.{0,79}?)"
_FIRST = re.compile(rf"{_DAY}\s+{_TIME}\s+{_NAME}\s*")
_LAST = re.compile(rf"{_NAME}[:：]?\s+{_DAY}\s+{_TIME}\s*")
_RULE = re.compile(rf"[—–\-=─]{{2,}}\s*{_DAY}\s*[—–\-=─]{{2,}}")
_UNDER_RULE = re.compile(rf"{_NAME}\s{{2,8}}{_TIME}\s*")
_FORMS = "每条消息先有一行“2026-11-23 09:12:33 昵称”，下一行是内容"
_SAMPLE = 40  # characters of a line that is shown


@dataclass(slots=True)
class _Open:
    """A message whose lines are still being read."""

    at: datetime
    name: str
    lines: list[str]


def read_textlog(text: str, name: str, zone: ZoneInfo) -> Conversation:
    """Raises GridbridgeError where no message is found, or a time is none."""
    lines = text.splitlines()
    header = _form_of(lines)
    if header is None:
        first = next((line.strip() for line in lines if line.strip()), "")
        raise GridbridgeError(f"{name}：看不出是哪种聊天记录（第一行是“{first[:_SAMPLE]}”），{_FORMS}")
    said = _numbered(_messages(lines, header, name, zone))
    start = said[0].at if said else datetime.fromtimestamp(0, UTC)
    return Conversation(name, wording.title_of(lines) or PurePath(name).stem, start, tuple(said))


def _form_of(lines: Sequence[str]) -> re.Pattern[str] | None:
    """The form in which most messages begin."""
    stripped = [line.strip() for line in lines]
    counts = {form: sum(form.fullmatch(line) is not None for line in stripped) for form in (_FIRST, _LAST)}
    if any(_RULE.fullmatch(line) for line in stripped):
        counts[_UNDER_RULE] = sum(_UNDER_RULE.fullmatch(line) is not None for line in stripped)
    best = max(counts, key=lambda form: counts[form])
    return best if counts[best] else None


def _messages(lines: Sequence[str], header: re.Pattern[str], name: str, zone: ZoneInfo) -> Iterator[_Open]:
    day: dict[str, str] = {}
    current: _Open | None = None
    for number, line in enumerate(lines, 1):
        rule = _RULE.fullmatch(line.strip()) if header is _UNDER_RULE else None
        begins = header.fullmatch(line.strip())
        if rule is not None:
            day = rule.groupdict()
        elif begins is not None and (day or header is not _UNDER_RULE):
            if current is not None:
                yield current
            current = _Open(_moment(day | begins.groupdict(), f"{name} 第 {number} 行", zone), begins["name"], [])
        elif current is not None:
            current.lines.append(line)
    if current is not None:
        yield current


def _moment(found: dict[str, str], where: str, zone: ZoneInfo) -> datetime:
    hour = int(found["hour"])
    half = (found["half"] or found["ampm"] or "").strip().upper()
    if half in {"下午", "晚上", "PM"} and hour < 12:
        hour += 12
    elif half in {"凌晨", "AM"} and hour == 12:
        hour = 0
    date = (int(found["year"]), int(found["month"]), int(found["date"]))
    try:
        local = datetime(*date, hour, int(found["minute"]), int(found["second"] or 0), tzinfo=zone)
    except ValueError as error:
        raise GridbridgeError(f"{where}：没有这个时间，请检查这一行") from error
    return local.astimezone(UTC)


def _numbered(opened: Iterator[_Open]) -> list[Said]:
    said: list[Said] = []
    for one in opened:
        who = wording.person_of(one.name)
        if who is not None:
            said.append(_said(len(said), one, who, said))
    return sorted(said, key=lambda one: (one.at, one.index))


def _said(index: int, one: _Open, who: Person, before: Sequence[Said]) -> Said:
    words = wording.words_of("\n".join(one.lines).strip())
    return Said(index, one.at, who, words.text, _quoted(words, before), words.photos)


def _quoted(words: wording.Words, before: Sequence[Said]) -> int | None:
    """The latest message of that name that begins with what was quoted: the text names no number."""
    if words.quoted_text is None:
        return None
    beginning = words.quoted_text.rstrip("….").strip()
    for said in reversed(before):
        if said.who.name == words.quoted_name and (said.text.startswith(beginning) if beginning else said.photos):
            return said.index
    return None
