"""What the workers' corrections say about the rules: words to add, with their effect on labelled sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from classifiers.evaluate import right_at_all
from classifiers.features import features
from classifiers.keyword import Classifier
from classifiers.normalize import normalize
from classifiers.rules import ANCHOR_LENGTH, RuleSet
from classifiers.samples import Sample

LEAST: Final = 3  # sentences of different cases that a word must have in common
FOR, AGAINST = 3.0, -4.0
_MOST: Final = 20  # proposals that are measured; each costs a classifier


@dataclass(frozen=True, slots=True)
class Decision:
    """What a case was taken for and what a worker made of it; `right` is None where it was declined."""

    text: str
    said: str
    right: str | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A keyword for a category. `seen`: decisions that speak for it. On labelled sentences: `better`, `worse`."""

    category: str
    word: str
    weight: float
    seen: int
    better: int = 0
    worse: int = 0


def propose(classifier: Classifier, decisions: Sequence[Decision], samples: Sequence[Sample]) -> list[Proposal]:
    """Return proposals, the best supported first, each tried alone on the samples."""
    found = sorted(_found(classifier, decisions), key=lambda one: (-one.seen, one.category, one.word))
    return [_tried(classifier, one, samples) for one in found[:_MOST]]


def _found(classifier: Classifier, decisions: Sequence[Decision]) -> Iterator[Proposal]:
    words = [(one, _words(classifier, one.text)) for one in decisions]
    confirmed = [(one.right, word) for one, found in words if one.right == one.said for word in found]
    kept = Counter(confirmed)
    known = {code: category.rule.keywords.keys() for code, category in classifier.categories.items()}
    wrong = Counter((one.said, word) for one, found in words if one.right is None for word in found)
    moved = Counter((one.right, word) for one, found in words if one.right not in (None, one.said) for word in found)
    from_there = Counter(
        (one.said, word) for one, found in words if one.right not in (None, one.said) for word in found
    )
    for (code, word), count in wrong.items():
        if count >= LEAST and not kept[code, word] and word not in known.get(code, ()):
            yield Proposal(code, word, AGAINST, count)
    for (code, word), count in moved.items():
        if code is None or count < LEAST or word in known.get(code, ()):
            continue
        if not wrong[code, word] and not from_there[code, word]:
            yield Proposal(code, word, FOR, count)


def _words(classifier: Classifier, text: str) -> frozenset[str]:
    found = features(normalize(text), classifier.lexicon)
    return frozenset(word for word in found if len(word) >= ANCHOR_LENGTH)


def _tried(classifier: Classifier, proposal: Proposal, samples: Iterable[Sample]) -> Proposal:
    changed = Classifier(with_keyword(classifier.rules, proposal), classifier.lexicon)
    better = worse = 0
    for sample in samples:
        if sample.is_case is None or proposal.word not in normalize(sample.text):
            continue
        before = right_at_all(sample, classifier.classify(sample.text, sender=sample.sender))
        after = right_at_all(sample, changed.classify(sample.text, sender=sample.sender))
        better += after and not before
        worse += before and not after
    return replace(proposal, better=better, worse=worse)


def with_keyword(rules: RuleSet, proposal: Proposal) -> RuleSet:
    """Return the rules with a proposal accepted."""
    category = rules.categories[proposal.category]
    keywords = {**category.rule.keywords, proposal.word: (proposal.word, proposal.weight)}
    changed = replace(category, rule=replace(category.rule, keywords=keywords))
    return replace(rules, categories={**rules.categories, proposal.category: changed})
