"""The text of a whole file, whichever program wrote it: UTF-8, UTF-16 with its mark, or GB18030 (GBK).

What comes line by line, perhaps without an end, is read by bot.cli.decoded.
"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.cli.outfile import STANDARD
from bot.errors import GridbridgeError
from bot.settings import reason_of

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_UTF32: Final = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_PUNCTUATION: Final = frozenset("，。、；：（）“”《》—…·№√×")
_SAMPLE: Final = 2**20  # bytes that tell one encoding from another
_COMMON: Final = 0.7  # of the characters of real Chinese text, far more than this are in the old GB 2312


@dataclass(frozen=True, slots=True)
class Kind:
    """What the file should be, how it is saved rightly, and how large it may be."""

    name: str
    remedy: str
    most_mb: int


def named(name: str) -> str:
    """How a sentence calls the file; `-` is standard input."""
    return "标准输入" if name == STANDARD else name


def read(name: str, kind: Kind) -> bytes:
    """One byte more than is allowed at most, so that `decode` notices and nothing larger is ever in memory."""
    most = kind.most_mb * 2**20 + 1
    if name == STANDARD:
        return sys.stdin.buffer.read(most)
    with Path(name).open("rb") as file:
        return file.read(most)


def text_of(name: str, kind: Kind) -> str:
    """Read and decoded. Raises GridbridgeError with the file's name."""
    try:
        return decode(read(name, kind), kind)[0]
    except OSError as error:
        raise unread(name, error) from error
    except GridbridgeError as error:
        raise GridbridgeError(f"{named(name)} {error}") from error


def unread(name: str, error: OSError) -> GridbridgeError:
    return GridbridgeError(f"读不了 {named(name)}（{reason_of(error)}），请检查文件名")


def decode(raw: bytes, kind: Kind, headings: Iterable[str] = ()) -> tuple[str, str]:
    """The text and the name of its encoding. Raises GridbridgeError: too large, no text, or an unknown encoding.

    Nearly any bytes can be read as GB18030, so what comes out must begin with a Chinese heading that we know, or look
    like Chinese: a file in Big5 or a damaged UTF-8 file would else be read as nonsense.
    """
    if len(raw) > kind.most_mb * 2**20:
        raise GridbridgeError(f"文件超过 {kind.most_mb} MB，请分成几个文件")
    if raw.startswith(_UTF32):
        raise GridbridgeError(f"是 UTF-32 编码，{kind.remedy}")
    for bom, codec, name in _BOMS:
        if raw.startswith(bom):
            return _whole(raw, codec, name, kind), name
    if b"\0" in raw:
        raise _no_text(kind)
    return _by_guess(raw, [heading for heading in headings if not heading.isascii()], kind)


def _whole(raw: bytes, codec: str, name: str, kind: Kind) -> str:
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError as error:
        raise GridbridgeError(f"第 {_line(error)} 行有坏字，不是完整的 {name}，{kind.remedy}") from error
    if "\0" in text:
        raise _no_text(kind)
    return text


def _by_guess(raw: bytes, headings: list[str], kind: Kind) -> tuple[str, str]:
    try:
        return raw.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as error:
        line = _line(error)
    if _damaged_utf8(raw):
        raise GridbridgeError(f"第 {line} 行有坏字，不是完整的 UTF-8，{kind.remedy}")
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    first = text.strip().partition("\n")[0]
    if not any(heading in first for heading in headings) and not _looks_chinese(text):
        raise GridbridgeError(f"认不出是什么编码（第 {line} 行），{kind.remedy}")
    return text, "GB18030"


def _line(error: UnicodeDecodeError) -> int:
    return error.object[: error.start].count(b"\n") + 1


def _no_text(kind: Kind) -> GridbridgeError:
    return GridbridgeError(f"里面有不是文字的内容，不是{kind.name}，{kind.remedy}")


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
