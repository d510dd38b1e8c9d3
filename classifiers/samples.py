"""Labelled sentences from files: JSON lines, or CSV with a heading."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Sender = Literal["resident", "worker"]


class SampleError(ValueError):
    """A file of labelled sentences is wrong. The text names file, line and remedy, in Chinese."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A sentence and what is known of it; None: not said. `label`: the value of a column that was asked for."""

    text: str
    sender: Sender = "resident"
    is_case: bool | None = None
    intent: str | None = None
    category: str | None = None
    also_ok: frozenset[str] = frozenset()
    urgency: str | None = None
    place: str | None = None
    tags: frozenset[str] = frozenset()
    label: str | None = None
    source: str = ""


def read_samples(path: Path, *, is_case: bool | None = None, label: str | None = None) -> list[Sample]:
    """Read a file. `is_case`: of all its rows, where they do not say it. `label`: the column to learn.

    `tags.jsonl` beside a JSON-lines file names the slices of its rows. Raises SampleError.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = _table(lines) if path.suffix.lower() == ".csv" else _objects(path, lines)
            return [_sample(path, number, row, is_case=is_case, label=label) for number, row in rows]
    except OSError as error:
        raise SampleError(f"{path.name}：打不开（{error.strerror}），请检查路径") from error
    except UnicodeDecodeError as error:
        raise SampleError(f"{path.name}：不是 UTF-8 编码，请另存为 UTF-8") from error


def _table(lines: Iterable[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    yield from enumerate(csv.DictReader(lines), 2)


def _objects(path: Path, lines: Iterable[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    beside = path.with_name("tags.jsonl")
    tags = {row["id"]: row["tags"] for _, row in _parsed(beside)} if beside.exists() else {}
    for number, row in _parsed(path, lines):
        yield number, {**row, "tags": tags.get(row.get("id"), row.get("tags") or ())}


def _parsed(path: Path, lines: Iterable[str] | None = None) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(lines or path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict):
            raise SampleError(f"{path.name} 第 {number} 行：不是一个 JSON 对象，请每行写一个 {{…}}")
        yield number, row


def _sample(path: Path, number: int, row: Mapping[str, Any], *, is_case: bool | None, label: str | None) -> Sample:
    text = row.get("text")
    if not isinstance(text, str):
        raise SampleError(f"{path.name} 第 {number} 行：没有 text 这一列，请在里面写原话")
    if label is not None and label not in row:
        raise SampleError(f"{path.name} 第 {number} 行：没有 {label} 这一列，有的是 {'、'.join(map(str, row))}")
    known = row.get("is_case", is_case)
    return Sample(
        text=text,
        sender="worker" if row.get("sender") == "worker" else "resident",
        is_case=None if known is None else bool(known),
        intent=row.get("intent") or None,
        category=row.get("category") or None,
        also_ok=frozenset(row.get("also_ok") or ()),
        urgency=row.get("urgency") or None,
        place=row.get("place") or None,
        tags=frozenset(row.get("tags") or ()),
        label=(row.get(label) or None) if label else None,
        source=path.name,
    )
