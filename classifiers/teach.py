"""From labelled sentences to learned weights of every kind, and to the anchors that let them be heard."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from classifiers.anchors import AnchorSearch
from classifiers.consequences import urgency
from classifiers.features import features
from classifiers.judging import REPORT
from classifiers.keyword import Classifier
from classifiers.learn import Effort, Example, Fitted, fit
from classifiers.lexicon import Lexicon
from classifiers.normalize import normalize
from classifiers.openers import Opener, choose_openers
from classifiers.reading import Reading
from classifiers.rules import RuleSet
from classifiers.samples import Sample
from classifiers.verdict import Urgency

CASE: Final = Effort(strength=0.3, most=2500, least=3, balance=0.0)
CATEGORY: Final = Effort(strength=0.3, most=100, least=3, balance=0.5)
URGENCY: Final = Effort(strength=0.3, most=500, least=3, balance=0.3)
TOPIC: Final = Effort(strength=0.3, most=200, least=2, balance=0.8)
# What a row counts: one that somebody looked at, small talk by the heap, reports by the heap (many must not drown few).
_FULLY_TOLD, _TALK, _HEAP = 3.0, 1.0, 1500
_OTHER: Final = "other"
_ANONYMISED: Final = r"[A-Z]\d*[省市县区镇]"  # how letters name places that were made unrecognisable


@dataclass(frozen=True, slots=True)
class Lesson:
    """Weights by kind and class, and new anchors."""

    weights: Mapping[str, Mapping[str, Fitted]]
    openers: Sequence[Opener]


@dataclass(frozen=True, slots=True)
class Gate:
    """How wide anchors may open: `share` of the small talk passes at most, `worth` reports for each such sentence."""

    share: float = 0.096
    worth: float = 0.33


class Teacher:
    """Learns on top of the hand-written rules: what they say already is not learned again."""

    def __init__(self, rules: RuleSet, lexicon: Lexicon, leave_out: Collection[str] = ()) -> None:
        """`leave_out`: words that mark where the sentences come from, such as the city's name."""
        self._lexicon = lexicon
        longest_first = sorted(leave_out, key=lambda word: (-len(word), word))
        self._marks = re.compile("|".join((_ANONYMISED, *map(re.escape, longest_first))))
        self._plain = Classifier(replace(rules, learned={}), lexicon)

    def teach(self, samples: Sequence[Sample], gate: Gate) -> Lesson:
        """Learn case or not, category and urgency, each from the samples that tell it."""
        samples = [replace(sample, text=self._marks.sub(" ", sample.text)) for sample in samples]
        read = [(sample, self._plain.read(sample.text, sender=sample.sender)) for sample in samples]
        told = [(sample, reading, self._words(reading)) for sample, reading in read]
        openers = self._openers([(sample, words) for sample, _, words in told], gate)
        passes = AnchorSearch(self._plain.anchors().union(opener.word for opener in openers))
        heaps = Counter(sample.source for sample in samples if not _tells(sample))
        case = [
            self._case(*one, heaps) for one in told if one[0].is_case is not None and passes(normalize(one[0].text))
        ]
        categories = [self._category(*one) for one in told if one[0].category]
        pressing = [self._urgency(*one) for one in told if _tells(one[0]) or one[0].is_case is False]
        weights = {
            "case": fit(case, [REPORT], CASE),
            "category": fit(categories, self._plain.categories, CATEGORY),
            "urgency": fit(pressing, [Urgency.EMERGENCY], URGENCY),
        }
        return Lesson({kind: classes for kind, classes in weights.items() if classes}, openers)

    def topics(self, samples: Sequence[Sample]) -> Mapping[str, Fitted]:
        """Learn the labels of a column, whatever they are, without the hand-written rules."""
        examples = [
            Example(features(normalize(self._marks.sub(" ", one.text)), self._lexicon), one.label, source=one.source)
            for one in samples
            if one.label
        ]
        return fit(examples, sorted({example.label for example in examples}), TOPIC)

    def _words(self, reading: Reading) -> frozenset[str]:
        place = features(normalize(reading.place), self._lexicon) if reading.place else frozenset[str]()
        return reading.found - place

    def _case(self, sample: Sample, reading: Reading, words: frozenset[str], heaps: Mapping[str, int]) -> Example:
        return Example(
            words,
            REPORT if sample.is_case else _OTHER,
            hand={REPORT: reading.points},
            weight=_weight(sample, heaps),
            source=sample.source,
        )

    def _category(self, sample: Sample, reading: Reading, words: frozenset[str]) -> Example:
        points = {code: score.points for code, score in reading.scores.items() if score.points > 0}
        return Example(words, sample.category or "", also=sample.also_ok, hand=points, source=sample.source)

    def _urgency(self, sample: Sample, reading: Reading, words: frozenset[str]) -> Example:
        told = Urgency.NORMAL
        if reading.ranked:
            told = urgency(self._plain.categories[reading.ranked[0][0]], reading.hits, reading.scores)
        return Example(words, sample.urgency or Urgency.NORMAL, hand={told: 1.0}, source=sample.source)

    def _openers(self, told: Sequence[tuple[Sample, frozenset[str]]], gate: Gate) -> list[Opener]:
        sources: dict[str, set[str]] = {}
        for sample, words in told:
            for word in words:
                sources.setdefault(word, set()).add(sample.source)
        common = {word for word, named in sources.items() if len(named) > 1}
        reports = [(normalize(sample.text), words & common) for sample, words in told if sample.is_case]
        talk = [normalize(sample.text) for sample, _ in told if sample.is_case is False and not _tells(sample)]
        return choose_openers(reports, talk, self._plain.anchors(), share=gate.share, worth=gate.worth)


def _tells(sample: Sample) -> bool:
    """Tell whether a row was labelled by somebody who looked at it, not only as part of a heap."""
    return sample.intent is not None or sample.category is not None


def _weight(sample: Sample, heaps: Mapping[str, int]) -> float:
    if _tells(sample):
        return _FULLY_TOLD
    return max(0.5, min(_HEAP / heaps[sample.source], 2.0)) if sample.is_case else _TALK
