"""Choosing anchors: the words that open the gate for most reports and for least small talk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from classifiers.anchors import AnchorSearch
from classifiers.rules import ANCHOR_LENGTH

_LEAST: Final = 2  # reports a word must open the gate for


@dataclass(frozen=True, slots=True)
class Opener:
    """An anchor, how many reports it opens the gate for that had none, and how much small talk."""

    word: str
    reports: int
    talk: int


def choose_openers(
    reports: Sequence[tuple[str, frozenset[str]]],
    talk: Sequence[str],
    anchors: Iterable[str],
    *,
    share: float,
    worth: float,
) -> list[Opener]:
    """Take the best word again and again.

    `reports`: normalised texts with their words; `talk`: normalised small talk. Stops when more than `share` of the
    small talk would pass, or when no word brings `worth` reports for each sentence of small talk.
    """
    passes = AnchorSearch(anchors)
    closed = [(text, words) for text, words in reports if not passes(text)]
    silent = [text for text in talk if not passes(text)]
    room = share * len(talk) - (len(talk) - len(silent))
    uses = {word: _Use(_holding(word, (text for text, _ in closed)), _holding(word, silent)) for word in _often(closed)}
    found: list[Opener] = []
    while (best := _best(uses, worth)) is not None and best.talk <= room:
        found.append(best)
        room -= best.talk
        taken = uses.pop(best.word)
        for use in uses.values():
            use.reports -= taken.reports
            use.talk -= taken.talk
    return found


@dataclass(slots=True)
class _Use:
    """Which reports and which small talk hold a word and still have no anchor."""

    reports: set[int]
    talk: set[int]


def _often(closed: Sequence[tuple[str, frozenset[str]]]) -> list[str]:
    words = Counter(word for _, words in closed for word in words if len(word) >= ANCHOR_LENGTH and word[0] != "#")
    return sorted(word for word, count in words.items() if count >= _LEAST)


def _holding(word: str, texts: Iterable[str]) -> set[int]:
    return {number for number, text in enumerate(texts) if word in text}


def _best(uses: Mapping[str, _Use], worth: float) -> Opener | None:
    worthy = (
        (len(use.reports) / (len(use.talk) + 1), word) for word, use in uses.items() if len(use.reports) >= _LEAST
    )
    value, word = max(worthy, default=(0.0, ""))
    return Opener(word, len(uses[word].reports), len(uses[word].talk)) if word and value >= worth else None
