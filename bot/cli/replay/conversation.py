"""A past group talk, whatever file it came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Part(StrEnum):
    """What somebody was in the group. `property`: the property management, which works there but is not the grid."""

    RESIDENT = "resident"
    WORKER = "worker"
    PROPERTY = "property"


@dataclass(frozen=True, slots=True)
class Person:
    """`id` tells two of the same name apart where the file does; else it is the name."""

    id: str
    name: str
    part: Part = Part.RESIDENT


@dataclass(frozen=True, slots=True)
class Said:
    """One message. `index` is its place in the file, `reply_to` the index of the quoted one, `photos` their number."""

    index: int
    at: datetime
    who: Person
    text: str
    reply_to: int | None = None
    photos: int = 0


@dataclass(frozen=True, slots=True)
class Conversation:
    """`said` is in the order of time; `start` is the moment of t = 0."""

    id: str
    title: str
    start: datetime
    said: tuple[Said, ...]

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody who said something, in the order of their first word."""
        return tuple(dict.fromkeys(one.who for one in self.said))
