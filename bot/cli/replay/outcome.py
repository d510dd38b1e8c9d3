"""What the program would have done with a past group talk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.cli.replay.conversation import Conversation
from classifiers.verdict import Intent


@dataclass(frozen=True, slots=True)
class FoundCase:
    """A case that stands at the end. `sure`: shown as a card at once, else in the list twice a day.

    `indexes`: the messages that make it up; `matched`: the words that decided.
    """

    number: int
    category: str
    category_name: str
    urgency: str
    sensitive: bool
    state: str
    sure: bool
    place: str
    reporter: str
    supporters: tuple[str, ...]
    indexes: tuple[int, ...]
    reported_at: datetime
    text: str
    matched: str


@dataclass(frozen=True, slots=True)
class Told:
    """One thing the program said. `to`: "group", "staff", or whose private chat it is; `changed`: an edit of its own.

    `kind` is what it told of (reported, accepted, result, list …); `quote` the index of the quoted message.
    """

    at: datetime
    to: str
    kind: str
    text: str
    card: bool = False
    changed: bool = False
    quote: int | None = None
    case: int | None = None

    @property
    def in_group(self) -> bool:
        return self.to == GROUP


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A resident's message with a word of the rules in it which was no case all the same. `words`: never empty."""

    index: int
    intent: Intent
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`ignored`: residents' messages that belong to no case, by what they were; `staff_words`: those of staff.

    `failed`: why some messages made the program stumble, a line each.
    """

    conversation: Conversation
    cases: tuple[FoundCase, ...]
    told: tuple[Told, ...]
    ignored: Mapping[Intent, int]
    staff_words: int
    near: tuple[NearMiss, ...]
    dropped: int
    failed: tuple[str, ...] = field(default=())


GROUP, STAFF = "group", "staff"
