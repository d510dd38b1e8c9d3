"""Figures of a classifier on labelled sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from classifiers.keyword import Classifier
from classifiers.samples import Sample
from classifiers.verdict import Tier, Urgency, Verdict

Judged = tuple[Sample, Verdict]
_HALF: Final = 0.5  # share of common characters from which two places count as the same
SURE: Final = 0.9  # the confidence from which a verdict should hardly ever be wrong


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares between 0 and 1; None where the rows hold nothing to measure it on. Counts are whole numbers."""

    rows: int
    cases: int
    precision: float | None
    recall: float | None
    f1: float | None
    non_cases_called_case: float | None
    hard_negatives_called_case: float | None
    category_right: float | None
    category_right_of_found: float | None
    emergency_precision: float | None
    emergency_recall: float | None
    place_overlap: float | None
    gate_passed: float | None
    card: float | None
    card_or_list: float | None
    card_precision: float | None
    sure_and_right: float | None


def judge(classifier: Classifier, samples: Iterable[Sample]) -> list[Judged]:
    """Classify all, in order."""
    return [(sample, classifier.classify(sample.text, sender=sample.sender)) for sample in samples]


def evaluate(classifier: Classifier, samples: Iterable[Sample]) -> Figures:
    """Classify all and compare with what is known of each."""
    return figures(judge(classifier, samples), classifier)


def figures(judged: Sequence[Judged], classifier: Classifier) -> Figures:
    """Compare. Of a sample whose `is_case` is not said nothing is counted but how it came out."""
    cases = [(sample, verdict) for sample, verdict in judged if sample.is_case]
    others = [(sample, verdict) for sample, verdict in judged if sample.is_case is False]
    hard = [verdict for sample, verdict in others if "hard_negative" in sample.tags]
    told = [(sample, verdict) for sample, verdict in cases if sample.category]
    found = sum(verdict.is_case for _, verdict in cases)
    wrong = sum(verdict.is_case for _, verdict in others)
    precision, recall = _share(found, found + wrong), _share(found, len(cases))
    right = sum(category_right(*one) for one in told)
    cards = [sample for sample, verdict in judged if verdict.tier is Tier.CARD]
    places = [_overlap(sample.place, verdict.place) >= _HALF for sample, verdict in cases if sample.place]
    sure = [right_at_all(*one) for one in (*told, *others) if one[1].confidence >= SURE]
    return Figures(
        rows=len(judged),
        cases=len(cases),
        precision=precision,
        recall=recall,
        f1=f1(precision, recall),
        non_cases_called_case=_share(wrong, len(others)),
        hard_negatives_called_case=_share(sum(verdict.is_case for verdict in hard), len(hard)),
        category_right=_share(right, len(told)),
        category_right_of_found=_share(right, sum(verdict.is_case for _, verdict in told)),
        emergency_precision=_emergency(judged, of_found=True),
        emergency_recall=_emergency(judged, of_found=False),
        place_overlap=_share(sum(places), len(places)),
        gate_passed=_share(sum(classifier.has_anchor(sample.text) for sample, _ in judged), len(judged)),
        card=_share(len(cards), len(judged)),
        card_or_list=_share(sum(verdict.is_case for _, verdict in judged), len(judged)),
        card_precision=_share(sum(bool(sample.is_case) for sample in cards), len(cards)),
        sure_and_right=_share(sum(sure), len(sure)),
    )


def right_at_all(sample: Sample, verdict: Verdict) -> bool:
    """Tell whether a verdict is right: no case called none, a case found and put into its category."""
    return category_right(sample, verdict) if sample.is_case else not verdict.is_case


def category_right(sample: Sample, verdict: Verdict) -> bool:
    return verdict.category is not None and verdict.category in {sample.category, *sample.also_ok}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def f1(precision: float | None, recall: float | None) -> float | None:
    if not precision or not recall:
        return None
    return 2 * precision * recall / (precision + recall)


def _emergency(judged: Sequence[Judged], *, of_found: bool) -> float | None:
    true = [sample.urgency == "emergency" for sample, _ in judged]
    said = [verdict.urgency is Urgency.EMERGENCY for _, verdict in judged]
    both = sum(one and other for one, other in zip(true, said, strict=True))
    return _share(both, sum(said) if of_found else sum(true))


def _overlap(expected: str, found: str | None) -> float:
    """Return common characters over all characters of both (1 = the same stretch)."""
    if not found:
        return 0.0
    common = sum((Counter(expected) & Counter(found)).values())
    return common / (len(expected) + len(found) - common)
