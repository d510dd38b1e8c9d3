"""Lines of a text file in the encodings people's editors write: UTF-8, UTF-16 with its mark, GB18030 (GBK)."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from bot.cli.outfile import STANDARD
from bot.cli.textfile import named, unread
from bot.errors import GridbridgeError

LONGEST = 4 * 2**20  # bytes: a line of a million characters is read, a file without line ends is not swallowed whole
_UTF8, _CHINESE = "utf-8", "gb18030"
_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

Numbered = tuple[str, int, str]
"""Where it stands (for messages), the line's number from 1, its text."""


def text_lines(name: str) -> Iterator[Numbered]:
    """The lines that are not blank, as they come; `-` is standard input. Raises GridbridgeError."""
    shown = named(name)
    with ExitStack() as stack:
        try:
            stream: IO[bytes] = sys.stdin.buffer if name == STANDARD else stack.enter_context(Path(name).open("rb"))
            yield from _lines(stream, shown)
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            raise unread(name, error) from error


def _lines(stream: IO[bytes], shown: str) -> Iterator[Numbered]:
    if _head(stream).startswith(_UTF16):
        yield from _utf16(stream, shown)
        return
    encoding = _encoding_of(stream) if stream.seekable() else None
    number = 0
    while piece := stream.readline(LONGEST + 1):
        number += 1
        where = f"{shown} 第 {number} 行"
        if len(piece) > LONGEST:
            raise _too_long(where)
        if encoding is None and not piece.isascii():
            encoding = _UTF8 if _is(piece, _UTF8) else _CHINESE
        text = _decoded(piece, encoding or _UTF8, where)
        if text:
            yield where, number, text


def _head(stream: IO[bytes]) -> bytes:
    return stream.peek(2)[:2] if isinstance(stream, io.BufferedReader) else b""


def _encoding_of(stream: IO[bytes]) -> str:
    """Of the whole file: GB18030 only where it explains more lines than UTF-8 does.

    A UTF-8 file with one broken line often reads as Chinese gibberish too; it is refused at that line instead.
    """
    start, fits, breaks = stream.tell(), 0, 0
    while piece := stream.readline(LONGEST + 1):
        if piece.isascii():
            continue
        if _is(piece, _UTF8):
            fits += 1
        elif _is(piece, _CHINESE):
            breaks += 1
        else:
            fits = sys.maxsize  # neither: the reading will say where
            break
    stream.seek(start)
    return _CHINESE if breaks > fits else _UTF8


def _is(piece: bytes, encoding: str) -> bool:
    try:
        piece.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _decoded(piece: bytes, encoding: str, where: str) -> str:
    try:
        return piece.removeprefix(_BOM).decode(encoding).strip()
    except UnicodeDecodeError as error:
        raise _unreadable(where) from error


def _utf16(stream: IO[bytes], shown: str) -> Iterator[Numbered]:
    """Line by line, each cut at its own line end; the mark at the beginning tells the order of bytes."""
    text = io.TextIOWrapper(stream, encoding="utf-16", newline="\n")
    number = 0
    try:
        while line := text.readline(LONGEST + 1):
            number += 1
            where = f"{shown} 第 {number} 行"
            if len(line) > LONGEST:
                raise _too_long(where)
            if line.strip():
                yield where, number, line.strip()
    except UnicodeError as error:
        raise _unreadable(f"{shown} 第 {number + 1} 行") from error
    finally:
        text.detach()  # the stream is closed by who opened it


def _unreadable(where: str) -> GridbridgeError:
    return GridbridgeError(f"{where}：不是 UTF-8 编码，也不是 GBK，请另存为 UTF-8 再试")


def _too_long(where: str) -> GridbridgeError:
    return GridbridgeError(f"{where}：一行超过 {LONGEST // 2**20} MB，请检查是不是选错了文件")
