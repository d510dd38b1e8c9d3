"""CSV files on disk and on the standard streams."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.cli.outfile import STANDARD, outfile
from bot.cli.sheets.columns import Column
from bot.cli.sheets.table import Table, read_table
from bot.cli.sheets.text import MAX_MB, decode
from bot.errors import GridbridgeError
from bot.settings import reason_of


def named(name: str) -> str:
    """How a sentence calls the file we read."""
    return "标准输入" if name == STANDARD else name


def load(name: str, columns: tuple[Column, ...]) -> tuple[Table, str]:
    """The table and its encoding; `-` is standard input. Raises GridbridgeError with the file's name."""
    shown = named(name)
    try:
        text, encoding = decode(_read(name), (word for column in columns for word in column.names))
        return read_table(text, columns), encoding
    except OSError as error:
        raise GridbridgeError(f"读不了 {shown}（{reason_of(error)}），请检查文件名") from error
    except GridbridgeError as error:
        raise GridbridgeError(f"{shown} {error}") from error


def _read(name: str) -> bytes:
    """One byte more than is allowed, so that the ceiling is noticed and nothing larger is ever in memory."""
    most = MAX_MB * 2**20 + 1
    if name == STANDARD:
        return sys.stdin.buffer.read(most)
    with Path(name).open("rb") as file:
        return file.read(most)


def save(name: str, content: bytes) -> None:
    """Whole or not at all, for its owner's eyes only: it may hold names and phones. Raises GridbridgeError."""
    with outfile(name) as out:
        out.write(content)
