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
_OFTEN: Final = 200  # examples above which a word is no more important for being frequent


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
    """`strength`: inverse of the price of weight (sklearn's C). `most`: words a class keeps.

    `least`: examples a word must stand in. `sources`: how many sources it must come from, so that the marks of one
    corpus are not learned as meaning. `balance`: 1 = rare classes weigh as much as frequent ones, 0 = every example
    the same.
    """

    strength: float = 0.1
    most: int = 200
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
    """Fit each label against all others, and return what was learned by label.

    A label that every example has, or none, is left out: there is nothing to tell it from.
    """
    words = vocabulary(examples, effort)
    matrix = _matrix(examples, words)
    held = {label: sum(example.label == label for example in examples) for label in labels}
    told = [label for label, count in held.items() if 0 < count < len(examples)]
    return {label: _fit_one(examples, label, words, matrix, effort) for label in told}


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
    """Fit all words, keep those that matter most, and fit these again: as good as all, and short enough to read."""
    kept = [row for row, example in enumerate(examples) if example.label == label or label not in example.also]
    chosen = [examples[row] for row in kept]
    held = np.array([example.label == label for example in chosen])
    hand = csr_matrix([[example.hand.get(label, 0.0) * _HAND_SCALE] for example in chosen])
    weight = _weights(chosen, held, effort.balance)
    mine = matrix[kept]
    strongest = _strongest(_ridge(mine, hand, held, weight, effort.strength), mine, effort.most)
    model = _ridge(mine[:, strongest], hand, held, weight, effort.strength)
    rounded = [round(float(value), _DECIMALS) for value in model.coef_[0]]
    weights = {words[column]: value for column, value in zip(strongest, rounded[:-1], strict=True) if value}
    points = round(float(model.coef_[0][-1]) * _HAND_SCALE, _DECIMALS + 1)
    bias = round(float(model.intercept_[0]), _DECIMALS)
    return Fitted(bias, points, weights, _evidence(chosen, held, weights))


def _ridge(
    matrix: csr_matrix, hand: csr_matrix, held: NDArray[np.bool_], weight: NDArray[np.float64], strength: float
) -> LogisticRegression:
    model = LogisticRegression(C=strength, solver="liblinear", max_iter=_ROUNDS, random_state=0)
    return model.fit(hstack([matrix, hand]).tocsr(), held, sample_weight=weight)


def _strongest(model: LogisticRegression, matrix: csr_matrix, most: int) -> list[int]:
    """Return the columns that move most decisions: heavy and not too rare, in order."""
    often = np.sqrt(np.minimum(np.asarray(matrix.sum(axis=0)).ravel(), _OFTEN))
    return sorted(np.argsort(-np.abs(model.coef_[0][:-1]) * often, kind="stable")[:most].tolist())


def _weights(chosen: Sequence[Example], held: NDArray[np.bool_], balance: float) -> NDArray[np.float64]:
    weight = np.array([example.weight for example in chosen], dtype=float)
    rarity = float((weight[~held].sum() + 1) / (weight[held].sum() + 1))
    weight[held] *= rarity**balance
    return np.asarray(weight / weight.mean(), dtype=float)


def _evidence(chosen: Sequence[Example], held: NDArray[np.bool_], words: Mapping[str, float]) -> dict[str, Evidence]:
    seen: Counter[str] = Counter()
    with_label: Counter[str] = Counter()
    for example, has in zip(chosen, held, strict=True):
        known = example.found & words.keys()
        seen.update(known)
        if has:
            with_label.update(known)
    return {word: Evidence(seen[word], with_label[word]) for word in words}
