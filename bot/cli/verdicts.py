"""Verdicts as JSON for programs and as tables for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from rich.table import Table
from rich.text import Text

from bot.cli.lines import Line
from bot.cli.screen import screen
from bot.cli.words import INTENTS, TIERS, URGENCIES
from classifiers.verdict import Sensitivity, Tier, Verdict

_TIER_STYLES = {Tier.CARD: "bold green", Tier.LIST: "yellow", Tier.NONE: "dim"}
_PAGE = 500  # rows of a table: it is laid out in memory, and the input may have no end
_SHOWN = 300  # characters of what was said

Row = tuple[Line, Verdict]


def print_lines(lines: Iterable[bytes]) -> None:
    """Each is written as it is known."""
    out = sys.stdout.buffer
    for line in lines:
        out.write(line)
        out.flush()


def json_line(line: Line, verdict: Verdict) -> bytes:
    """UTF-8 whatever the terminal's language is."""
    return json.dumps(as_json(line, verdict), ensure_ascii=False).encode() + b"\n"


def as_json(line: Line, verdict: Verdict) -> dict[str, Any]:
    """The public form of a verdict."""
    return {
        "id": line.id,
        "text": line.text,
        "is_case": verdict.is_case,
        "tier": verdict.tier,
        "intent": verdict.intent,
        "category": verdict.category,
        "urgency": verdict.urgency,
        "sensitive": verdict.sensitive,
        "place": verdict.place,
        "confidence": verdict.confidence,
        "matched": [match.word for match in verdict.matched],
    }


def print_table(rows: Iterable[Row], names: Mapping[str, str]) -> None:
    """`names`: of the categories. A long input comes in several tables."""
    console = screen()
    total = found = 0
    left = iter(rows)
    while (page := list(islice(left, _PAGE))) or not total:
        console.print(_table(page, names))
        total, found = total + len(page), found + sum(verdict.is_case for _, verdict in page)
        if not page:
            break
    console.print(f"共 {total} 句，其中 {found} 句当作事件。")


def _table(rows: Iterable[Row], names: Mapping[str, str]) -> Table:
    table = Table(title_justify="left", header_style="bold")
    for heading in ("原话", "结果", "类别", "缓急", "地点", "把握", "依据"):
        table.add_column(heading, overflow="fold", ratio=3 if heading in {"原话", "依据"} else None)
    for line, verdict in rows:
        table.add_row(*_cells(line, verdict, names))
    return table


def _cells(line: Line, verdict: Verdict, names: Mapping[str, str]) -> list[Text]:
    """Plain texts: what somebody wrote must not be read as rich's markup."""
    category = names[verdict.category] if verdict.category else f"（{INTENTS[verdict.intent]}）"
    hidden = "" if verdict.sensitive is Sensitivity.NONE else "（保密）"
    return [
        Text(line.text if len(line.text) <= _SHOWN else f"{line.text[:_SHOWN]}…（共 {len(line.text)} 字）"),
        Text(TIERS[verdict.tier], style=_TIER_STYLES[verdict.tier]),
        Text(category + hidden),
        Text(URGENCIES[verdict.urgency] if verdict.urgency else ""),
        Text(verdict.place or ""),
        Text(f"{verdict.confidence:.0%}" if verdict.is_case else ""),
        Text("、".join(dict.fromkeys(match.word for match in verdict.matched))),
    ]
