"""Cutting text into words: an own jieba tokenizer over the trimmed dictionary and the words of the rules."""

from __future__ import annotations

import io
from collections.abc import Iterable
from math import exp, log
from pathlib import Path
from typing import Final

import jieba

MAX_CUT: Final = 300  # characters; one long run of dictionary prefixes blocks jieba for tens of milliseconds

_TRIMMED = Path(__file__).with_name("lexicon") / "dict.txt"
_FULL = Path(jieba.__file__).with_name("dict.txt")
_LONGEST_OWN_WORD = 4


class Lexicon:
    """Word borders of a text. Immutable after loading, so any number of threads may use it."""

    def __init__(self, tokenizer: jieba.Tokenizer) -> None:
        self._tokenizer = tokenizer

    @classmethod
    def load(cls, words: Iterable[str] = (), *, full_dictionary: bool = False) -> Lexicon:
        """Read the dictionary and add `words`; nothing is written to disk, nothing global is touched."""
        tokenizer = jieba.Tokenizer()
        source = (_FULL if full_dictionary else _TRIMMED).read_bytes()
        tokenizer.FREQ, tokenizer.total = _prefixes(source)
        tokenizer.initialized = True  # keeps jieba from reading its own dictionary and writing a cache file
        for word in sorted(set(words), key=lambda word: (len(word), word)):
            _add(tokenizer, word)
        return cls(tokenizer)

    def cut(self, text: str) -> list[str]:
        """Return the words of the first `MAX_CUT` characters; the rest comes as single characters."""
        return [*self._tokenizer.cut(text[:MAX_CUT]), *text[MAX_CUT:]]

    def borders(self, text: str) -> list[int]:
        """Return, for each character, the number of the word it belongs to."""
        return [number for number, word in enumerate(self.cut(text)) for _ in word]


def _prefixes(source: bytes) -> tuple[dict[str, int], int]:
    """Return what jieba's own reader returns: word frequencies with all prefixes at 0, and their sum."""
    frequencies: dict[str, int] = {}
    for line in io.StringIO(source.decode("utf-8")):
        word, count = line.split(" ", 2)[:2]
        frequencies[word] = int(count)
        for end in range(1, len(word)):
            frequencies.setdefault(word[:end], 0)
    return frequencies, sum(frequencies.values())


def _add(tokenizer: jieba.Tokenizer, word: str) -> None:
    """Make `word` just likely enough to be cut as one, unless the dictionary knows it already."""
    frequencies = tokenizer.FREQ
    if frequencies.get(word) or not 1 < len(word) <= _LONGEST_OWN_WORD:
        return
    weight = sum(log((frequencies.get(part) or 1) / tokenizer.total) for part in tokenizer.cut(word, HMM=False))
    count = int(exp(weight) * tokenizer.total) + 1
    frequencies[word] = count
    tokenizer.total += count
    for end in range(1, len(word)):
        frequencies.setdefault(word[:end], 0)
