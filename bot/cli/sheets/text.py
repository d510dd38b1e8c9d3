"""The bytes of a CSV file -> text, whichever program wrote it; and text -> bytes that Excel opens rightly. Pure."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from typing import Final

from bot.errors import GridbridgeError

MAX_MB: Final = 20
ENCODINGS: Final = {"utf-8": "utf-8-sig", "gb18030": "gb18030"}
"""What an export may be written in: the name on the command line -> the codec. Excel knows UTF-8 by its BOM."""

_REMEDY: Final = "请另存为“CSV UTF-8（逗号分隔）”再试"
_NO_TEXT: Final = ((b"PK\x03\x04", "这是 Excel 工作簿"), (b"\xd0\xcf\x11\xe0", "这是旧版 Excel 工作簿"))
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_UTF32: Final = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_PUNCTUATION: Final = frozenset("，。、；：（）“”《》—…·№√×")
_SAMPLE: Final = 2**20  # bytes that tell one encoding from another
_COMMON: Final = 0.7  # of the characters of real Chinese text, far more than this are in the old GB 2312


def decode(raw: bytes, headings: Iterable[str] = ()) -> tuple[str, str]:
    """The text and the name of its encoding. Raises GridbridgeError: too large, no text, or an encoding we do not read.

    Nearly any bytes can be read as GB18030, so what comes out must begin with a Chinese heading that we know, or look
    like Chinese: a file in Big5 or a damaged UTF-8 file would else fill the directory with nonsense.
    """
    if len(raw) > MAX_MB * 2**20:
        raise GridbridgeError(f"文件超过 {MAX_MB} MB，请分成几个文件导入")
    for magic, what in _NO_TEXT:
        if raw.startswith(magic):
            raise GridbridgeError(f"{what}，不是 CSV，{_REMEDY}")
    if raw.startswith(_UTF32):
        raise GridbridgeError(f"是 UTF-32 编码，{_REMEDY}")
    for bom, codec, name in _BOMS:
        if raw.startswith(bom):
            return _whole(raw, codec, name), name
    if b"\0" in raw:
        raise GridbridgeError(f"里面有不是文字的内容，不是 CSV，{_REMEDY}")
    return _by_guess(raw, [heading for heading in headings if not heading.isascii()])


def _whole(raw: bytes, codec: str, name: str) -> str:
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise GridbridgeError(f"第 {line} 行有坏字，不是完整的 {name}，{_REMEDY}") from error
    if "\0" in text:
        raise GridbridgeError(f"里面有不是文字的内容，不是 CSV，{_REMEDY}")
    return text


def _by_guess(raw: bytes, headings: list[str]) -> tuple[str, str]:
    try:
        return raw.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
    if _damaged_utf8(raw):
        raise GridbridgeError(f"第 {line} 行有坏字，不是完整的 UTF-8，{_REMEDY}")
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    first = text.strip().partition("\n")[0]
    if not any(heading in first for heading in headings) and not _looks_chinese(text):
        raise GridbridgeError(f"认不出是什么编码（第 {line} 行），{_REMEDY}")
    return text, "GB18030"


def _damaged_utf8(raw: bytes) -> bool:
    """Most of what is not ASCII is good UTF-8; of another encoding hardly anything would be."""
    other = [char for char in raw[:_SAMPLE].decode("utf-8", "replace") if not char.isascii()]
    return other.count("\ufffd") * 2 < len(other)


def _looks_chinese(text: str) -> bool:
    other = "".join(char for char in text if not char.isascii())
    common = other.encode("gb2312", "ignore").decode("gb2312")
    # Chinese characters alone: the rows of GB 2312 before them hold kana, Greek and Cyrillic.
    chinese = sum("\u4e00" <= char <= "\u9fff" or char in _PUNCTUATION for char in common)
    return chinese > _COMMON * len(other)


def encode(text: str, encoding: str) -> bytes:
    """`encoding` is one of ENCODINGS."""
    return text.encode(ENCODINGS[encoding])
