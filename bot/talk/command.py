"""A command as read from one message; what it means in its place is found out by `dialogue`."""

from __future__ import annotations

from dataclasses import dataclass

from bot.talk.verbs import Verb


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """`text` is what follows the head: a reason, a result, a unit, an area, a name. Fields no verb filled stay empty.

    `category` repeats a short text behind 「确认 128」: it may name a category (see categories.category_of).
    `grade` counts from 1, the best. `passed`: the outcome of 核查. `until`: (month, day). `person`: a substitute, an
    heir of a shift, or for whom a report is written in. `quiet`: 「不发群」 at the end of a result.
    """

    verb: Verb
    numbers: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    text: str = ""
    category: str | None = None
    days: int | None = None
    until: tuple[int, int] | None = None
    field: str | None = None
    value: str | None = None
    target: int | None = None
    year: int | None = None
    month: int | None = None
    grade: int | None = None
    passed: bool | None = None
    person: str = ""
    quiet: bool = False
