"""What an outbox row holds: a post as far as it is known before it is claimed.

`text` drafts are final when written. `card`, `more`, `reminder` and `list` drafts hold references and are rendered when
the row is claimed, so that they show the cases as they are then, and no words of a forgotten case are left here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bot.model import Button


@dataclass(frozen=True, slots=True)
class Item:
    """One reminder: slot `n` of a generation of a case's clock; `data` is what its notice says besides the case."""

    case: int
    generation: int
    n: int
    kind: str
    audience: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """`view`: text | card | more | reminder | list. `quote`, `edits`: native message ids. `photos`: blob hashes."""

    view: str
    text: str = ""
    quote: str | None = None
    edits: str | None = None
    photos: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    items: tuple[Item, ...] = ()  # of a reminder
    menu: tuple[int, ...] = ()  # case ids in the order shown
    more: int = 0  # cases for which a list has no room
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
        values["items"] = tuple(Item(**item) for item in values.get("items", ()))
        return Draft(**values)
