"""The text of a file, in whichever of the usual encodings it was saved."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path

from bot.errors import GridbridgeError
from bot.settings import reason_of

MOST_BYTES = 512 * 2**20
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_STDIN = "标准输入"


def read_bytes(name: str) -> bytes:
    """The whole file; `-` is standard input. Raises GridbridgeError: not there, not readable, too large."""
    try:
        if name == "-":
            raw = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with Path(name).open("rb") as file:
                raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise GridbridgeError(f"读不了 {name}（{reason_of(error)}），请检查文件名") from error
    if len(raw) > MOST_BYTES:
        raise GridbridgeError(f"{shown(name)} 超过 {MOST_BYTES // 2**20} MB，请分成几份再试")
    return raw


def shown(name: str) -> str:
    """How a message names the file."""
    return _STDIN if name == "-" else name


def decoded(raw: bytes, name: str) -> str:
    """UTF-8 with or without its mark, UTF-16 with its mark, else GB18030 (GBK, what Windows saves in China).

    Raises GridbridgeError for anything else; a text without its mark that is no UTF-8 must be GB18030 as a whole.
    """
    encoding = next((encoding for mark, encoding in _MARKS if raw.startswith(mark)), "")
    for candidate in (encoding,) if encoding else ("utf-8", "gb18030"):
        try:
            text = raw.decode(candidate)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise GridbridgeError(f"{shown(name)}：看不出是什么编码，请另存为 UTF-8 再试")
