"""Figures class by class, and which classes are taken for which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from classifiers.evaluate import Judged, category_right, f1
from classifiers.samples import Sample
from classifiers.topics import Topics

NONE = "none"  # said of a case that was not found


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """`held`: samples of the class; `said`: how many were put into it; `right`: both."""

    held: int
    said: int
    right: int

    @property
    def precision(self) -> float | None:
        return self.right / self.said if self.said else None

    @property
    def recall(self) -> float | None:
        return self.right / self.held if self.held else None

    @property
    def f1(self) -> float | None:
        return f1(self.precision, self.recall) if self.right else (0.0 if self.held else None)


@dataclass(frozen=True, slots=True)
class Tally:
    """`confused`: (true class, said class) and how often, the most frequent first."""

    classes: Mapping[str, ClassFigures]
    confused: Sequence[tuple[tuple[str, str], int]]

    @property
    def macro_f1(self) -> float:
        """The mean over the classes that occur; 0 where none does."""
        values = [one.f1 or 0.0 for one in self.classes.values() if one.held]
        return sum(values) / len(values) if values else 0.0


def by_category(judged: Iterable[Judged]) -> Tally:
    """Tally the cases whose category is known; what would be right too counts as right."""
    pairs = []
    for sample, verdict in judged:
        if sample.is_case and sample.category:
            said = verdict.category or NONE
            pairs.append((said if category_right(sample, verdict) else sample.category, said))
    return tally(pairs)


def tally_topics(topics: Topics, samples: Iterable[Sample]) -> Tally:
    """Tally a learned column against what it says itself."""
    return tally([(sample.label, topics.best(sample.text)) for sample in samples if sample.label])


def tally(pairs: Sequence[tuple[str, str]]) -> Tally:
    """`pairs`: true and said class of each sample."""
    held, said = Counter(true for true, _ in pairs), Counter(said for _, said in pairs)
    right = Counter(true for true, other in pairs if true == other)
    names = sorted({*held, *said} - {NONE})
    confused = Counter(pair for pair in pairs if pair[0] != pair[1]).most_common()
    return Tally({name: ClassFigures(held[name], said[name], right[name]) for name in names}, confused)
