"""Lines of text or JSONL from a file or standard input, each mistake with its line number."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bot.errors import GridbridgeError
from bot.settings import reason_of

_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence. `id` is the one of a JSONL line, else the number of the line from 1."""

    id: str | int
    text: str
    sender: Literal["resident", "worker"] = "resident"


def read_lines(name: str) -> Iterator[Line]:
    """The lines that are not blank, as they come; `-` is standard input. Raises GridbridgeError."""
    with ExitStack() as stack:
        try:
            stream = sys.stdin.buffer if name == "-" else stack.enter_context(Path(name).open("rb"))
            yield from parse(stream, "标准输入" if name == "-" else name)
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            raise GridbridgeError(f"读不了 {name}（{reason_of(error)}），请检查文件名") from error


def parse(raw: Iterable[bytes], name: str) -> Iterator[Line]:
    """Decode and read lines: JSONL if the first of them is an object with a text, else plain sentences."""
    as_json: bool | None = None
    for number, piece in enumerate(raw, 1):
        where = f"{name} 第 {number} 行"
        text = _decoded(piece.removeprefix(_BOM) if number == 1 else piece, where)
        if not text:
            continue
        if as_json is None:
            as_json = text.startswith("{") and _has_text(text)
        yield _object(text, number, where) if as_json else Line(number, text)


def _decoded(piece: bytes, where: str) -> str:
    remedy = "请另存为 UTF-8 再试"
    if piece.startswith(_UTF16):
        raise GridbridgeError(f"{where}：是 UTF-16 编码，{remedy}")
    try:
        return piece.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise GridbridgeError(f"{where}：不是 UTF-8 编码，{remedy}") from error


def _has_text(text: str) -> bool:
    try:
        return "text" in json.loads(text)
    except ValueError:
        return False


def _object(text: str, number: int, where: str) -> Line:
    try:
        body: Any = json.loads(text)
    except ValueError as error:
        raise GridbridgeError(f"{where}：不是完整的 JSON（{error}）") from error
    if not isinstance(body, dict) or not isinstance(body.get("text"), str):
        raise GridbridgeError(f'{where}：缺少 "text"，每行应是 {{"id": …, "text": "…"}}')
    return Line(_id(body.get("id"), number), body["text"], "worker" if body.get("sender") == "worker" else "resident")


def _id(given: Any, number: int) -> str | int:
    return given if isinstance(given, str | int) and not isinstance(given, bool) else number
