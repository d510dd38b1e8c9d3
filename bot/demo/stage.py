"""What the page shows: the caption, whose phones, whether the story plays; and whether anybody looks."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

LOOKING = 120.0  # seconds after the last sign of a viewer during which somebody still counts as looking


@dataclass(frozen=True, slots=True)
class View:
    """One phone: a person and the room that is open."""

    person: str
    room: str


@dataclass(slots=True)
class Stage:
    """`side`: the phone to look at where only one fits on the screen."""

    caption: str = ""
    playing: bool = False
    views: dict[str, View] = field(default_factory=dict)
    side: str = ""
    _seen: float | None = None

    def show(self, caption: str, views: dict[str, View], side: str) -> None:
        self.caption, self.side = caption, side or self.side
        self.views = {**self.views, **views}

    def look(self) -> None:
        """Somebody looks at the page."""
        self._seen = time.monotonic()

    @property
    def watched(self) -> bool:
        return self._seen is not None and time.monotonic() - self._seen < LOOKING

    def focus(self) -> dict[str, object] | None:
        if not self.views:
            return None
        shown: dict[str, object] = {
            side: {"person": view.person, "room": view.room} for side, view in self.views.items()
        }
        return {**shown, "side": self.side} if self.side else shown
