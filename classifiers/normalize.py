"""One spelling for what people type: width, case, traditional characters, emoji, face codes, stretched sounds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final

MAX_LENGTH: Final = 2000  # characters; longer texts are forwards and would block the segmenter

_T2S = Path(__file__).with_name("lexicon") / "t2s.txt"
# Ranges of the basic plane that hold compatibility forms (NFKC changes them) or capitals.
_COMPAT_RANGES = ((0x41, 0x5B), (0xA0, 0x250), (0x370, 0x530), (0x1D00, 0x2C00), (0x2E80, 0x3400), (0xF900, 0x10000))
_INVISIBLE_RANGES = ((0x0, 0x9), (0xB, 0x20), (0x7F, 0xA0), (0x200B, 0x2010), (0x202A, 0x202F), (0x2060, 0x2070))
_INVISIBLE = "\u00ad\u20e3\ufeff\u180e" + "".join(map(chr, range(0xFE00, 0xFE10)))
_EMOJI_RANGES = ((0x1F000, 0x1FB00), (0x2600, 0x27C0), (0x2B00, 0x2C00), (0x2300, 0x2400))
# Marks of a forwarded thing tell the intent; every other code in brackets is a face.
_KEPT_CODES = "图片|视频|视频号|公众号|链接|小程序|语音|文件|聊天记录|位置|红包|转发|话题"
_FACE_CODE = re.compile(rf"\[(?!(?:{_KEPT_CODES})\])[\u4e00-\u9fffa-z]{{1,6}}\]")
_THRICE = re.compile(r"(.)\1\1", re.DOTALL)
_STRETCHED = re.compile(r"([^\d\s])\1{2,}")


def normalize(text: str) -> str:
    """Return the text as the rules see it, at most `MAX_LENGTH` characters; doing it twice changes nothing."""
    if len(text) > MAX_LENGTH:
        text = text[:MAX_LENGTH]
    for wide, narrow in _FREQUENT:
        text = text.replace(wide, narrow)
    if _FOREIGN.search(text):
        text = text.translate(_TABLE)
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text).translate(_TABLE)[:MAX_LENGTH]
    if "[" in text:
        text = _FACE_CODE.sub(" ", text)
    return _STRETCHED.sub(r"\1\1", text) if _THRICE.search(text) else text


def simplified(text: str) -> str:
    """Return the text in simplified characters, each at the place of the character it stands for."""
    return text.translate(_SIMPLE)


def _code_points(ranges: tuple[tuple[int, int], ...]) -> Iterator[int]:
    for low, high in ranges:
        yield from range(low, high)


def _compatible(code: int) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", chr(code)).lower())


def _build_table() -> dict[int, str]:
    table = {code: _compatible(code) for code in _code_points(_COMPAT_RANGES) if _compatible(code) != chr(code)}
    table = {code: to.translate(_SIMPLE) for code, to in table.items()} | _SIMPLE
    table |= dict.fromkeys(_code_points(_EMOJI_RANGES), " ")
    table |= dict.fromkeys(_code_points(_INVISIBLE_RANGES), "") | dict.fromkeys(map(ord, _INVISIBLE), "")
    return table | {ord("\t"): " ", ord("\r"): ""}


_SIMPLE: Final = {
    ord(char): to for char, to in (line.split(" ") for line in _T2S.read_text(encoding="utf-8").splitlines())
}
_TABLE: Final = _build_table()
# Nearly every message holds one of these and few another; replacing them is ten times as fast as translating.
_FREQUENT: Final = tuple((char, _TABLE[ord(char)]) for char in "，！？：")
# One look for any character the table changes: most messages hold none and skip the slower translation.
_FOREIGN: Final = re.compile("[" + "".join(re.escape(chr(c)) for c in _TABLE if c < 0x10000) + "\U0001f000-\U0001faff]")
