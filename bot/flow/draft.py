"""What an outbox row holds: a post as far as it is known before it is claimed.

`text` drafts are final when written. `card` and `reminder` drafts hold references and are rendered when the row is
claimed, so that they show the case as it is then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bot.model import Button


@dataclass(frozen=True, slots=True)
class Draft:
    """`view`: text | card | reminder | list. `quote`, `edits`: native message ids. `photos`: blob hashes."""

    view: str
    text: str = ""
    quote: str | None = None
    edits: str | None = None
    photos: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    items: tuple[tuple[int, int, str], ...] = ()  # reminder: (case, generation, kind of reminder)
    menu: tuple[int, ...] = ()  # case ids in the order shown
    menu_for: int | None = None  # the person who may answer by position
    link: str = ""  # the role of the message once it is posted: card | ack | result | reminder | answer
    closing: int | None = None

    def dump(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if value}

    @staticmethod
    def load(body: Mapping[str, Any]) -> Draft:
        values = dict(body)
        values["buttons"] = tuple(Button(**button) for button in values.get("buttons", ()))
        values["photos"] = tuple(values.get("photos", ()))
        values["menu"] = tuple(values.get("menu", ()))
        values["items"] = tuple((int(c), int(g), str(k)) for c, g, k in values.get("items", ()))
        return Draft(**values)
