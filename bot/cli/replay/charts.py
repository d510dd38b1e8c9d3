"""Bars without a script and without anything from outside, readable on paper and by a screen reader. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_HEIGHT, _FOOT, _SIDE = 200.0, 24.0, 36.0
_NARROW, _WIDE, _A_DAY = 300.0, 720.0, 44.0  # few days fit on a phone and stay slim on a desktop
_READABLE = 560.0  # pixels; drawn smaller, the labels of many days cannot be read
_GAP = 0.25  # of the room a column has
_LABELS = 12  # of the days, at most


@dataclass(frozen=True, slots=True)
class Column:
    """One day; `parts` are stacked from below, in the order of the series."""

    label: str
    parts: tuple[int, ...]


def columns(title: str, series: Sequence[tuple[str, str]], days: Sequence[Column]) -> str:
    """Stacked columns. `series`: (name, CSS class) of each part."""
    most = max((sum(day.parts) for day in days), default=0)
    top = _round_up(most)
    wide = min(_WIDE, max(_NARROW, _SIDE + _A_DAY * len(days)))
    room = (wide - _SIDE) / max(1, len(days))
    bars = "".join(_column(day, number, room, top, series) for number, day in enumerate(days))
    step = -(-len(days) // _LABELS)
    names = "".join(
        f'<text class="tick" x="{_SIDE + room * (number + 0.5):.1f}" y="{_HEIGHT - 6:.0f}">{escape(day.label)}</text>'
        for number, day in enumerate(days)
        if number % step == 0
    )
    return _svg(title, f"{_grid(top, wide)}{bars}{names}", wide)


def _column(day: Column, number: int, room: float, top: int, series: Sequence[tuple[str, str]]) -> str:
    base, scale = _HEIGHT - _FOOT, (_HEIGHT - _FOOT - 12) / top
    left, width = _SIDE + room * (number + _GAP / 2), max(1.0, room * (1 - _GAP))
    drawn = []
    for (name, style), value in zip(series, day.parts, strict=True):
        if value:
            base -= value * scale
            tip = f"<title>{escape(day.label)} {escape(name)} {value}</title>"
            box = f'x="{left:.1f}" y="{base:.1f}" width="{width:.1f}" height="{value * scale:.1f}"'
            drawn.append(f'<rect class="{style}" {box}>{tip}</rect>')
    return "".join(drawn)


def _grid(top: int, wide: float) -> str:
    floor, ceiling = _HEIGHT - _FOOT, 12.0
    lines = []
    for value, y in ((0, floor), (top, ceiling)):
        lines.append(f'<line class="grid" x1="{_SIDE:.0f}" x2="{wide:.0f}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(f'<text class="scale" x="{_SIDE - 6:.0f}" y="{y + 4:.1f}">{value}</text>')
    return "".join(lines)


def _round_up(most: int) -> int:
    """What stands at the top of the scale: 1, 2, 5, 10, 20, 50 and so on."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if most <= factor * step:
                return factor * step
        step *= 10


def rows(title: str, values: Sequence[tuple[str, int]], style: str) -> str:
    """One bar a row between its name and its number: as HTML, so that the words keep their size on a phone."""
    most = max((number for _, number in values), default=1) or 1
    drawn = (
        f'<li><span>{escape(name)}</span><i class="{style}" style="width:{number / most:.1%}"></i>'
        f"<em>{number}</em></li>"
        for name, number in values
    )
    return f'<ol class="bars" aria-label="{escape(title)}">{"".join(drawn)}</ol>'


def _svg(title: str, inside: str, wide: float) -> str:
    size = f"min-width:{min(wide, _READABLE):.0f}px;max-width:{wide * 1.5:.0f}px"
    box = f'viewBox="0 0 {wide:.0f} {_HEIGHT:.0f}" style="{size}"'
    return f'<div class="wide"><svg role="img" aria-label="{escape(title)}" {box}>{inside}</svg></div>'
