"""Weights that were learned from labelled rows: linear, sparse, and kept in files a clerk can read and change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from classifiers.rulefile import Table
from classifiers.verdict import Match

KEY: Final = "learned"
_PARTS: Final = 100  # weights are summed as whole hundredths: so a sum does not depend on the order of a set
_CLASS_KEYS: Final = ("bias", "hand", "words")


@dataclass(frozen=True, slots=True)
class LearnedClass:
    """One class: `bias` and weights in log-odds; `hand`: what one point of the hand-written rules is worth."""

    bias: float
    hand: float
    words: Mapping[str, float]


class Weights:
    """The learned classes of one kind (case, category, urgency, …). Immutable."""

    def __init__(self, classes: Mapping[str, LearnedClass]) -> None:
        self.classes: Final = dict(classes)
        self._bias = [_whole(one.bias) for one in classes.values()]
        self._hand = {code: (number, one.hand) for number, (code, one) in enumerate(classes.items()) if one.hand}
        uses: dict[str, list[tuple[int, int]]] = {}
        for number, one in enumerate(classes.values()):
            for word, weight in one.words.items():
                uses.setdefault(word, []).append((number, _whole(weight)))
        self._uses = {word: tuple(listed) for word, listed in uses.items()}

    def __bool__(self) -> bool:
        return bool(self.classes)

    def score(self, found: Collection[str], hand: Mapping[str, float]) -> dict[str, float]:
        """Return class -> log-odds. `found`: features of a text; `hand`: points of the hand-written rules by class."""
        whole = self._bias.copy()
        for feature in self._uses.keys() & found:
            for number, weight in self._uses[feature]:
                whole[number] += weight
        points = [value / _PARTS for value in whole]
        for code in self._hand.keys() & hand.keys():
            number, worth = self._hand[code]
            points[number] += worth * hand[code]
        return dict(zip(self.classes, points, strict=True))

    def matches(self, code: str, found: Collection[str], rule: str) -> list[Match]:
        """Return the features that spoke for or against a class, the heaviest first."""
        words = self.classes[code].words if code in self.classes else {}
        told = [Match(word, rule, words[word]) for word in found if word in words]
        return sorted(told, key=lambda match: (-abs(match.weight), match.word))


def _whole(weight: float) -> int:
    return round(weight * _PARTS)


def read_learned(tables: Iterable[Table]) -> dict[str, Weights]:
    """Return kind -> weights from every `[learned.KIND.CLASS]` of the files. Raises rules.RuleError."""
    kinds: dict[str, dict[str, LearnedClass]] = {}
    for table in tables:
        for kind, listed in _subtables(table, KEY):
            for code, part in ((code, listed.sub(code, data)) for code, data in listed.data.items()):
                if code in kinds.setdefault(kind, {}):
                    raise part.error(code, "写了两次", "只留一处")
                kinds[kind][code] = _class(part)
    return {kind: Weights(classes) for kind, classes in kinds.items()}


def _subtables(table: Table, key: str) -> list[tuple[str, Table]]:
    part = table.sub(key, table.data.get(key, {}))
    return [(name, part.sub(name, data)) for name, data in part.data.items()]


def _class(part: Table) -> LearnedClass:
    part.only(_CLASS_KEYS)
    words = part.sub("words", part.data.get("words", {}))
    return LearnedClass(
        part.number("bias", 0.0), part.number("hand", 0.0), {word: words.number(word) for word in words.data}
    )
