"""Text or button -> intent: the chat grammar of domain.md. Pure; anything at all may be passed in.

A command stands at the start of a message; what only resembles one in ordinary talk is none. Numbers name cases,
positions answer the list shown last (`dialogue` binds them). Words after the head keep the spelling they were typed in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from bot.talk import acts, changes, errands, phrases
from bot.talk.buttons import MAX_BYTES, Press, button_data, parse_button
from bot.talk.command import Command
from bot.talk.line import OURS, Line, Quoted
from bot.talk.verbs import RESIDENT_VERBS, Verb

__all__ = ["MAX_BYTES", "Command", "Press", "Quoted", "Verb", "button_data", "parse", "parse_button"]

MAX_COMMAND: Final = 600  # characters; a longer text is a forward, not a command


def parse(text: str, *, role: Literal["resident", "worker"], quoted: Quoted, private: bool) -> Command | None:
    """None: this is talk, not a command. Never raises."""
    if len(text) > MAX_COMMAND:
        return None
    line = Line.of(text, staff=role == "worker", quoted=quoted, private=private)
    if not line.plain:
        return None
    for station in _STATIONS:
        command = station(line)
        if command is not None:
            return command if _allowed(command, line) else None
    return None


def _allowed(command: Command, line: Line) -> bool:
    """Whether this speaker's words count as a command here at all; whether he may do it is the desk's to say."""
    if line.staff or line.private or command.verb in _ANYONE:
        return True
    if command.verb in RESIDENT_VERBS:
        return True
    return line.quoted in OURS


_ANYONE: Final = frozenset({Verb.SUPPORT, Verb.NOT_FIXED, Verb.CALLED_OFF, Verb.GRADE, Verb.MENU, Verb.REPORT})


def _answers(line: Line) -> Command | None:
    """「没好」 under a result; 「我家也是」, +1, 「好了不用了」 under a report or its receipt."""
    if line.quoted == "result":
        return Command(verb=Verb.NOT_FIXED, text=line.raw) if phrases.not_fixed(line.raw) else None
    if line.quoted not in {"report", "card"} or (line.staff and line.quoted == "card"):
        return None
    if phrases.supports(line.raw, quoting=True):
        return Command(verb=Verb.SUPPORT, text=line.raw)
    return Command(verb=Verb.CALLED_OFF, text=line.raw) if phrases.called_off(line.raw) and not line.staff else None


_STATIONS: Final[tuple[Callable[[Line], Command | None], ...]] = (
    errands.grade,
    errands.plain,
    errands.figures,
    errands.reports,
    errands.patrols,
    errands.files_for,
    errands.leave,
    errands.handover,
    errands.alias,
    changes.merges,
    changes.corrects,
    acts.verb_first,
    acts.number_first,
    acts.by_quote,
    _answers,
)
