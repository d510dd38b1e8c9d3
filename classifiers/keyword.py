"""The classifier of signed, weighted words: pure and deterministic, read only after loading."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import Final, Literal

from classifiers.anchors import AnchorSearch
from classifiers.consequences import secrecy, urgency
from classifiers.intent import Guess, guess_intent
from classifiers.lexicon import Lexicon
from classifiers.normalize import normalize
from classifiers.places import find_place
from classifiers.rules import Category, RuleSet, load_rules
from classifiers.scoring import Hits, Score, Scorer, WordFinder, whole_words
from classifiers.structure import structure
from classifiers.verdict import Intent, Match, Sensitivity, Tier, Urgency, Verdict

Sender = Literal["resident", "worker"]

_TONE: Final = "evidence.tone"
_PATROL: Final = "evidence.patrol"
_ALTERNATIVES: Final = 2
_ALTERNATIVE_SHARE: Final = 0.5  # of the best category's points


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was seen in one text."""

    place: str | None
    raw: Collection[str]  # every rule word in the text, those across word borders too: anchors ask for no more
    hits: Hits
    scores: Mapping[str, Score]
    shown: frozenset[str]
    guess: Guess


class Classifier:
    """Texts -> verdicts by the rule files."""

    def __init__(self, rules: RuleSet, lexicon: Lexicon, places: Iterable[str] = ()) -> None:
        self._rules = rules
        self._lexicon = lexicon
        self._places = tuple(sorted({name for name in places if len(name) > 1}, key=lambda name: (-len(name), name)))
        # Anchors of the evidence rules let every category fire: 「3号楼前黑漆漆」 names no lamp.
        self._general = frozenset[str]().union(*(rule.anchors for rule in rules.signals["evidence"].values()))
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
        loaded = load_rules(rules)
        return cls(loaded, Lexicon.load(loaded.words(), full_dictionary=full_dictionary), places)

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
        if not self._anchored(plain):
            return Verdict(Tier.NONE, self._small_talk(plain, sender), confidence=1.0)
        reading = self._read(text, plain, sender)
        ranked = self._ranked(reading)
        if not ranked:
            return Verdict(Tier.NONE, reading.guess.intent, place=reading.place, confidence=1.0)
        return self._verdict(reading, ranked, self._sum(ranked[0][1].points, reading))

    def _small_talk(self, plain: str, sender: Sender) -> Intent:
        shown = frozenset({"worker"}) if sender == "worker" else frozenset[str]()
        return guess_intent(self._intents.score(self._intent_words.find(plain)), shown).intent

    def _read(self, text: str, plain: str, sender: Sender) -> _Reading:
        raw = self._finder.find(plain)
        hits = whole_words(raw, plain, self._lexicon)
        place = self._place(text)
        shown = structure(plain, place=place, worker=sender == "worker")
        scores = self._scorer.score(hits)
        return _Reading(place, raw.keys(), hits, scores, shown, guess_intent(scores, shown))

    def _place(self, text: str) -> str | None:
        found = find_place(text)
        return found or next((name for name in self._places if name in text), None)

    def _ranked(self, reading: _Reading) -> list[tuple[str, Score]]:
        """Return the categories with an anchor in the text and points above zero, best first."""
        anchored = {word for word in reading.raw if word in self._anchors}
        general = not anchored.isdisjoint(self._general)
        fired = [
            (code, reading.scores[code])
            for code, category in self._rules.categories.items()
            if code in reading.scores
            and reading.scores[code].points > 0
            and (general or not category.rule.anchors.isdisjoint(anchored))
        ]
        return sorted(fired, key=lambda item: -item[1].points)

    def _sum(self, topic: float, reading: _Reading) -> float:
        """Return the points that decide the tier: what it is about, how it is said, what speaks against a report."""
        settings = self._rules.settings
        shares, cap = settings.shares, settings.shares.cap
        spoken = {code: score.points for code, score in reading.scores.items() if code.startswith("evidence.")}
        in_full = spoken.pop(_TONE, 0.0) + spoken.pop(_PATROL, 0.0)
        return (
            settings.base
            + shares.topic * min(topic, shares.topic_cap)
            + shares.appeal * max(-cap / 2, min(sum(spoken.values()), cap))
            + in_full
            + sum(settings.structure[name] for name in reading.shown)
            - shares.intent * min(reading.guess.points, cap)
        )

    def _verdict(self, reading: _Reading, ranked: list[tuple[str, Score]], points: float) -> Verdict:
        settings = self._rules.settings
        confidence = 1 / (1 + exp(-settings.slope * (points - settings.middle)))
        if points < settings.list:
            return Verdict(Tier.NONE, reading.guess.intent, place=reading.place, confidence=round(1 - confidence, 4))
        code, score = ranked[0]
        category = self._rules.categories[code]
        pressing = urgency(category, reading.hits, reading.scores)
        hidden = secrecy(category, reading.hits, reading.scores)
        grave = pressing is Urgency.EMERGENCY or hidden is Sensitivity.VIOLENCE
        needed = settings.emergency if grave else settings.card
        return Verdict(
            tier=Tier.CARD if points >= needed else Tier.LIST,
            intent=Intent.REPORT,
            category=code,
            alternatives=_alternatives(ranked),
            urgency=pressing,
            sensitive=hidden,
            place=reading.place,
            confidence=round(confidence, 4),
            matched=_matched(score, reading.scores),
        )


def _alternatives(ranked: list[tuple[str, Score]]) -> tuple[str, ...]:
    enough = ranked[0][1].points * _ALTERNATIVE_SHARE
    return tuple(code for code, score in ranked[1 : 1 + _ALTERNATIVES] if score.points >= enough)


def _matched(score: Score, scores: Mapping[str, Score]) -> tuple[Match, ...]:
    """Return the words that made the verdict, the category's own first, the heaviest first."""
    appeal = [
        match
        for code, other in scores.items()
        if code.startswith("evidence.") and code != _TONE
        for match in other.matches
    ]
    own = sorted(score.matches, key=lambda match: (-abs(match.weight), match.word))
    return (*own, *sorted(appeal, key=lambda match: (-abs(match.weight), match.word)))
