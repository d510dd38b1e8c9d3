"""Cutting text into words: an own jieba tokenizer over the trimmed dictionary."""

from __future__ import annotations

import io
from collections.abc import Sequence
from math import inf, log
from pathlib import Path
from typing import Final

import jieba

MAX_CUT: Final = 300  # characters; one long run of dictionary prefixes blocks jieba for tens of milliseconds

_TRIMMED = Path(__file__).with_name("lexicon") / "dict.txt"
_FULL = Path(jieba.__file__).with_name("dict.txt")


class Lexicon:
    """Word borders of a text. Immutable after loading, so any number of threads may use it."""

    def __init__(self, tokenizer: jieba.Tokenizer) -> None:
        self._tokenizer = tokenizer
        whole = log(tokenizer.total)
        # Prefixes that are no word stand in FREQ with 0 and must stay findable: no path runs over them.
        self._weight = {word: log(count) - whole if count else -inf for word, count in tokenizer.FREQ.items()}
        self._unknown = -whole

    @classmethod
    def load(cls, *, full_dictionary: bool = False) -> Lexicon:
        """Read the dictionary; nothing is written to disk, nothing global is touched.

        The words of the rules stay out of it: they would tear each other apart (又打 the 打我 of 又打我).
        """
        tokenizer = jieba.Tokenizer()
        source = (_FULL if full_dictionary else _TRIMMED).read_bytes()
        tokenizer.FREQ, tokenizer.total = _prefixes(source)
        tokenizer.initialized = True  # keeps jieba from reading its own dictionary and writing a cache file
        return cls(tokenizer)

    def cut(self, text: str) -> list[str]:
        """Return the words of the first `MAX_CUT` characters; the rest comes as single characters.

        Without jieba's guess at unknown words: it costs as much as all the rest, and only known words have borders
        that matter here.
        """
        return [*self._tokenizer.cut(text[:MAX_CUT], HMM=False), *text[MAX_CUT:]]

    def words(self, text: str, starts: Sequence[int]) -> list[str]:
        """Return the known words of two characters or more. `starts`: what `borders` says of the text."""
        edges = [place for place, start in enumerate(starts) if place == start]
        pairs = zip(edges, [*edges[1:], len(text)], strict=True)
        return [text[low:high] for low, high in pairs if high - low > 1 and text[low:high] in self._weight]

    def knows(self, word: str) -> bool:
        """Tell whether the dictionary has the word itself, not only a longer one that begins with it."""
        return self._weight.get(word, -inf) > -inf

    def borders(self, text: str) -> list[int]:
        """Return, for each character, where its word begins: the words of `cut`, found three times as fast.

        The likeliest path over the dictionary, from the end, as jieba finds it, but with the logarithms taken at load.
        """
        head, tail = text[:MAX_CUT], text[MAX_CUT:]
        size = len(head)
        weight, unknown = self._weight, self._unknown
        route, ends = [0.0] * (size + 1), [0] * size
        for start in range(size - 1, -1, -1):
            best, best_end = max(weight.get(head[start], unknown), unknown) + route[start + 1], start + 1
            end = start + 2
            while end <= size and (value := weight.get(head[start:end])) is not None:
                if value + route[end] >= best:
                    best, best_end = value + route[end], end
                end += 1
            route[start], ends[start] = best, best_end
        return [*_starts(ends), *range(size, size + len(tail))]


def _starts(ends: list[int]) -> list[int]:
    """Return the beginning of the word for each character. `ends`: where a word that begins here ends."""
    found: list[int] = []
    start = 0
    while start < len(ends):
        found += [start] * (ends[start] - start)
        start = ends[start]
    return found


def _prefixes(source: bytes) -> tuple[dict[str, int], int]:
    """Return what jieba's own reader returns: word frequencies with all prefixes at 0, and their sum."""
    frequencies: dict[str, int] = {}
    for line in io.StringIO(source.decode("utf-8")):
        word, count = line.split(" ", 2)[:2]
        frequencies[word] = int(count)
        for end in range(1, len(word)):
            frequencies.setdefault(word[:end], 0)
    return frequencies, sum(frequencies.values())
