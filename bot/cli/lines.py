"""Sentences or JSONL from a file or standard input, each mistake with its line number."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from bot.cli.decoded import Numbered, text_lines
from bot.errors import GridbridgeError
from bot.settings import did_you_mean

_OBJECT = re.compile(r'\{\s*"')
_SENDERS = ("resident", "worker")


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence. `id` is the one of a JSONL line, else the number of the line from 1."""

    id: str | int
    text: str
    sender: Literal["resident", "worker"] = "resident"


def read_lines(name: str) -> Iterator[Line]:
    """The lines that are not blank, as they come; `-` is standard input. Raises GridbridgeError."""
    return parse(text_lines(name))


def parse(lines: Iterable[Numbered]) -> Iterator[Line]:
    """JSONL if the first of them begins like an object, else plain sentences."""
    as_json: bool | None = None
    for where, number, text in lines:
        if as_json is None:
            as_json = _OBJECT.match(text) is not None
        yield _object(text, number, where) if as_json else Line(number, text)


def _object(text: str, number: int, where: str) -> Line:
    try:
        body: Any = json.loads(text)
    except ValueError as error:
        raise GridbridgeError(f"{where}：不是完整的 JSON（{error}），请检查这一行的引号和括号") from error
    if not isinstance(body, dict) or not isinstance(body.get("text"), str):
        raise GridbridgeError(f'{where}：缺少 "text"，每行应是 {{"id": …, "text": "…"}}')
    return Line(_id(body.get("id"), number), body["text"], _sender(body.get("sender"), where))


def _sender(given: Any, where: str) -> Literal["resident", "worker"]:
    match given:
        case None | "resident":
            return "resident"
        case "worker":
            return "worker"
    raise GridbridgeError(f'{where}："sender" 不能是 {given!r}，{did_you_mean(str(given), _SENDERS)}')


def _id(given: Any, number: int) -> str | int:
    return given if isinstance(given, str | int) and not isinstance(given, bool) else number
