"""The classifier in use: swapped as a whole when the town's place names or the rule files change, never altered."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from typing import Final, Literal

from classifiers.keyword import Classifier
from classifiers.rules import RuleError
from classifiers.verdict import Verdict

log = logging.getLogger(__name__)
LOOK_EVERY: Final = 2.0  # seconds between two looks at the rule files
Mark = tuple[tuple[str, int, int], ...]


class Rules:
    """`max_text` caps what is classified; a longer text is judged by its beginning."""

    def __init__(
        self, folder: Path | None, *, full_dictionary: bool, max_text: int, look_every: float = LOOK_EVERY
    ) -> None:
        self._folder, self._full, self._max, self._every = folder, full_dictionary, max_text, look_every
        self._places: frozenset[str] | None = None
        self._mark: Mark = ()
        self._looked = 0.0
        self._classifier: Classifier | None = None

    @property
    def classifier(self) -> Classifier:
        assert self._classifier is not None, "load() runs before anything else"
        return self._classifier

    async def load(self, places: frozenset[str]) -> bool:
        """Load with these names in the lexicon, off the loop; False where nothing has changed.

        Rule files that a clerk has changed are taken up all together or, where one is wrong, not at all: what was in
        use stays in use, and the log says which line. Raises classifiers.rules.RuleError only the first time.
        """
        mark = await self._seen()
        if places == self._places and mark == self._mark:
            return False
        known = self._classifier is not None
        changed = mark != self._mark
        self._mark, self._places = mark, places  # what was refused is not tried again before it changes
        try:
            self._classifier = await asyncio.to_thread(
                Classifier.load, self._folder, places=sorted(places), full_dictionary=self._full
            )
        except RuleError as error:
            if not known:
                raise
            log.error("rules not taken up: %s", error, extra={"action": "rules_refused"})  # noqa: TRY400 - the clerk's
            return False
        if known and changed:
            log.info("rules taken up", extra={"action": "rules_reloaded"})
        return True

    async def _seen(self) -> Mark:
        """What the files of the folder look like; our own do not change while the program runs."""
        now = time.monotonic()
        if self._folder is None or (self._mark and now - self._looked < self._every):
            return self._mark
        self._looked = now
        return await asyncio.to_thread(_mark, self._folder)

    def anchor(self, text: str) -> bool:
        return self.classifier.has_anchor(text[: self._max])

    def verdict(self, text: str, *, staff: bool) -> Verdict:
        sender: Literal["resident", "worker"] = "worker" if staff else "resident"
        return self.classifier.classify(text[: self._max], sender=sender)

    def worth(self, text: str, *, staff: bool) -> bool:
        """At least a perhaps: what the gate asks."""
        return self.verdict(text, staff=staff).is_case


def _mark(folder: Path) -> Mark:
    found = []
    for path in sorted(folder.glob("*.toml")):
        try:
            told = path.stat()
        except OSError:  # an editor replaces it at this very moment; the next look sees it
            continue
        found.append((path.name, told.st_mtime_ns, told.st_size))
    return tuple(found)
