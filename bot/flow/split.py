"""Long texts cut into what a platform takes, at line ends where possible, never inside a character (pitfall 21)."""

from __future__ import annotations

from bot.ports import Capabilities


def split(text: str, can: Capabilities) -> list[str]:
    """At least one piece; each at most `max_text` in the platform's own unit."""
    pieces: list[str] = []
    rest = text
    while _size(rest, can.text_unit) > can.max_text:
        end = _longest(rest, can)
        cut = rest.rfind("\n", 0, end)
        end = cut if cut > end // 2 else end
        pieces.append(rest[:end].rstrip("\n"))
        rest = rest[end:].lstrip("\n")
    return [*pieces, rest]


def _size(text: str, unit: str) -> int:
    if unit == "bytes":
        return len(text.encode())
    return len(text.encode("utf-16-le")) // 2 if unit == "utf16" else len(text)


def _longest(text: str, can: Capabilities) -> int:
    """How many characters from the start still fit."""
    low, high = 1, min(len(text), can.max_text)
    while low < high:
        middle = (low + high + 1) // 2
        if _size(text[:middle], can.text_unit) <= can.max_text:
            low = middle
        else:
            high = middle - 1
    return low
