"""Words of a text -> points of the rules. Pure; built once from the rules, then read only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from classifiers.lexicon import Lexicon
from classifiers.rules import WordRule
from classifiers.verdict import Match

Span = tuple[int, int]
_Key = tuple[str, int]  # code of a rule, number of its pair
_Entry = TypeVar("_Entry", bound=Hashable)
Hits = Mapping[str, Sequence[Span]]


@dataclass(slots=True)
class Score:
    """Points of one rule and the words that gave them."""

    points: float = 0.0
    matches: list[Match] = field(default_factory=list)

    def add(self, match: Match) -> None:
        self.points += match.weight
        self.matches.append(match)


class WordFinder:
    """Finds all rule words of a text, overlapping ones too."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)
        lengths: dict[str, set[int]] = defaultdict(set)
        for word in self._words:
            lengths[word[0]].add(len(word))
        self._lengths = {head: tuple(sorted(sizes)) for head, sizes in lengths.items()}

    def find(self, text: str) -> dict[str, list[Span]]:
        """Return word -> where it stands in the text."""
        found: dict[str, list[Span]] = {}
        for start, head in enumerate(text):
            for size in self._lengths.get(head, ()):
                word = text[start : start + size]
                if len(word) == size and word in self._words:
                    found.setdefault(word, []).append((start, start + size))
        return found


def whole_words(hits: Hits, text: str, lexicon: Lexicon) -> dict[str, list[Span]]:
    """Drop two-character hits that stand across the border of a word (水管 in 下水|管理); longer ones are safe."""
    if not any(len(word) == 2 for word in hits):
        return {word: list(spans) for word, spans in hits.items()}
    number = [*lexicon.borders(text), -1]
    kept = {word: [span for span in spans if len(word) != 2 or _fits(number, span)] for word, spans in hits.items()}
    return {word: spans for word, spans in kept.items() if spans}


def _fits(number: Sequence[int], span: Span) -> bool:
    """Tell whether the span lies inside one word or is made of whole words. `number` ends with -1."""
    start, end = span
    if number[start] == number[end - 1]:
        return True
    return (start == 0 or number[start - 1] != number[start]) and number[end - 1] != number[end]


class Scorer:
    """Points for many rules at once: a word leads straight to the rules and pairs that name it."""

    def __init__(self, rules: Iterable[WordRule]) -> None:
        self._rules = {rule.code: rule for rule in rules}
        self._keywords: dict[str, list[WordRule]] = defaultdict(list)
        self._things: dict[str, list[_Key]] = defaultdict(list)
        self._faults: dict[str, list[_Key]] = defaultdict(list)
        for rule in self._rules.values():
            _index(self._keywords, rule.keywords, rule)
            for number, pair in enumerate(rule.pairs):
                _index(self._things, pair.things, (rule.code, number))
                _index(self._faults, pair.faults, (rule.code, number))

    def score(self, hits: Hits) -> dict[str, Score]:
        """Return rule code -> score for the rules with a word in the text and no veto. Anchors are not asked here."""
        words = _grouped(self._keywords, hits)
        things, faults = _grouped(self._things, hits), _grouped(self._faults, hits)
        found: dict[str, Score] = {}
        covers: dict[str, list[Span]] = {}
        for rule in sorted(words, key=lambda rule: rule.code):
            covers[rule.code] = [span for word in words[rule] if len(word) > 1 for span in hits[word]]
            found[rule.code] = _keyword_score(rule, words[rule], covers[rule.code], hits)
        for code, number in sorted(things.keys() & faults.keys()):
            rule = self._rules[code]
            near = _nearest(
                rule.pairs[number].span, things[code, number], faults[code, number], covers.get(code, []), hits
            )
            if near:
                found.setdefault(code, Score(rule.bias)).add(Match("+".join(near), code, rule.pairs[number].weight))
        return {code: score for code, score in found.items() if self._rules[code].vetoes.isdisjoint(hits)}


def _index(index: dict[str, list[_Entry]], words: Iterable[str], entry: _Entry) -> None:
    for word in words:
        index[word].append(entry)


def _grouped(index: Mapping[str, list[_Entry]], hits: Hits) -> dict[_Entry, list[str]]:
    """Return what the words of a text lead to, each with its words in a fixed order."""
    found: dict[_Entry, list[str]] = {}
    for word in sorted(hits):
        for entry in index.get(word, ()):
            found.setdefault(entry, []).append(word)
    return found


def _keyword_score(rule: WordRule, words: Sequence[str], covers: Sequence[Span], hits: Hits) -> Score:
    score = Score(rule.bias)
    counted: set[str] = set()
    for word in words:
        canonical, weight = rule.keywords[word]
        if canonical not in counted and _free(hits[word], covers):
            counted.add(canonical)
            score.add(Match(word, rule.code, weight))
    return score


def _free(spans: Iterable[Span], covers: Sequence[Span]) -> list[Span]:
    """Return the spans that no longer keyword of the rule covers: 红绿灯 takes the 灯 away from 路灯's rule."""
    return [
        (start, end)
        for start, end in spans
        if not any(low <= start and end <= high and high - low > end - start for low, high in covers)
    ]


def _nearest(
    reach: int, things: Sequence[str], faults: Sequence[str], covers: Sequence[Span], hits: Hits
) -> tuple[str, str] | None:
    """Return the first thing and fault that stand within reach and do not overlap."""
    for thing in things:
        for start, end in _free(hits[thing], covers):
            for fault in faults:
                if any(0 <= low - end <= reach or 0 <= start - high <= reach for low, high in hits[fault]):
                    return thing, fault
    return None
