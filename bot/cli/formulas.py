"""Cells of a file for spreadsheets, which run what begins like a formula and cut at a leading tab."""

from __future__ import annotations

from typing import Final

_STARTS: Final = frozenset("=+-@＝＋－＠")
_CUTS: Final = frozenset("\t\r\n")


def armed(text: str) -> str:
    """A cell that a spreadsheet would run gets an apostrophe, which `armless` takes off."""
    return f"'{text}" if _runs(text) or _armed(text) else text


def armless(text: str) -> str:
    return text[1:] if _armed(text) else text


def _armed(text: str) -> bool:
    return text.startswith("'") and (_runs(text[1:]) or text[1:].startswith("'"))


def _runs(text: str) -> bool:
    plain = text.strip()
    return bool(plain) and (plain[0] in _STARTS or text[0] in _CUTS)
