"""A file of past talk, whichever of the known kinds it is, and who in it works for the grid."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from bot.cli.replay.conversation import Conversation, Part, Person
from bot.cli.replay.dialogues import read_dialogues
from bot.cli.replay.telegram import looks_like_telegram, read_telegram
from bot.cli.replay.textlog import read_textlog
from bot.cli.textfile import Kind, named, text_of
from bot.errors import GridbridgeError

_WORKER = re.compile(r"网格[员长]|居委|村委|社区(?:工作|书记|主任|服务)|(?:村|支)书记|村主任|驻村")
_LOG = Kind("聊天记录", "请另存为 UTF-8 再试", most_mb=512)
_PROPERTY = re.compile(r"物业")


def read_conversations(name: str, zone: ZoneInfo, staff: Collection[str]) -> list[Conversation]:
    """Everything in the file. `staff`: names of those who work for the grid; none: it is guessed from the names.

    Raises GridbridgeError for a file that cannot be read or holds no message, and for a name nobody in it has.
    """
    found = list(_read(name, zone))
    if not any(talk.said for talk in found):
        raise GridbridgeError(f"{named(name)}：里面一条消息也没有")
    _must_be_there(staff, found)
    return [_with_parts(talk, staff) for talk in found if talk.said]


def _read(name: str, zone: ZoneInfo) -> Sequence[Conversation]:
    text = text_of(name, _LOG)
    if not text.lstrip().startswith("{"):
        return [read_textlog(text, named(name), zone)]
    whole = _whole(text)
    if looks_like_telegram(whole):
        return list(read_telegram(whole, named(name), zone))
    if whole is not None:
        return list(read_dialogues([text.replace("\n", " ")], named(name), zone))
    # not splitlines: that also splits at separators which may stand inside a JSON string
    return list(read_dialogues(text.split("\n"), named(name), zone))


def _whole(text: str) -> Any:
    """The one JSON value the file is; None: it is several lines of JSON, or none at all."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _must_be_there(staff: Collection[str], talks: Sequence[Conversation]) -> None:
    known = {person.name for talk in talks for person in talk.people}
    missing = [name for name in staff if name not in known]
    if missing:
        some = "、".join(sorted(known)[:8])
        raise GridbridgeError(f"聊天记录里没有叫 {missing[0]} 的人，请检查 --staff；里面有：{some}")


def _with_parts(talk: Conversation, staff: Collection[str]) -> Conversation:
    """The file's own word about who somebody is stands; else what was told, else what the name says."""
    parts = {person: _part(person, staff) for person in talk.people}
    said = (replace(one, who=replace(one.who, part=parts[one.who])) for one in talk.said)
    return replace(talk, said=tuple(said))


def _part(person: Person, staff: Collection[str]) -> Part:
    if person.part is not Part.RESIDENT:
        return person.part
    if staff:
        return Part.WORKER if person.name in staff else Part.RESIDENT
    if _WORKER.search(person.name):
        return Part.WORKER
    return Part.PROPERTY if _PROPERTY.search(person.name) else Part.RESIDENT
