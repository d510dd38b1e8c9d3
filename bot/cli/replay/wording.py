"""How WeChat and QQ write names, quotes and pictures in their text exports. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.cli.replay.conversation import Person

_TITLE = re.compile(r"(?:消息对象|群名|群聊)[:：]\s*(.+)|[“\"](.+)[”\"]的聊天记录")
_RANK = re.compile(r"^【[^】]{1,20}】")
_NUMBER = re.compile(r"[(（<](?P<id>\d{5,12}|[^\s()<>]+@[^\s()<>]+)[)）>]$")
_SYSTEM = frozenset({"系统消息", "10000", "10001", "80000000"})
_PICTURE = re.compile(r"\[(?:图片|照片|相册|image|photo)\]|<img\b[^>]*>", re.IGNORECASE)
_NO_WORDS = re.compile(r"\[(?:语音|视频|表情|动画表情|文件|视频通话|语音通话|位置|小程序|名片)\]")
_QUOTE_BEFORE = re.compile(
    r"「(?P<name>[^：:\n]{1,80})[：:]\s*(?P<text>.*?)」\s*\n[-—–\s]{5,}\n(?P<rest>.*)", re.DOTALL
)
_QUOTE_AFTER = re.compile(
    r"(?P<rest>.*?)(?:\A|\n)\[?引用\]?[：:]\s*(?P<name>[^：:\n]{1,80})[：:]\s*(?P<text>.*)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Words:
    """A message without its marks. `quoted_name`, `quoted_text`: what it answers to, None if nothing."""

    text: str
    photos: int
    quoted_name: str | None = None
    quoted_text: str | None = None


def title_of(lines: Sequence[str]) -> str:
    """The group's name, where the heading tells it."""
    found = next((match for line in lines[:20] if (match := _TITLE.fullmatch(line.strip()))), None)
    return (found[1] or found[2]).strip() if found else ""


def person_of(written: str) -> Person | None:
    """「【管理员】李婶(12345678)」 is 李婶 with an id of her own; None: the platform itself speaks."""
    name = _RANK.sub("", written.strip())
    number = _NUMBER.search(name)
    own = name[: number.start()].strip() if number else name.strip().rstrip("：:")
    if own in _SYSTEM or (number is not None and number["id"] in _SYSTEM):
        return None
    return Person(number["id"] if number else own, own or (number["id"] if number else written))


def words_of(text: str) -> Words:
    """What was said, what it quotes, how many pictures came with it."""
    quote = _QUOTE_BEFORE.fullmatch(text) or _QUOTE_AFTER.fullmatch(text)
    own = quote["rest"] if quote else text
    photos = len(_PICTURE.findall(own))
    plain = _NO_WORDS.sub("", _PICTURE.sub("", own)).strip()
    if quote is None:
        return Words(plain, photos)
    quoted = _PICTURE.sub("", quote["text"]).strip()
    return Words(plain, photos, quote["name"].strip(), quoted)
