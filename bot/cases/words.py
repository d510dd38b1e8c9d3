"""The words of a case as they grow: what is said twice stands there once, and there is an end to it. Pure."""

from __future__ import annotations

from typing import Final

MOST: Final = 4000  # characters; each further word stays in the case's history
MOST_PHOTOS: Final = 36
MORE: Final = "\n……（话太多，后面的在详情里）"


def joined(known: str, more: str) -> str:
    """`known` with the lines of `more` that do not stand there yet."""
    if len(known) >= MOST:
        return known
    there = set(known.splitlines())
    fresh = (line for line in dict.fromkeys(more.strip().splitlines()) if line.strip() and line not in there)
    whole = "\n".join(filter(None, (known, *fresh)))
    return whole if len(whole) <= MOST else whole[: MOST - len(MORE)] + MORE


def gathered(known: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    """Photos, each once; those beyond the limit are named in the history alone."""
    return tuple(dict.fromkeys((*known, *more)))[: max(MOST_PHOTOS, len(known))]
