"""What a transcript file says, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

ANY = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """Which message is meant: the last one in the chat with these words, or the last one about this case."""

    words: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Somebody does something in a chat. `kind`: say | edit | recall | press | join | leave. `old`: press the button
    as it was on the first version of the card.
    """

    who: str
    chat: str
    kind: str = "say"
    text: str = ""
    quote: Ref | None = None
    target: Ref | None = None
    photos: int = 0
    button: str = ""
    old: bool = False
    late: timedelta = timedelta()
    many: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """For a span, or until a moment of local time as it is written (「18:00」, 「11-24 08:30」)."""

    span: timedelta = timedelta()
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A post of the bot. `kind`: text | card | edit. `parts` of a card: each is one of its lines."""

    chat: str
    kind: str
    text: str
    parts: tuple[str, ...] = ()
    quote: str | None = None
    photos: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Toast:
    """What who pressed a button reads on the spot."""

    who: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseIs:
    """The case as the database has it afterwards. `unchanged`: in every column as it was before the step."""

    number: int
    facts: tuple[str, ...] = ()
    unchanged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCount:
    count: int


Expected = Posted | Toast | CaseIs | CaseCount


@dataclass(slots=True)
class Step:
    """`line` counts from 1. `together`: said at one moment, before the bot has read any of it."""

    line: int
    acts: list[Say | Wait]
    last_line: int = 0  # of what people do
    together: bool = False
    expected: list[Expected] = field(default_factory=list)
    written: list[str] = field(default_factory=list)  # what the bot does, as it stands in the file

    def __post_init__(self) -> None:
        self.last_line = self.last_line or self.line


@dataclass(slots=True)
class Cast:
    """The town of a transcript, as written."""

    areas: list[tuple[str, str, str]] = field(default_factory=list)  # name, level, above
    units: dict[str, tuple[str, bool]] = field(default_factory=dict)  # name -> area, is it the default
    chats: dict[str, tuple[str, str, tuple[str, ...]]] = field(default_factory=dict)  # kind, mode, areas or unit
    people: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # name -> (role, area or unit)
    reachable: set[str] = field(default_factory=set)
    settings: dict[str, str] = field(default_factory=dict)
    start: datetime | None = None


@dataclass(slots=True)
class Script:
    title: str
    cast: Cast
    steps: list[Step]
