"""What a benchmark says: one line of the table each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

HEADINGS = ("what", "ours", "peer", "ratio", "goal", "reached?")


@dataclass(frozen=True, slots=True)
class Line:
    """`reached` is None where a figure has no goal; `ratio` None where it stands beside nothing."""

    what: str
    ours: str
    peer: str = ""
    ratio: float | None = None
    goal: str = ""
    reached: bool | None = None

    def cells(self) -> tuple[str, ...]:
        times = "" if self.ratio is None else f"{self.ratio:.1f} ×"
        answer = {True: "yes", False: "NO", None: ""}[self.reached]
        return (self.what, self.ours, self.peer, times, self.goal, answer)


def show(lines: Iterable[Line]) -> None:
    table = Table(*HEADINGS)
    for line in lines:
        table.add_row(*line.cells())
    Console(width=None if Console().is_terminal else 150).print(table)


def micro(seconds: float) -> str:
    return f"{seconds * 1e6:.2f} µs"


def milli(seconds: float) -> str:
    return f"{seconds * 1e3:.2f} ms"


def rate(count: int, seconds: float) -> str:
    return f"{count / seconds:,.0f}/s"
