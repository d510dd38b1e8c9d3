"""What the program kept silent about, and what it took it for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from bot.cli.replay.conversation import Part, Said
from bot.cli.replay.outcome import NearMiss
from classifiers.keyword import Classifier
from classifiers.normalize import normalize
from classifiers.verdict import Intent, Verdict


@dataclass(frozen=True, slots=True)
class Silent:
    """The fields of the same names in bot.cli.replay.outcome.Outcome."""

    ignored: Mapping[Intent, int]
    staff_words: int
    near: tuple[NearMiss, ...]


@dataclass(slots=True)
class Silence:
    """Told of every message, in order; `dropped` counts those that never came past the gate."""

    classifier: Classifier
    dropped: int = 0
    _said: list[Said] = field(default_factory=list)

    def note(self, said: Said, *, passed: bool) -> None:
        self.dropped += not passed
        self._said.append(said)

    def of(self, in_cases: Collection[int]) -> Silent:
        """What belongs to no case."""
        rest = [said for said in self._said if said.index not in in_cases]
        residents = [said for said in rest if said.who.part is Part.RESIDENT]
        counted: Counter[Intent] = Counter()
        near: list[NearMiss] = []
        anchors = self.classifier.anchors()
        for said in residents:
            verdict = self.classifier.classify(said.text)
            counted[verdict.intent] += 1
            if words := self._words(said.text, verdict, anchors):
                near.append(NearMiss(said.index, verdict.intent, words))
        return Silent(counted, len(rest) - len(residents), tuple(near))

    def _words(self, text: str, verdict: Verdict, anchors: Collection[str]) -> tuple[str, ...]:
        """The rules' words in it: those that counted, else the anchors, which alone make a rule look at it."""
        counted = tuple(dict.fromkeys(match.word for match in verdict.matched if match.weight > 0))
        if counted or not self.classifier.has_anchor(text):
            return counted
        plain = normalize(text)
        return tuple(sorted(anchor for anchor in anchors if anchor in plain))
