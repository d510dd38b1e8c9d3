"""What a recognised matter brings with it: how urgent it is, and from whom it must be kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from classifiers.rules import Category
from classifiers.scoring import Hits, Score
from classifiers.verdict import Sensitivity, Urgency

_ENOUGH: Final = 2.0  # points a signal rule needs
# The stricter secrecy wins: a beaten wife before everything, then a complaint about staff.
_SECRECY_ORDER: Final = (Sensitivity.VIOLENCE, Sensitivity.STAFF, Sensitivity.MISSING, Sensitivity.PRIVATE)


def urgency(category: Category, hits: Hits, scores: Mapping[str, Score]) -> Urgency:
    """Return the urgency: danger to life wherever it is told, then what the category says, then words for all."""
    named = {category.when[word] for word in category.when.keys() & hits.keys()}
    if Urgency.EMERGENCY in named or _enough(scores, f"urgency.{Urgency.EMERGENCY}"):
        return Urgency.EMERGENCY
    if named:
        return Urgency.URGENT if Urgency.URGENT in named else Urgency.NORMAL
    if category.urgency is Urgency.NORMAL and _enough(scores, f"urgency.{Urgency.URGENT}"):
        return Urgency.URGENT
    return category.urgency


def secrecy(category: Category, hits: Hits, scores: Mapping[str, Score]) -> Sensitivity:
    """Return how the matter must be kept, the strictest that applies."""
    levels = {category.hidden[word] for word in category.hidden.keys() & hits.keys()} | {category.sensitive}
    levels |= {level for level in _SECRECY_ORDER if _enough(scores, f"sensitive.{level}")}
    return next((level for level in _SECRECY_ORDER if level in levels), Sensitivity.NONE)


def _enough(scores: Mapping[str, Score], code: str) -> bool:
    return code in scores and scores[code].points >= _ENOUGH
