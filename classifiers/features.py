"""What learned weights look at: the words of a text, the words inside them, and its single characters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from classifiers.lexicon import Lexicon

_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_LATIN: Final = re.compile(r"[a-z]{2,}")
_LONGEST_INNER: Final = 3  # characters of a word inside a longer one, as jieba.cut_for_search has it


def features(plain: str, lexicon: Lexicon, starts: Sequence[int] | None = None) -> frozenset[str]:
    """Return what stands in a normalised text, each once: jieba's cut for search, single characters, Latin words.

    Single characters carry most of what short talk has (医, 校, 犬): measured, they are worth six to nine points of
    macro-F1. Digits and marks are no features; what they show is in `structure`. `starts`: the borders of its words,
    where they are known already.
    """
    found = set(_HAN.findall(plain))
    found.update(_LATIN.findall(plain))
    for word in lexicon.words(plain, lexicon.borders(plain) if starts is None else starts):
        found.add(word)
        if len(word) > 2:
            found.update(_inner(word, lexicon))
    return frozenset(found)


def _inner(word: str, lexicon: Lexicon) -> set[str]:
    sizes = range(2, min(len(word) - 1, _LONGEST_INNER) + 1)
    parts = (word[start : start + size] for size in sizes for start in range(len(word) - size + 1))
    return {part for part in parts if lexicon.knows(part)}
