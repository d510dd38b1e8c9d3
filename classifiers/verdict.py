"""What a classification says: frozen values, free of any platform or database."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    """How sure: `card` is shown to the worker at once, `list` twice a day, `none` never."""

    CARD = "card"
    LIST = "list"
    NONE = "none"


class Urgency(StrEnum):
    """`emergency`: danger to life now; `urgent`: outage for many or danger within a day; else `normal`."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    NORMAL = "normal"


class Intent(StrEnum):
    """What a message wants; only `report` is a matter for the grid."""

    REPORT = "report"
    CHATTER = "chatter"
    THANKS = "thanks"
    NOTICE = "notice"
    ADVERT = "advert"
    FORWARD = "forward"
    SIGNUP = "signup"
    ANSWER = "answer"
    RESOLVED = "resolved"


class Sensitivity(StrEnum):
    """How a matter must be kept out of the group (domain.md, Manners).

    `none`: may be told in the group. `private`: no quote, number or result in the group. `missing`: as private, and
    nothing is repeated unless the family agrees. `violence`: no answer in the group at all, only the confidant sees it.
    `staff`: a complaint about staff or committees; only the confidant outside that chain sees it.
    """

    NONE = "none"
    PRIVATE = "private"
    MISSING = "missing"
    VIOLENCE = "violence"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Match:
    """One rule word found in the normalised text and what it added to the score of its category."""

    word: str
    rule: str
    weight: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome for one message. `category` and `urgency` are None exactly when the message is no case."""

    tier: Tier
    intent: Intent
    category: str | None = None
    alternatives: tuple[str, ...] = ()
    urgency: Urgency | None = None
    sensitive: Sensitivity = Sensitivity.NONE
    place: str | None = None
    confidence: float = 0.0
    matched: tuple[Match, ...] = ()

    @property
    def is_case(self) -> bool:
        return self.tier is not Tier.NONE
