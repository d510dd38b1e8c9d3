"""What learned weights see of a text besides its words, as features that begin with #."""

from __future__ import annotations

from bisect import bisect
from typing import Final

from classifiers.intent import ENOUGH, Guess

_LENGTHS: Final = (6, 12, 25, 60, 150)  # characters; each step is a feature of its own


def signs(plain: str, shown: frozenset[str], guess: Guess) -> frozenset[str]:
    """Return `#place`, `#asked` … of structure.py, `#advert` … of intent.py, and `#len0` to `#len5`."""
    found = {f"#{name}" for name in shown}
    if guess.points >= ENOUGH:
        found.add(f"#{guess.intent}")
    found.add(f"#len{bisect(_LENGTHS, len(plain) - plain.count(' '))}")  # faces have become blanks
    return frozenset(found)
