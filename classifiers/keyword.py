"""The classifier of signed, weighted words: pure and deterministic, read only after loading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Literal

from classifiers.anchors import AnchorSearch
from classifiers.judging import Judge
from classifiers.lexicon import Lexicon
from classifiers.normalize import normalize
from classifiers.reading import Reader, Reading
from classifiers.rules import Category, RuleSet, load_rules
from classifiers.verdict import Intent, Tier, Verdict

Sender = Literal["resident", "worker"]
NO_ANCHOR: Final = 0.85
"""How sure it is that a text without an anchor is no case, in a set of which half are cases; in a group far surer."""


class Classifier:
    """Texts -> verdicts by the rule files."""

    def __init__(self, rules: RuleSet, lexicon: Lexicon, places: Iterable[str] = ()) -> None:
        self.rules = rules
        self.lexicon = lexicon
        self._reader = Reader(rules, lexicon, places)
        self.judge = Judge(rules, self._reader.may_fire)
        self._anchored = AnchorSearch(self._reader.anchors)

    @classmethod
    def load(
        cls, rules: Path | None = None, *, places: Iterable[str] = (), full_dictionary: bool = False
    ) -> Classifier:
        """Read rules and dictionary. `places`: local names (communities, villages). Raises rules.RuleError."""
        return cls(load_rules(rules), Lexicon.load(full_dictionary=full_dictionary), places)

    @property
    def categories(self) -> Mapping[str, Category]:
        """Code -> category, in the order of the taxonomy."""
        return self.rules.categories

    def anchors(self) -> frozenset[str]:
        """Return every anchor, all spellings: those of the categories and the general ones of the evidence rules."""
        return self._reader.anchors

    def has_anchor(self, text: str) -> bool:
        """Tell whether any rule could fire: False means that `classify` says `none`."""
        return self._anchored(normalize(text))

    def classify(self, text: str, *, sender: Sender = "resident") -> Verdict:
        """Return the verdict on one message. Without an anchor nothing is segmented and no category is asked."""
        plain = normalize(text)
        if not self._anchored(plain):
            return Verdict(Tier.NONE, self._small_talk(plain, sender), confidence=NO_ANCHOR)
        return self.judge.verdict(self._reader.read(text, plain, worker=sender == "worker"))

    def read(self, text: str, *, sender: Sender = "resident") -> Reading:
        """Return what the rules see in a text, whether or not it holds an anchor: for learning and explaining."""
        return self._reader.read(text, normalize(text), worker=sender == "worker", in_full=True)

    def _small_talk(self, plain: str, sender: Sender) -> Intent:
        return self._reader.small_talk(plain, worker=sender == "worker")
