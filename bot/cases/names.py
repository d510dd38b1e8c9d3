"""Which of several named things does a text mean? Used for areas, units and people."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

SHORTEST: Final = 2  # characters a part of a name must have to mean it

Named = Iterable[tuple[str, int]]


def plain(text: str) -> str:
    """One form for comparing names: width, case and spaces do not matter."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def meant(text: str, named: Named) -> tuple[int, ...]:
    """Ids of what `text` names: by the whole name, else by a part of it (「供电」), else by a name inside the text."""
    wanted = plain(text)
    pairs = [(plain(name), ident) for name, ident in named if name]
    exact = tuple(dict.fromkeys(ident for name, ident in pairs if name == wanted))
    if exact or len(wanted) < SHORTEST:
        return exact
    part = tuple(dict.fromkeys(ident for name, ident in pairs if wanted in name))
    return part or mentioned(text, pairs)


def mentioned(text: str, named: Named) -> tuple[int, ...]:
    """Ids whose name stands in the text; where one name lies inside another (东关, 东关街), only the longer counts."""
    where = plain(text)
    found = [(plain(name), ident) for name, ident in named if len(plain(name)) >= SHORTEST and plain(name) in where]
    longest = [
        ident for name, ident in found if not any(name != other and name in other for other, _ in found)
    ]  # fmt: skip
    return tuple(dict.fromkeys(longest))
