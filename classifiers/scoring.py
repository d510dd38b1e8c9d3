"""Words of a text -> points of the rules. Pure; built once from the rules, then read only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from classifiers.lexicon import Lexicon
from classifiers.rules import Pair, WordRule
from classifiers.verdict import Match

Span = tuple[int, int]
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
    kept = {
        word: [span for span in spans if len(word) != 2 or _fits(number, span)] for word, spans in hits.items()
    }
    return {word: spans for word, spans in kept.items() if spans}


def _fits(number: Sequence[int], span: Span) -> bool:
    """Tell whether the span lies inside one word or is made of whole words. `number` ends with -1."""
    start, end = span
    if number[start] == number[end - 1]:
        return True
    return (start == 0 or number[start - 1] != number[start]) and number[end - 1] != number[end]


class Scorer:
    """Points for many rules at once: a word leads straight to the rules that name it."""

    def __init__(self, rules: Iterable[WordRule]) -> None:
        self._by_word: dict[str, list[WordRule]] = defaultdict(list)
        for rule in rules:
            for word in set(rule.words()):
                self._by_word[word].append(rule)

    def score(self, hits: Hits) -> dict[str, Score]:
        """Return rule code -> score for the rules with a word in the text and no veto. Anchors are not asked here."""
        touched = {rule.code: rule for word in hits for rule in self._by_word.get(word, ())}
        return {code: _score(rule, hits) for code, rule in touched.items() if rule.vetoes.isdisjoint(hits)}


def _score(rule: WordRule, hits: Hits) -> Score:
    score = Score(rule.bias)
    counted: set[str] = set()
    covers = [(span, len(word)) for word in rule.keywords.keys() & hits.keys() for span in hits[word]]
    for word in sorted(rule.keywords.keys() & hits.keys()):
        canonical, weight = rule.keywords[word]
        if canonical not in counted and _free(hits[word], covers):
            counted.add(canonical)
            score.add(Match(word, rule.code, weight))
    for pair in rule.pairs:
        found = _nearest(pair, hits, covers)
        if found:
            score.add(Match("+".join(found), rule.code, pair.weight))
    return score


def _free(spans: Iterable[Span], covers: Sequence[tuple[Span, int]]) -> list[Span]:
    """Return the spans that no longer keyword of the rule covers: 红绿灯 takes the 灯 away from 路灯's rule."""
    return [
        (start, end)
        for start, end in spans
        if not any(low <= start and end <= high and size > end - start for (low, high), size in covers)
    ]


def _nearest(pair: Pair, hits: Hits, covers: Sequence[tuple[Span, int]]) -> tuple[str, str] | None:
    """Return a thing and a fault that stand near each other and do not overlap."""
    faults = list(_located(pair.faults, hits))
    if not faults:
        return None
    for thing in sorted(pair.things & hits.keys()):
        for start, end in _free(hits[thing], covers):
            for fault, (low, high) in faults:
                if (low >= end and low - end <= pair.span) or (start >= high and start - high <= pair.span):
                    return thing, fault
    return None


def _located(words: frozenset[str], hits: Hits) -> Iterator[tuple[str, Span]]:
    for word in sorted(words & hits.keys()):
        for span in hits[word]:
            yield word, span
