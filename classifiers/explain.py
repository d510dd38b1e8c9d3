"""Every step from a text to its verdict, as values to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from classifiers.judging import REPORT
from classifiers.keyword import Classifier, Sender
from classifiers.normalize import normalize
from classifiers.verdict import Intent, Match, Verdict

_LIGHT = 0.05  # weights below it are not worth a word


@dataclass(frozen=True, slots=True)
class Explanation:
    """`hand`: category or signal, its points, its words. `categories`: candidates, their share, what was learned."""

    plain: str
    anchors: Sequence[str]
    words: Sequence[str]
    signs: Sequence[str]
    intent: Intent
    points: float
    hand: Sequence[tuple[str, float, Sequence[Match]]]
    learned: Sequence[Match]
    likelihood: float
    thresholds: str
    categories: Sequence[tuple[str, float, Sequence[Match]]]
    verdict: Verdict


def explain(classifier: Classifier, text: str, *, sender: Sender = "resident") -> Explanation:
    """Return what `classify` saw and did."""
    reading = classifier.read(text, sender=sender)
    judge, settings = classifier.judge, classifier.rules.settings
    case, category = (classifier.rules.learned.get(kind) for kind in ("case", "category"))
    scored = sorted(reading.scores.items(), key=lambda item: (-abs(item[1].points), item[0]))
    return Explanation(
        plain=normalize(text),
        anchors=sorted(reading.anchored, key=lambda word: (-len(word), word)),
        words=sorted((word for word in reading.found if word[0] != "#"), key=lambda word: (-len(word), word)),
        signs=sorted(reading.shown),
        intent=reading.guess.intent,
        points=reading.points,
        hand=[(code, score.points, score.matches(code)) for code, score in scored if score.points],
        learned=[one for one in case.matches(REPORT, reading.found, "learned") if abs(one.weight) > _LIGHT]
        if case
        else [],
        likelihood=judge.likelihood(reading),
        thresholds=f"到 {settings.list:.0%} 进清单，到 {settings.card:.0%} 出卡片",
        categories=[
            (one.code, one.share, category.matches(one.code, reading.found, "learned")[:5] if category else [])
            for one in judge.candidates(reading)[:5]
        ],
        verdict=classifier.classify(text, sender=sender),
    )
