"""Readings -> verdicts: how likely it is a case, of which category, how sure that is, and what it brings with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Final

from classifiers.consequences import secrecy, urgency
from classifiers.learned import Weights
from classifiers.reading import CURT, Reading
from classifiers.rules import Category, RuleSet
from classifiers.scoring import Score
from classifiers.structure import tells_of_here_and_now
from classifiers.verdict import Intent, Match, Sensitivity, Tier, Urgency, Verdict

REPORT: Final = "report"  # the one class of the weights learned for case or not
_ALTERNATIVES: Final = 2
_ALTERNATIVE_SHARE: Final = 0.15  # of the best category's likelihood
_NO_WEIGHTS: Final = Weights({})
_POINT, _RARE = 0.5, 3.5  # what a hand-written point is worth, and how unlikely one category among all is, in log-odds
# Log-odds from which life is taken to be in danger, by what the hand-written rules say: where they see nothing, much is
# needed to wake people for it.
_DANGER: Final = {Urgency.EMERGENCY: 0.0, Urgency.URGENT: 1.0, Urgency.NORMAL: 2.0}
_FAR: Final = 12.0  # log-odds behind the best, from which a category has no share worth counting


@dataclass(frozen=True, slots=True)
class Candidate:
    """A category that may fire, and its share of the likelihood (0 to 1, all candidates together 1)."""

    code: str
    share: float


class Judge:
    """`may_fire(anchors of the text)`: the categories that may, see Reader.may_fire."""

    def __init__(self, rules: RuleSet, may_fire: Callable[[Collection[str]], Collection[str]]) -> None:
        self._rules = rules
        self._may_fire = may_fire
        self._case = rules.learned.get("case", _NO_WEIGHTS)
        self._category = rules.learned.get("category", _NO_WEIGHTS)
        self._urgency = rules.learned.get("urgency", _NO_WEIGHTS)

    def verdict(self, reading: Reading) -> Verdict:
        settings = self._rules.settings
        likely = self.likelihood(reading)
        candidates = self.candidates(reading) if likely >= settings.list else []
        if not candidates:
            sure = round(1 - self._cautious(likely), 4)
            return Verdict(Tier.NONE, reading.guess.intent, place=reading.place, confidence=sure)
        best = candidates[0]
        category = self._rules.categories[best.code]
        score = reading.scores.get(best.code, Score())
        pressing = self._pressing(category, reading)
        hidden = secrecy(category, reading.hits, reading.scores)
        grave = pressing is Urgency.EMERGENCY or hidden is Sensitivity.VIOLENCE
        clear = score.heaviest >= settings.clear_weight
        needed = (settings.emergency if grave else settings.card) if clear else settings.vague
        sure = likely >= needed and tells_of_here_and_now(reading.shown, danger=grave)
        return Verdict(
            tier=Tier.CARD if sure else Tier.LIST,
            intent=Intent.REPORT,
            category=best.code,
            alternatives=_alternatives(candidates),
            urgency=pressing,
            sensitive=hidden,
            place=reading.place,
            confidence=round(self._cautious(likely) * best.share, 4),
            matched=self._matched(best.code, reading),
        )

    def likelihood(self, reading: Reading) -> float:
        """Return how likely it is a case, 0 to 1.

        A short and clear report, and what is dangerous in clear words, stand as the hand-written rules have
        them: in a city's groups 「停电了」 calls for
        somebody, whatever other people's small talk, from which weights are learned, means by it.
        """
        settings = self._rules.settings
        written = _logistic(settings.slope * (reading.points - settings.middle))
        if not self._case:
            return written
        learned = _logistic(self._case.score(reading.found, {REPORT: reading.points})[REPORT])
        return max(learned, written) if CURT in reading.shown or self._in_danger(reading) else learned

    def _in_danger(self, reading: Reading) -> bool:
        """Tell whether clear words name what is dangerous by its kind: gas, live wires, fire, somebody missing."""
        if not reading.ranked:
            return False
        code, score = reading.ranked[0]
        category = self._rules.categories[code]
        clear = score.heaviest >= self._rules.settings.clear_weight and category.urgency is not Urgency.NORMAL
        return clear or _deadly(category, reading)

    def _cautious(self, likely: float) -> float:
        """Return the likelihood nearer to the middle: of sentences nobody learned from it is too sure."""
        return _logistic(self._rules.settings.caution * log(likely / (1 - likely))) if 0 < likely < 1 else likely

    def candidates(self, reading: Reading) -> list[Candidate]:
        """Return the categories that may fire, the likeliest first."""
        if not self._category:
            return _shared([(code, score.points) for code, score in reading.ranked])
        hand = {code: score.points for code, score in reading.scores.items() if score.points > 0}
        points = self._category.score(reading.found, hand)
        free = self._may_fire(reading.anchored)
        fired = [(code, points[code] if code in points else _unlearned(hand.get(code, 0.0))) for code in free]
        enough = max((value for _, value in fired), default=0.0) - _FAR
        return _shared(sorted([one for one in fired if one[1] > enough], key=lambda item: -item[1]))

    def _pressing(self, category: Category, reading: Reading) -> Urgency:
        """Return the urgency. Danger to life is learned, but what a category's own words say of it stands."""
        told = urgency(category, reading.hits, reading.scores)
        if not self._urgency or _deadly(category, reading):
            return told
        if self._urgency.score(reading.found, {told: 1.0})[Urgency.EMERGENCY] > _DANGER[told]:
            return Urgency.EMERGENCY
        return Urgency.URGENT if told is Urgency.EMERGENCY else told

    def _matched(self, code: str, reading: Reading) -> tuple[Match, ...]:
        """Return the words that made the verdict, the category's own first, the heaviest first."""
        own = reading.scores[code].matches(code) if code in reading.scores else []
        learned = [match for match in self._category.matches(code, reading.found, code) if len(match.word) > 1]
        named = {match.word for match in own}
        more = [match for match in learned if match.weight > 0 and match.word not in named and match.word[0] != "#"]
        appeal = [
            match
            for name, other in reading.scores.items()
            if name.startswith("evidence.") and name != "evidence.tone"
            for match in other.matches(name)
        ]
        return (*_heaviest(own), *more, *_heaviest(appeal))


def _deadly(category: Category, reading: Reading) -> bool:
    """Tell whether a word stands in the text that makes this category a matter of life."""
    return any(category.when.get(word) is Urgency.EMERGENCY for word in reading.hits)


def _unlearned(points: float) -> float:
    """Return the log-odds of a category of which no example was learned: as of one that learned no word."""
    return _POINT * points - _RARE


def _heaviest(matches: Sequence[Match]) -> list[Match]:
    return sorted(matches, key=lambda match: (-abs(match.weight), match.word))


def _logistic(odds: float) -> float:
    return 1 / (1 + exp(-max(-50.0, min(odds, 50.0))))


def _shared(ranked: Sequence[tuple[str, float]]) -> list[Candidate]:
    if not ranked:
        return []
    best = ranked[0][1]  # the first, though a danger goes before what has more points
    weights = [(code, exp(min(points - best, 0.0))) for code, points in ranked if points > best - _FAR]
    whole = sum(weight for _, weight in weights)
    return [Candidate(code, weight / whole) for code, weight in weights]


def _alternatives(candidates: Sequence[Candidate]) -> tuple[str, ...]:
    enough = candidates[0].share * _ALTERNATIVE_SHARE
    return tuple(one.code for one in candidates[1 : 1 + _ALTERNATIVES] if one.share >= enough)
