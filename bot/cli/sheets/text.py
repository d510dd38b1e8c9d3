"""The bytes of a CSV file -> text, whichever program wrote it; and text -> bytes that Excel opens rightly. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bot.cli import textfile
from bot.cli.textfile import Kind
from bot.errors import GridbridgeError

CSV: Final = Kind(" CSV", "请另存为“CSV UTF-8（逗号分隔）”再试", most_mb=20)
ENCODINGS: Final = {"utf-8": "utf-8-sig", "gb18030": "gb18030"}
"""What an export may be written in: the name on the command line -> the codec. Excel knows UTF-8 by its BOM."""

_WORKBOOKS: Final = ((b"PK\x03\x04", "这是 Excel 工作簿"), (b"\xd0\xcf\x11\xe0", "这是旧版 Excel 工作簿"))


def decode(raw: bytes, headings: Iterable[str] = ()) -> tuple[str, str]:
    """The text and the name of its encoding; `headings` tell a short table in GB18030. Raises GridbridgeError."""
    for magic, what in _WORKBOOKS:
        if raw.startswith(magic):
            raise GridbridgeError(f"{what}，不是 CSV，{CSV.remedy}")
    return textfile.decode(raw, CSV, headings)


def encode(text: str, encoding: str) -> bytes:
    """`encoding` is one of ENCODINGS."""
    return text.encode(ENCODINGS[encoding])
