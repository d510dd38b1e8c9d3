"""What is seen in one text: the words of the rules, its shape, what the hand-written rules say, what was learned."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Final

from classifiers.features import features
from classifiers.intent import ENOUGH, Guess, guess_intent
from classifiers.lexicon import Lexicon
from classifiers.places import find_place
from classifiers.rules import RuleSet
from classifiers.scoring import Hits, Score, Scorer, WordFinder, whole_words
from classifiers.signs import signs
from classifiers.structure import speaks_against, structure
from classifiers.verdict import Intent, Urgency

CURT: Final = "curt"  # shown by a short message that says by itself what is wrong
_TONE: Final = "evidence.tone"
_PATROL: Final = "evidence.patrol"
_NOTHING: Final = -6.0  # points of a text in which no category has a word
_CEILING: Final = 14.0  # points above which the hand-written rules are no surer


@dataclass(frozen=True, slots=True)
class Reading:
    """`ranked`: categories by hand-written points above zero, best first. `points`: all of them summed.

    `found`: the features for learned weights, empty where nothing was learned.
    """

    hits: Hits
    scores: Mapping[str, Score]
    ranked: Sequence[tuple[str, Score]]
    anchored: frozenset[str]
    place: str | None
    shown: frozenset[str]
    guess: Guess
    points: float
    found: frozenset[str]


class Reader:
    """Texts -> readings. Immutable after it is made."""

    def __init__(self, rules: RuleSet, lexicon: Lexicon, places: Iterable[str]) -> None:
        self._rules = rules
        self._lexicon = lexicon
        self._places = WordFinder(name for name in places if len(name) > 1)  # a city has thousands
        # Anchors of the evidence rules let every category fire: 「3号楼前黑漆漆」 names no lamp.
        self.general: Final = frozenset[str]().union(*(rule.anchors for rule in rules.signals["evidence"].values()))
        own = (category.rule.anchors for category in rules.categories.values())
        self.anchors: Final = self.general.union(*own)
        self._number = {code: number for number, code in enumerate(rules.categories)}
        self._finder = WordFinder(rules.words())
        self._scorer = Scorer(rules.rules())
        intents = rules.signals["intent"].values()
        self._intent_words = WordFinder({word for rule in intents for word in rule.words()})
        self._intents = Scorer(intents)

    def small_talk(self, plain: str, *, worker: bool) -> Intent:
        """What a text without an anchor wants, told by a few words and without cutting it."""
        words = self._intent_words.find(plain)
        if not words and not worker:
            return Intent.CHATTER
        shown = frozenset({"worker"}) if worker else frozenset[str]()
        return guess_intent(self._intents.score(words), shown).intent

    def read(self, text: str, plain: str, *, worker: bool, in_full: bool = False) -> Reading:
        """`plain`: the text, normalised. `in_full`: with features, even where nothing was learned."""
        raw = self._finder.find(plain)
        starts = self._lexicon.borders(plain)
        hits = whole_words(raw, starts)
        scores = self._scorer.score(hits)
        place = self._place(text)
        shown = structure(plain, place=place, worker=worker)
        guess = guess_intent(scores, shown)
        anchored = self.anchors.intersection(raw)
        ranked = self._ranked(anchored, scores, real="perhaps" not in shown)
        if ranked and self._curt(ranked, plain, shown, guess):
            shown |= {CURT}
        points = self._sum(scores, ranked, shown, guess)
        wanted = in_full or self._rules.learned
        found = features(plain, self._lexicon, starts) | signs(plain, shown, guess) if wanted else frozenset[str]()
        return Reading(hits, scores, ranked, anchored, place, shown, guess, points, found)

    def may_fire(self, anchored: Collection[str]) -> Collection[str]:
        """Return the categories of which an anchor is among those of the text; all if a general one is (rule 8)."""
        if not self.general.isdisjoint(anchored):
            return self._number
        return [code for code, one in self._rules.categories.items() if not one.rule.anchors.isdisjoint(anchored)]

    def _place(self, text: str) -> str | None:
        return find_place(text) or min(self._places.find(text), key=lambda name: (-len(name), name), default=None)

    def _curt(self, ranked: Sequence[tuple[str, Score]], plain: str, shown: frozenset[str], guess: Guess) -> bool:
        """Tell whether a short message says by itself what is wrong, and nothing else; danger to life may be longer."""
        settings = self._rules.settings
        code, best = ranked[0]
        grave = self._rules.categories[code].urgency is Urgency.EMERGENCY
        short = grave or len(plain) <= settings.curt_length
        clear = best.heaviest >= settings.clear_weight
        other = guess.points >= ENOUGH and not (grave and guess.intent is Intent.CHATTER)
        return clear and short and not other and not speaks_against(shown, danger=grave)

    def _ranked(self, anchored: Collection[str], scores: Mapping[str, Score], *, real: bool) -> list[tuple[str, Score]]:
        """Rank what may fire, best first.

        `anchored`: the anchors in the text, those across word borders too (rule 8). `real`: a danger told is there now
        and no mere fear, so that it goes before the thing that is broken.
        """
        free = self.may_fire(anchored)
        fired = [(code, score) for code, score in scores.items() if score.points > 0 and code in free]
        danger = self._rules.settings.danger if real else 0.0
        return sorted(fired, key=lambda item: (-item[1].points - danger * self._grave(*item), self._number[item[0]]))

    def _grave(self, code: str, score: Score) -> bool:
        """Tell whether life is in danger and the words say so clearly."""
        return (
            score.heaviest >= self._rules.settings.clear_weight
            and self._rules.categories[code].urgency is Urgency.EMERGENCY
        )

    def _sum(
        self,
        scores: Mapping[str, Score],
        ranked: Sequence[tuple[str, Score]],
        shown: frozenset[str],
        guess: Guess,
    ) -> float:
        """Return the hand-written points: what it is about, how it is said, what speaks against a report."""
        if not ranked:
            return _NOTHING
        settings = self._rules.settings
        shares, cap = settings.shares, settings.shares.cap
        spoken = {code: score.points for code, score in scores.items() if code.startswith("evidence.")}
        in_full = spoken.pop(_TONE, 0.0) + spoken.pop(_PATROL, 0.0)
        total = (
            settings.base
            + shares.topic * min(ranked[0][1].points, shares.topic_cap)
            + shares.appeal * max(-cap / 2, min(sum(spoken.values()), cap))
            + in_full
            + fsum(settings.structure[name] for name in shown)  # exact: a set has no order
            - shares.intent * min(guess.points, cap)
        )
        return max(_NOTHING, min(total, _CEILING))
