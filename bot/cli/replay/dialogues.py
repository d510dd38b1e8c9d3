"""Reads talks written as JSON, one a line: {"id", "messages": [{"t", "sender", "text", "reply_to", "photo"}]}."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.cli.replay.conversation import Conversation, Part, Person, Said
from bot.errors import GridbridgeError

LONGEST = 366 * 86400  # seconds; a talk of more than a year is an export, not a dialogue
_START = datetime(2026, 11, 23, 10)  # noqa: DTZ001 - the city's zone is put in; a Monday morning, when offices are open
_FORM = (
    '每行应是 {"id": …, "messages": [{"t": 秒, "sender": "resident A", "text": "…", "reply_to": null, "photo": false}]}'
)


def read_dialogues(lines: Iterable[str], name: str, zone: ZoneInfo) -> Iterator[Conversation]:
    """Blank lines are passed over. Raises GridbridgeError that names the line and the message."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _dialogue(_loaded(line, f"{name} 第 {number} 行"), number, f"{name} 第 {number} 行", zone)


def _loaded(line: str, where: str) -> Mapping[str, Any]:
    try:
        body = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise GridbridgeError(f"{where}：不是完整的 JSON，{_FORM}") from error
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
        raise GridbridgeError(f'{where}：缺少 "messages"，{_FORM}')
    return body


def _dialogue(body: Mapping[str, Any], number: int, where: str, zone: ZoneInfo) -> Conversation:
    messages, given = body["messages"], body.get("id")
    name = str(given) if isinstance(given, str | int) and not isinstance(given, bool) else str(number)
    start = _start(body.get("start"), where, zone)
    said = [
        _said(one, index, len(messages), start, f"{where} 第 {index} 条消息（从 0 数起）")
        for index, one in enumerate(messages)
    ]
    return Conversation(name, name, start, tuple(sorted(said, key=lambda one: (one.at, one.index))))


def _start(given: Any, where: str, zone: ZoneInfo) -> datetime:
    """`start` is optional: the local time of t = 0, as 2026-11-23T10:00."""
    if given is None:
        return _START.replace(tzinfo=zone)
    try:
        moment = datetime.fromisoformat(given)
    except (TypeError, ValueError) as error:
        raise GridbridgeError(f'{where}：start 应写成 "2026-11-23T10:00"，现在是 {given!r}') from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _said(one: Any, index: int, count: int, start: datetime, where: str) -> Said:
    if not isinstance(one, dict):
        raise GridbridgeError(f"{where}：应是花括号里的一条消息，{_FORM}")
    sender, text = one.get("sender"), one.get("text") or ""
    if not isinstance(sender, str) or not sender.strip() or not isinstance(text, str):
        raise GridbridgeError(f'{where}：缺少 "sender" 或 "text" 不是文字，{_FORM}')
    photos = one.get("photo") or 0
    if not isinstance(photos, bool | int) or not 0 <= photos <= 100:
        raise GridbridgeError(f"{where}：photo 应是 true 或 false，现在是 {photos!r}")
    at = start + timedelta(seconds=_seconds(one.get("t"), where))
    return Said(
        index, at, Person(sender, sender, part_of(sender)), text, _quoted(one, index, count, where), int(photos)
    )


def _seconds(given: Any, where: str) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        raise GridbridgeError(f"{where}：t 应是从开头算起的秒数，现在是 {given!r}")
    if not 0 <= given <= LONGEST:
        raise GridbridgeError(f"{where}：t 应在 0 到 {LONGEST} 秒之间，现在是 {given}")
    return float(given)


def _quoted(one: Mapping[str, Any], index: int, count: int, where: str) -> int | None:
    given = one.get("reply_to")
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given < count or given == index:
        raise GridbridgeError(f"{where}：reply_to 应是另一条消息的序号（0 到 {count - 1}）或 null，现在是 {given!r}")
    return given


def part_of(sender: str) -> Part:
    """`worker`, `worker 2` … and `property` work in the group, everybody else lives there."""
    return next((part for part in (Part.WORKER, Part.PROPERTY) if sender.lower().startswith(part)), Part.RESIDENT)
