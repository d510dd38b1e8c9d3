"""The story as written in story.toml: steps of what is said, tapped, waited for and shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.demo.stage import View
from bot.demo.town import read


@dataclass(frozen=True, slots=True)
class Say:
    """`quote`: the name of an earlier message; `name`: what this one is called from now on."""

    who: str
    room: str
    text: str
    quote: str = ""
    photo: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Press:
    who: str
    card: str
    action: str


@dataclass(frozen=True, slots=True)
class Wait:
    """A message of the bot in `room` that came after the message called `since` (else after the step began)."""

    room: str
    since: str = ""
    card: bool = False
    quotes: str = ""
    photo: bool = False
    text: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Silence:
    """The bot has said nothing in `room` since the message called `since`."""

    room: str
    since: str


@dataclass(frozen=True, slots=True)
class Step:
    """In this order: the page shows it, chatter, say, press, wait, silence, rest (seconds at speed 1)."""

    caption: str
    views: Mapping[str, View]
    side: str = ""
    chatter: int = 0
    say: Say | None = None
    press: Press | None = None
    wait: Wait | None = None
    silence: Silence | None = None
    rest: float = 0.0


def load() -> tuple[Step, ...]:
    """The steps of story.toml. An unknown key there is a TypeError.

    `{lamp}` and `{drain}` stand for house numbers, other ones at each showing, else the second lamp would be the first
    one broken again; `{limit}` for the seconds in which the drain should be accepted.
    """
    return tuple(_step(dict(row)) for row in read("story.toml")["steps"])


def rooms_of(steps: tuple[Step, ...]) -> frozenset[str]:
    """Where the story listens."""
    return frozenset(found.room for step in steps for found in (step.wait, step.silence) if found is not None)


def filled(step: Step, words: Mapping[str, str]) -> Step:
    """With `{name}` in what is shown and said replaced."""
    say = replace(step.say, text=_filled(step.say.text, words)) if step.say else None
    return replace(step, caption=_filled(step.caption, words), say=say)


def _filled(text: str, words: Mapping[str, str]) -> str:
    for name, value in words.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _step(row: dict[str, Any]) -> Step:
    parts: dict[str, Any] = {
        name: kind(**row.pop(name))
        for name, kind in (("say", Say), ("press", Press), ("wait", Wait), ("silence", Silence))
        if name in row
    }
    views: dict[str, View] = {side: View(*row.pop(side)) for side in ("left", "right") if side in row}
    return Step(views=views, **row, **parts)
