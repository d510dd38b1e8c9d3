"""The classifier of signed, weighted words: pure and deterministic, read only after loading."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, fsum
from pathlib import Path
from typing import Final, Literal

from classifiers.anchors import AnchorSearch
from classifiers.consequences import secrecy, urgency
from classifiers.intent import ENOUGH, Guess, guess_intent
from classifiers.lexicon import Lexicon
from classifiers.normalize import normalize
from classifiers.places import find_place
from classifiers.rules import Category, RuleSet, load_rules
from classifiers.scoring import Hits, Score, Scorer, WordFinder, whole_words
from classifiers.structure import speaks_against, structure, tells_of_here_and_now
from classifiers.verdict import Intent, Match, Sensitivity, Tier, Urgency, Verdict

Sender = Literal["resident", "worker"]

_TONE: Final = "evidence.tone"
_PATROL: Final = "evidence.patrol"
_ALTERNATIVES: Final = 2
_ALTERNATIVE_SHARE: Final = 0.5  # of the best category's points


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was seen in one text. `ranked`: categories with an anchor in the text and points above zero, best first."""

    hits: Hits
    scores: Mapping[str, Score]
    ranked: Sequence[tuple[str, Score]]
    place: str | None
    shown: frozenset[str]
    guess: Guess


class Classifier:
    """Texts -> verdicts by the rule files."""

    def __init__(self, rules: RuleSet, lexicon: Lexicon, places: Iterable[str] = ()) -> None:
        self._rules = rules
        self._lexicon = lexicon
        self._places = WordFinder(name for name in places if len(name) > 1)  # a city has thousands
        # Anchors of the evidence rules let every category fire: 「3号楼前黑漆漆」 names no lamp.
        self._general = frozenset[str]().union(*(rule.anchors for rule in rules.signals["evidence"].values()))
        self._number = {code: number for number, code in enumerate(rules.categories)}
        self._finder = WordFinder(rules.words())
        self._scorer = Scorer(rules.rules())
        intents = rules.signals["intent"].values()
        self._intent_words = WordFinder({word for rule in intents for word in rule.words()})
        self._intents = Scorer(intents)
        self._anchors = self.anchors()
        self._anchored = AnchorSearch(self._anchors)

    @classmethod
    def load(
        cls, rules: Path | None = None, *, places: Iterable[str] = (), full_dictionary: bool = False
    ) -> Classifier:
        """Read rules and dictionary. `places`: local names (communities, villages). Raises rules.RuleError."""
        return cls(load_rules(rules), Lexicon.load(full_dictionary=full_dictionary), places)

    @property
    def categories(self) -> Mapping[str, Category]:
        """Code -> category, in the order of the taxonomy."""
        return self._rules.categories

    def anchors(self) -> frozenset[str]:
        """Return every anchor, all spellings: those of the categories and the general ones of the evidence rules."""
        return self._general.union(*(category.rule.anchors for category in self._rules.categories.values()))

    def has_anchor(self, text: str) -> bool:
        """Tell whether any rule could fire: False means that `classify` says `none`."""
        return self._anchored(normalize(text))

    def classify(self, text: str, *, sender: Sender = "resident") -> Verdict:
        """Return the verdict on one message. Without an anchor nothing is segmented and no category is asked."""
        plain = normalize(text)
        worker = sender == "worker"
        if not self._anchored(plain):
            return Verdict(Tier.NONE, self._small_talk(plain, worker=worker), confidence=1.0)
        reading = self._read(text, plain, worker=worker)
        if not reading.ranked:
            return Verdict(Tier.NONE, reading.guess.intent, place=reading.place, confidence=1.0)
        return self._verdict(reading, self._sum(reading))

    def _small_talk(self, plain: str, *, worker: bool) -> Intent:
        words = self._intent_words.find(plain)
        if not words and not worker:
            return Intent.CHATTER
        shown = frozenset({"worker"}) if worker else frozenset[str]()
        return guess_intent(self._intents.score(words), shown).intent

    def _read(self, text: str, plain: str, *, worker: bool) -> _Reading:
        raw = self._finder.find(plain)
        hits = whole_words(raw, plain, self._lexicon)
        scores = self._scorer.score(hits)
        place = self._place(text)
        shown = structure(plain, place=place, worker=worker)
        guess = guess_intent(scores, shown)
        ranked = self._ranked(self._anchors.intersection(raw), scores, real="perhaps" not in shown)
        if ranked and self._curt(ranked, plain, shown, guess):
            shown |= {"curt"}
        return _Reading(hits, scores, ranked, place, shown, guess)

    def _curt(self, ranked: Sequence[tuple[str, Score]], plain: str, shown: frozenset[str], guess: Guess) -> bool:
        """Tell whether a short message says by itself what is wrong, and nothing else; danger to life may be longer."""
        settings = self._rules.settings
        code, best = ranked[0]
        grave = self._rules.categories[code].urgency is Urgency.EMERGENCY
        short = grave or len(plain) <= settings.curt_length
        clear = best.heaviest >= settings.clear_weight
        other = guess.points >= ENOUGH and not (grave and guess.intent is Intent.CHATTER)
        return clear and short and not other and not speaks_against(shown, danger=grave)

    def _place(self, text: str) -> str | None:
        return find_place(text) or min(self._places.find(text), key=lambda name: (-len(name), name), default=None)

    def _ranked(self, anchored: Collection[str], scores: Mapping[str, Score], *, real: bool) -> list[tuple[str, Score]]:
        """Rank what may fire, best first.

        `anchored`: the anchors in the text, those across word borders too (rule 8). `real`: a danger told is there now
        and no mere fear, so that it goes before the thing that is broken.
        """
        general = not self._general.isdisjoint(anchored)
        fired = [
            (code, score)
            for code, score in scores.items()
            if score.points > 0
            and (category := self._rules.categories.get(code)) is not None
            and (general or not category.rule.anchors.isdisjoint(anchored))
        ]
        danger = self._rules.settings.danger if real else 0.0
        return sorted(fired, key=lambda item: (-item[1].points - danger * self._grave(*item), self._number[item[0]]))

    def _grave(self, code: str, score: Score) -> bool:
        """Tell whether life is in danger and the words say so clearly."""
        return (
            score.heaviest >= self._rules.settings.clear_weight
            and self._rules.categories[code].urgency is Urgency.EMERGENCY
        )

    def _sum(self, reading: _Reading) -> float:
        """Return the points that decide the tier: what it is about, how it is said, what speaks against a report."""
        settings = self._rules.settings
        shares, cap = settings.shares, settings.shares.cap
        spoken = {code: score.points for code, score in reading.scores.items() if code.startswith("evidence.")}
        in_full = spoken.pop(_TONE, 0.0) + spoken.pop(_PATROL, 0.0)
        return (
            settings.base
            + shares.topic * min(reading.ranked[0][1].points, shares.topic_cap)
            + shares.appeal * max(-cap / 2, min(sum(spoken.values()), cap))
            + in_full
            + fsum(settings.structure[name] for name in reading.shown)  # exact: a set has no order
            - shares.intent * min(reading.guess.points, cap)
        )

    def _verdict(self, reading: _Reading, points: float) -> Verdict:
        settings = self._rules.settings
        confidence = 1 / (1 + exp(-settings.slope * (points - settings.middle)))
        if points < settings.list:
            return Verdict(Tier.NONE, reading.guess.intent, place=reading.place, confidence=round(1 - confidence, 4))
        code, score = reading.ranked[0]
        category = self._rules.categories[code]
        pressing = urgency(category, reading.hits, reading.scores)
        hidden = secrecy(category, reading.hits, reading.scores)
        grave = pressing is Urgency.EMERGENCY or hidden is Sensitivity.VIOLENCE
        clear = score.heaviest >= settings.clear_weight
        needed = (settings.emergency if grave else settings.card) if clear else settings.vague
        sure = points >= needed and tells_of_here_and_now(reading.shown, danger=grave)
        return Verdict(
            tier=Tier.CARD if sure else Tier.LIST,
            intent=Intent.REPORT,
            category=code,
            alternatives=_alternatives(reading.ranked),
            urgency=pressing,
            sensitive=hidden,
            place=reading.place,
            confidence=round(confidence, 4),
            matched=_matched(code, reading.scores),
        )


def _alternatives(ranked: Sequence[tuple[str, Score]]) -> tuple[str, ...]:
    enough = ranked[0][1].points * _ALTERNATIVE_SHARE
    return tuple(code for code, score in ranked[1 : 1 + _ALTERNATIVES] if score.points >= enough)


def _matched(code: str, scores: Mapping[str, Score]) -> tuple[Match, ...]:
    """Return the words that made the verdict, the category's own first, the heaviest first."""
    appeal = [
        match
        for name, other in scores.items()
        if name.startswith("evidence.") and name != _TONE
        for match in other.matches(name)
    ]
    own = sorted(scores[code].matches(code), key=lambda match: (-abs(match.weight), match.word))
    return (*own, *sorted(appeal, key=lambda match: (-abs(match.weight), match.word)))
