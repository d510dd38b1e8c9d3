"""What the program kept silent about, and what it took it for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from bot.cli.replay.conversation import Part, Said
from bot.cli.replay.outcome import NearMiss
from classifiers.keyword import Classifier
from classifiers.verdict import Intent


@dataclass(slots=True)
class Silence:
    """Told of every message, in order; `dropped` counts those that never came past the gate."""

    classifier: Classifier
    dropped: int = 0
    _said: list[Said] = field(default_factory=list)

    def note(self, said: Said, *, passed: bool) -> None:
        self.dropped += not passed
        self._said.append(said)

    def of(self, in_cases: Collection[int]) -> tuple[Mapping[Intent, int], tuple[NearMiss, ...]]:
        """What belongs to no case: how many of each intent, and those in which a rule's word stood all the same."""
        counted: Counter[Intent] = Counter()
        near: list[NearMiss] = []
        for said in self._said:
            if said.index in in_cases:
                continue
            verdict = self.classifier.classify(
                said.text, sender="resident" if said.who.part is Part.RESIDENT else "worker"
            )
            counted[verdict.intent] += 1
            words = tuple(match.word for match in verdict.matched if match.weight > 0)
            if words or self.classifier.has_anchor(said.text):
                near.append(NearMiss(said.index, verdict.intent, words))
        return counted, tuple(near)
