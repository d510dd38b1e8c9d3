"""Does a text contain any of thousands of anchors? Answered in about a microsecond for a chat message."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from operator import add


class AnchorSearch:
    """All anchors by their first two characters.

    Measured on small talk against one regular expression over the prefix tree of the same 3,300 anchors: 1.0 against
    3.7 µs. An expression tries its branches one after the other, and the anchors begin with 900 different characters;
    looking up every pair of neighbouring characters in a set costs the same however many anchors there are.
    """

    def __init__(self, words: Iterable[str]) -> None:
        """`words` have two characters or more: the rules refuse shorter anchors."""
        words_of: dict[str, list[str]] = defaultdict(list)
        for word in sorted(set(words)):
            words_of[word[:2]].append(word)
        self._words_of = {head: tuple(found) for head, found in words_of.items()}
        self._heads = frozenset(words_of)

    def __call__(self, text: str) -> bool:
        for head in self._heads.intersection(map(add, text, text[1:])):
            if any(word in text for word in self._words_of[head]):
                return True
        return False
