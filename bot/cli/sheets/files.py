"""CSV files on disk and on the standard streams."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from bot.cli.sheets.columns import Column
from bot.cli.sheets.table import Table, read_table
from bot.cli.sheets.text import MAX_MB, decode
from bot.errors import GridbridgeError
from bot.settings import reason_of

STANDARD = "-"


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
    if name == STANDARD:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    path = Path(name)
    try:
        _replace(path, content)
    except OSError as error:
        raise GridbridgeError(f"写不了 {path}（{reason_of(error)}），请检查文件夹、权限和磁盘空间") from error


def _replace(path: Path, content: bytes) -> None:
    if path.exists() and not path.is_file():  # a pipe, a device: it must stay what it is; a folder refuses
        path.write_bytes(content)
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # readable for its owner only
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
