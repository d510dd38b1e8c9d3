"""Words of a text -> points of the rules. Pure; built once from the rules, then read only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from classifiers.rules import WordRule
from classifiers.verdict import Match

Span = tuple[int, int]
Hits = Mapping[str, Sequence[Span]]


@dataclass(slots=True)
class Score:
    """Points of one rule, the heaviest match, and the words that gave them."""

    points: float = 0.0
    heaviest: float = 0.0
    parts: list[tuple[str, float]] = field(default_factory=list)

    def add(self, word: str, weight: float) -> None:
        self.points += weight
        self.parts.append((word, weight))
        if weight > self.heaviest:  # noqa: PLR1730  # a call of max() for each word of each rule is felt
            self.heaviest = weight

    def matches(self, rule: str) -> list[Match]:
        return [Match(word, rule, weight) for word, weight in self.parts]


class WordFinder:
    """Finds all rule words of a text, overlapping ones too."""

    def __init__(self, words: Iterable[str]) -> None:
        known = frozenset(words)
        longer: dict[str, list[str]] = defaultdict(list)
        self._single = frozenset(word for word in known if len(word) == 1)
        for word in sorted(known - self._single):
            longer[word[:2]].append(word)
        self._longer = {head: tuple(found) for head, found in longer.items()}

    def find(self, text: str) -> dict[str, list[Span]]:
        """Return word -> where it stands in the text."""
        found: dict[str, list[Span]] = {}
        longer, single = self._longer, self._single
        for start, char in enumerate(text):
            if char in single:
                found.setdefault(char, []).append((start, start + 1))
            for word in longer.get(text[start : start + 2], ()):
                if text.startswith(word, start):
                    found.setdefault(word, []).append((start, start + len(word)))
        return found


def whole_words(hits: Hits, starts: Sequence[int]) -> dict[str, Sequence[Span]]:
    """Drop two-character hits that stand across the border of a word (水管 in 下水|管理); longer ones are safe.

    `starts`: for each character of the text where its word begins (Lexicon.borders).
    """
    number = [*starts, -1]
    kept = {word: spans if len(word) != 2 else _fitting(number, spans) for word, spans in hits.items()}
    return {word: spans for word, spans in kept.items() if spans}


def _fitting(number: Sequence[int], spans: Sequence[Span]) -> Sequence[Span]:
    """Return the spans that lie inside one word or are made of whole words. `number` ends with -1."""
    return [
        (start, end)
        for start, end in spans
        if number[start] == number[end - 1]
        or ((start == 0 or number[start - 1] != number[start]) and number[end - 1] != number[end])
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Use:
    """What one word does in one rule. `covers`: longer keywords of the rule that contain it and count instead.

    `canonical`: the word it stands for if that has several spellings, else empty: then it cannot come twice.
    """

    code: str
    canonical: str
    weight: float
    covers: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """A pair of a rule. `covers`: longer words that speak against the rule and take a word away (没着火 the 着火)."""

    code: str
    number: int
    bias: float
    weight: float
    span: int
    covers: Mapping[str, tuple[str, ...]]


class Scorer:
    """Points for many rules in one pass: a word leads straight to the rules and pairs that name it."""

    def __init__(self, rules: Iterable[WordRule]) -> None:
        self._uses: dict[str, list[_Use]] = defaultdict(list)
        self._things: dict[str, list[_Pair]] = defaultdict(list)
        self._faults: dict[str, list[_Pair]] = defaultdict(list)
        self._bias: dict[str, float] = {}
        self._vetoes: dict[str, list[str]] = defaultdict(list)
        for rule in rules:
            self._add(rule)

    def _add(self, rule: WordRule) -> None:
        self._bias[rule.code] = rule.bias
        contained = _Contained(rule.keywords)
        other = _Contained(word for word, (_, weight) in rule.keywords.items() if weight < 0)
        spellings = Counter(canonical for canonical, _ in rule.keywords.values())
        for word, (canonical, weight) in rule.keywords.items():
            several = canonical if spellings[canonical] > 1 else ""
            self._uses[word].append(_Use(rule.code, several, weight, contained.in_longer(word)))
        for word in rule.vetoes:
            self._vetoes[word].append(rule.code)
        for number, pair in enumerate(rule.pairs):
            covers = {word: other.in_longer(word) for word in pair.things | pair.faults}
            made = _Pair(rule.code, number, rule.bias, pair.weight, pair.span, covers)
            for word in pair.things:
                self._things[word].append(made)
            for word in pair.faults:
                self._faults[word].append(made)

    def score(self, hits: Hits) -> dict[str, Score]:
        """Return rule code -> score for the rules with a word in the text and no veto. Anchors are not asked here."""
        found: dict[str, Score] = {}
        self._score_words(hits, found)
        self._score_pairs(hits, found)
        for word in hits:
            for code in self._vetoes.get(word, ()):
                found.pop(code, None)
        return found

    def _score_words(self, hits: Hits, found: dict[str, Score]) -> None:
        counted: set[tuple[str, str]] = set()
        for word, spans in hits.items():
            for use in self._uses.get(word, ()):
                if use.covers and not _free(spans, use.covers, hits):
                    continue
                if use.canonical:
                    if (use.code, use.canonical) in counted:
                        continue
                    counted.add((use.code, use.canonical))
                self._of(found, use.code).add(word, use.weight)

    def _score_pairs(self, hits: Hits, found: dict[str, Score]) -> None:
        faults = _grouped(self._faults, hits)
        for pair, things in _grouped(self._things, hits).items():
            near = _nearest(pair, things, faults[pair], hits) if pair in faults else None
            if near:
                self._of(found, pair.code).add(near, pair.weight)

    def _of(self, found: dict[str, Score], code: str) -> Score:
        score = found.get(code)
        if score is None:
            score = found[code] = Score(self._bias[code])
        return score


class _Contained:
    """Which keywords of a rule contain a word: where 路灯 counts, the 灯 in it counts no second time."""

    def __init__(self, keywords: Iterable[str]) -> None:
        self._of: dict[str, list[str]] = defaultdict(list)
        for longer in keywords:
            inner = {longer[i:j] for i in range(len(longer)) for j in range(i + 1, len(longer) + 1)} - {longer}
            for word in inner:
                self._of[word].append(longer)

    def in_longer(self, word: str) -> tuple[str, ...]:
        return tuple(self._of.get(word, ()))


def _grouped(index: Mapping[str, list[_Pair]], hits: Hits) -> dict[_Pair, list[str]]:
    """Return the pairs that the words of a text lead to, each with its words."""
    found: dict[_Pair, list[str]] = {}
    for word in hits:
        for pair in index.get(word, ()):
            found.setdefault(pair, []).append(word)
    return found


def _free(spans: Sequence[Span], covers: Sequence[str], hits: Hits) -> Sequence[Span]:
    """Return the spans that none of the longer words covers."""
    wide = [span for word in covers if word in hits for span in hits[word]]
    if not wide:
        return spans
    return [(start, end) for start, end in spans if not any(low <= start and end <= high for low, high in wide)]


def _nearest(pair: _Pair, things: Sequence[str], faults: Sequence[str], hits: Hits) -> str | None:
    """Return the first thing and fault (thing+fault) that stand within reach and do not overlap."""
    reach = pair.span
    free = {fault: _free(hits[fault], pair.covers[fault], hits) for fault in faults}
    for thing in things:
        for start, end in _free(hits[thing], pair.covers[thing], hits):
            for fault, spans in free.items():
                if any(0 <= low - end <= reach or 0 <= start - high <= reach for low, high in spans):
                    return f"{thing}+{fault}"
    return None
