"""The classifier in use: swapped as a whole when the town's place names or the rules change, never altered."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Literal

from classifiers.keyword import Classifier
from classifiers.verdict import Verdict


class Rules:
    """`max_text` caps what is classified; a longer text is judged by its beginning."""

    def __init__(self, folder: Path | None, *, full_dictionary: bool, max_text: int) -> None:
        self._folder, self._full, self._max = folder, full_dictionary, max_text
        self._places: frozenset[str] | None = None
        self._classifier: Classifier | None = None

    @property
    def classifier(self) -> Classifier:
        assert self._classifier is not None, "load() runs before anything else"
        return self._classifier

    async def load(self, places: frozenset[str]) -> bool:
        """Load with these names in the lexicon, off the loop; False where they are in it already.

        Raises classifiers.rules.RuleError and keeps what was in use.
        """
        if places == self._places:
            return False
        self._classifier = await asyncio.to_thread(
            Classifier.load, self._folder, places=sorted(places), full_dictionary=self._full
        )
        self._places = places
        return True

    def anchor(self, text: str) -> bool:
        return self.classifier.has_anchor(text[: self._max])

    def verdict(self, text: str, *, staff: bool) -> Verdict:
        sender: Literal["resident", "worker"] = "worker" if staff else "resident"
        return self.classifier.classify(text[: self._max], sender=sender)

    def worth(self, text: str, *, staff: bool) -> bool:
        """At least a perhaps: what the gate asks."""
        return self.verdict(text, staff=staff).is_case
