"""Fitting sparse signed weights to labelled examples; needs scikit-learn (`pip install gridbridge[learn]`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

_HAND_SCALE: Final = 0.25  # so that a point of the hand-written rules costs the fit as much as a word does
_DECIMALS: Final = 2
_ROUNDS: Final = 400


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled text. `found`: its features; `hand`: points of the hand-written rules by class.

    `also`: labels that would be right too: for them the example counts neither way. `source`: whose sentence it is.
    """

    found: frozenset[str]
    label: str
    also: frozenset[str] = frozenset()
    hand: Mapping[str, float] = field(default_factory=dict)
    weight: float = 1.0
    source: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of `seen` examples with a word, `held` had the label."""

    seen: int
    held: int


@dataclass(frozen=True, slots=True)
class Fitted:
    """One class as it was learned; see learned.LearnedClass. `evidence`: word -> what spoke for its weight."""

    bias: float
    hand: float
    words: Mapping[str, float]
    evidence: Mapping[str, Evidence]


@dataclass(frozen=True, slots=True)
class Effort:
    """`strength`: inverse of the price of a word (sklearn's C). `least`: examples a word must stand in.

    `sources`: how many sources a word must come from, so that the marks of one corpus are not learned as meaning.
    `balance`: 1 = rare classes weigh as much as frequent ones, 0 = every example the same.
    """

    strength: float = 0.3
    least: int = 3
    sources: int = 1
    balance: float = 0.5


def vocabulary(examples: Sequence[Example], effort: Effort) -> list[str]:
    """Return the features that stand in enough examples of enough sources, in order."""
    seen: Counter[str] = Counter()
    sources: dict[str, set[str]] = {}
    for example in examples:
        seen.update(example.found)
        for word in example.found:
            sources.setdefault(word, set()).add(example.source)
    return sorted(
        word for word, count in seen.items() if count >= effort.least and len(sources[word]) >= effort.sources
    )


def fit(examples: Sequence[Example], labels: Iterable[str], effort: Effort) -> dict[str, Fitted]:
    """Fit each label against all others, and return what was learned by label."""
    words = vocabulary(examples, effort)
    matrix = _matrix(examples, words)
    return {label: _fit_one(examples, label, words, matrix, effort) for label in labels}


def _matrix(examples: Sequence[Example], words: Sequence[str]) -> csr_matrix:
    number = {word: column for column, word in enumerate(words)}
    columns, rows = [], [0]
    for example in examples:
        columns += sorted(number[word] for word in example.found if word in number)
        rows.append(len(columns))
    return csr_matrix((np.ones(len(columns)), columns, rows), shape=(len(examples), len(words)))


def _fit_one(
    examples: Sequence[Example], label: str, words: Sequence[str], matrix: csr_matrix, effort: Effort
) -> Fitted:
    kept = [row for row, example in enumerate(examples) if example.label == label or label not in example.also]
    chosen = [examples[row] for row in kept]
    held = np.array([example.label == label for example in chosen])
    hand = csr_matrix([[example.hand.get(label, 0.0) * _HAND_SCALE] for example in chosen])
    model = LogisticRegression(
        l1_ratio=1.0, C=effort.strength, solver="liblinear", max_iter=_ROUNDS, random_state=0
    )
    model.fit(hstack([matrix[kept], hand]).tocsr(), held, sample_weight=_weights(chosen, held, effort.balance))
    weights = {
        word: round(float(weight), _DECIMALS)
        for word, weight in zip(words, model.coef_[0], strict=False)
        if round(float(weight), _DECIMALS)
    }
    points = round(float(model.coef_[0][-1]) * _HAND_SCALE, _DECIMALS + 1)
    bias = round(float(model.intercept_[0]), _DECIMALS)
    return Fitted(bias, points, weights, _evidence(chosen, held, weights))


def _weights(chosen: Sequence[Example], held: NDArray[np.bool_], balance: float) -> NDArray[np.float64]:
    weight = np.array([example.weight for example in chosen])
    rarity = float((weight[~held].sum() + 1) / (weight[held].sum() + 1))
    weight[held] *= rarity**balance
    return weight / weight.mean()


def _evidence(chosen: Sequence[Example], held: NDArray[np.bool_], words: Mapping[str, float]) -> dict[str, Evidence]:
    seen: Counter[str] = Counter()
    with_label: Counter[str] = Counter()
    for example, has in zip(chosen, held, strict=True):
        known = example.found & words.keys()
        seen.update(known)
        if has:
            with_label.update(known)
    return {word: Evidence(seen[word], with_label[word]) for word in words}
