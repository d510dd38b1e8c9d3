"""Lists and longer answers: 待办, 我的上报, 查询, 详情, 帮助, reminders gathered into one message, text to paste."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.cases.states import entered_late
from bot.talk.moments import stamp, when
from bot.talk.voice import HIDDEN, Voice
from storage.records import CaseRow, EventRow

LINES: Final = 12  # cases in one message; a phone shows about as many
_TEXT: Final = 24  # characters of a report in a list line
_TOLD: Final = ("reason", "text", "result", "note")  # what of an event's data is worth reading


@dataclass(frozen=True, slots=True)
class Listed:
    """A list as shown, and the cases in the order of its positions (storage.menus)."""

    text: str
    items: tuple[int, ...]


def todo(cases: Sequence[CaseRow], voice: Voice, now: datetime) -> Listed:
    """What waits for a person, the most urgent first as given."""
    say = voice.texts.say
    if not cases:
        return Listed(say("list.todo_empty"), ())
    shown = cases[:LINES]
    due = sum(1 for case in cases if case.yellow_at is not None and case.yellow_at <= now)
    lines = [
        say("list.todo_line", position=position, **voice.fields(case, now)) for position, case in enumerate(shown, 1)
    ]
    more = [say("list.todo_more", more=len(cases) - LINES)] if len(cases) > LINES else []
    title = say("list.todo_title", total=len(cases), count=due or "")
    return Listed("\n".join([title, *lines, *more, say("list.todo_hint")]), tuple(case.id for case in shown))


def digest(cases: Sequence[CaseRow], voice: Voice, now: datetime, *, more: int = 0) -> Listed:
    """What is only perhaps a case: the list shown twice a day. `more`: how many there are besides."""
    say, shown = voice.texts.say, cases[:LINES]
    lines = [
        say("list.digest_line", **(voice.fields(case, now) | {"position": position, "text": _brief(case.text)}))
        for position, case in enumerate(shown, 1)
    ]
    title = say("list.digest_title", total=len(cases) + more)
    return Listed("\n".join([title, *lines, say("list.digest_hint")]), tuple(case.id for case in shown))


def reminders(sentences: Sequence[str], voice: Voice) -> str:
    """One message gathers all that is due."""
    if len(sentences) == 1:
        return sentences[0]
    numbered = [f"{position}. {sentence}" for position, sentence in enumerate(sentences, 1)]
    return "\n".join([voice.texts.say("list.reminder_title", total=len(sentences)), *numbered])


def mine(cases: Sequence[CaseRow], voice: Voice, now: datetime) -> str:
    """A reporter's own cases, in his words for their states."""
    say = voice.texts.say
    if not cases:
        return say("list.mine_empty")
    return "\n".join([say("list.mine_title"), *(say("list.mine_line", **_public(case, voice, now)) for case in cases)])


def query(case: CaseRow, voice: Voice, now: datetime) -> str:
    """One case for its reporter."""
    return voice.texts.say("list.query", **_public(case, voice, now))


def _public(case: CaseRow, voice: Voice, now: datetime) -> dict[str, object]:
    states = "hidden_state" if case.sensitive in HIDDEN else "public_state"
    fields = voice.fields(case, now) | {"state": voice.texts.word(states, case.state)}
    return fields | {"due": "" if case.closed_at or case.clock is None else fields["due"]}


def detail(case: CaseRow, events: Sequence[EventRow], voice: Voice, now: datetime, *, supporters: int = 0) -> str:
    """Everything staff may see of a case, with its history. The case is masked for the viewer before."""
    say, fields = voice.texts.say, voice.fields(case, now)
    reporter = fields["reporter"] or say("card.value_anonymous")
    source = "" if case.source == "group" else fields["source"]
    lines = [
        say("list.detail_head", **fields),
        say("list.detail_text", **fields) if case.text else "",
        say("list.detail_people", **(fields | {"reporter": reporter, "source": source})),
        say("list.detail_due", **fields) if fields["due"] else "",
        say("list.detail_result", **fields) if case.result_text else "",
        say("list.detail_support", count=supporters) if supporters else "",
    ]
    return "\n".join([*filter(None, lines), *(_event(event, voice) for event in events)])


def _event(event: EventRow, voice: Voice) -> str:
    say, told = voice.texts.say, [str(event.data[key]) for key in _TOLD if event.data.get(key)]
    who = voice.names.person(event.actor_id) if event.actor_id else voice.texts.word("role", "system")
    action = voice.texts.word("action", event.action)
    line = say("list.detail_event", at=stamp(event.at, voice.tz), who=who, action=action, text="；".join(told))
    return line + (say("list.late_entry") if entered_late(event) else "")


def ledger(cases: Sequence[CaseRow], period: str, voice: Voice, now: datetime) -> str:
    """Every case of a period, one line each."""
    say = voice.texts.say
    if not cases:
        return say("list.ledger_empty", period=period)
    lines = [
        say("list.ledger_line", **(voice.fields(case, now) | {"at": when(case.reported_at, now, voice.tz)}))
        for case in cases
    ]
    closed = sum(case.state == "closed" for case in cases)
    return say("list.ledger", period=period, total=len(cases), closed=str(closed), lines="\n".join(lines))


def stats(period: str, total: int, closed: int, voice: Voice, *, rate: str = "", grade: str = "") -> str:
    """A worker's own figures; `rate` and `grade` are percentages, empty where nobody answered."""
    if not total:
        return voice.texts.say("list.stats_empty", period=period)
    return voice.texts.say("list.stats", period=period, total=total, closed=str(closed), rate=rate, grade=grade)


def help_for(roles: frozenset[str], voice: Voice) -> str:
    """What one can say, by what one is."""
    for key, holders in _HELP.items():
        if roles & holders:
            return voice.texts.say(f"help.{key}")
    return voice.texts.say("help.resident")


_HELP: Final = {
    "worker": frozenset({"grid_worker", "grid_leader", "instructor", "village_secretary", "confidant", "assistant"}),
    "supervisor": frozenset({"supervisor"}),
    "handler": frozenset({"handler"}),
    "admin": frozenset({"admin"}),
}


def to_paste(case: CaseRow, voice: Voice, now: datetime) -> str | None:
    """The result as text a worker pastes into a group no bot can read; None for what must stay out of any group."""
    if case.sensitive != "none":
        return None
    asked = case.category.partition(".")[0] in {"service", "consult"}
    return voice.texts.say("relay.answer" if asked else "relay.result", **voice.fields(case, now))


def _brief(text: str) -> str:
    line = text.replace("\n", " ")
    return line if len(line) <= _TEXT else line[: _TEXT - 1] + "…"
