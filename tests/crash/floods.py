"""The floods of flood.py as rows of the table."""

from __future__ import annotations

from tests.crash import flood
from tests.crash.flood import Figures
from tests.crash.table import Row


async def power_cut(url: str, short: bool) -> Row:
    return _row("one power cut, told by many in a minute", url, await flood.power_cut(url, 40 if short else 300))


async def one_sender(url: str, short: bool) -> Row:
    """In the long form 10,000 messages, 1,500 of them reports."""
    found = await (flood.one_sender(url, 40, 200) if short else flood.one_sender(url, 1500, 8500))
    return _row("one sender who does not stop", url, found)


async def million(url: str, _short: bool) -> Row:
    return _row("a message of a million characters", url, await flood.million(url))


async def broken(url: str, _short: bool) -> Row:
    return _row("broken, bidi and control characters", url, await flood.broken(url))


async def bombs(url: str, _short: bool) -> Row:
    return _row("a 50-megapixel photo and bombs", url, await flood.bombs(url))


def _row(fault: str, url: str, found: Figures) -> Row:
    wrong = {"lost": found.lost, "doubled": found.doubled, "out of order": found.out_of_order}
    return Row(
        fault=fault, database=url.partition(":")[0], messages=found.said, posts=found.told + found.heard,
        lost=found.lost, doubled=found.doubled, disorder=found.out_of_order, note=found.note,
        faults=tuple(f"{count} {name}" for name, count in wrong.items() if count),
    )  # fmt: skip
