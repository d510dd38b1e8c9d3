"""What a message wants, asked before what it is about: most messages that name a lamp report nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from classifiers.scoring import Score
from classifiers.verdict import Intent

ENOUGH: Final = 2.0  # points from which a message without a case gets this intent instead of `chatter`
_SHAPE_POINTS: Final = 3.0
# How a message shows each intent besides its words (names of structure.py).
_SHAPES: Final[Mapping[str, Intent]] = {
    "phone": Intent.ADVERT,
    "price": Intent.ADVERT,
    "numbered": Intent.SIGNUP,
    "fixed": Intent.RESOLVED,
    "instruct": Intent.ANSWER,
    "news": Intent.FORWARD,
    "past": Intent.CHATTER,
    "laugh": Intent.CHATTER,
    "thanks": Intent.THANKS,
    "staffcall": Intent.NOTICE,
    "worker": Intent.NOTICE,
}


@dataclass(frozen=True, slots=True)
class Guess:
    """The likeliest intent that is no report, and what its words alone say against a case (points, 0 or more)."""

    intent: Intent
    points: float


def guess_intent(scores: Mapping[str, Score], shown: frozenset[str]) -> Guess:
    """Return the strongest intent other than a report. `scores`: rule code (intent.advert …) -> points."""
    spoken: dict[Intent, float] = {
        intent: max(_points(scores, intent), 0.0) for intent in Intent if intent is not Intent.REPORT
    }
    total: dict[Intent, float] = {**spoken}
    for shape in sorted(shown & _SHAPES.keys()):
        total[_SHAPES[shape]] += _SHAPE_POINTS
    best = max(total, key=lambda intent: total[intent])
    return Guess(best if total[best] >= ENOUGH else Intent.CHATTER, max(spoken.values()))


def _points(scores: Mapping[str, Score], intent: Intent) -> float:
    score = scores.get(f"intent.{intent}")
    return score.points if score else 0.0
