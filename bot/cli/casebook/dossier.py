"""Everything of one case that the operator may see: columns, history, supporters, links, grades, posts that wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.cases.states import entered_late
from bot.cases.visibility import OPERATOR, Field, may_see
from bot.cli.casebook.book import Book
from bot.cli.casebook.sheet import COLUMNS, KEPT, is_secret, plain, seen
from bot.cli.letters.kinds import kind_word
from bot.privacy import mask_personal
from storage import cases, dead_letters, links, ratings
from storage.records import CaseRow, DeadLetter, EventRow, LinkRow, RatingRow, SupporterRow

_TOLD = ("reason", "text", "result", "note", "unit", "to", "days", "target", "case")  # of an event's data
_ROLES = {
    "report": "上报", "piece": "补充", "support": "附议", "card": "卡片", "ack": "受理", "result": "结果",
    "reminder": "提醒", "answer": "回话",
}  # fmt: skip

_STATES = {"pending": "等着发", "dead": "发不出去", "unknown": "不知道发到没有"}


@dataclass(frozen=True, slots=True)
class Dossier:
    """What belongs to a case, as it is stored."""

    case: CaseRow
    events: list[EventRow]
    supporters: list[SupporterRow]
    links: list[LinkRow]
    ratings: list[RatingRow]
    posts: list[DeadLetter]


def gather(conn: Connection, case_id: int) -> Dossier | None:
    """None: there is no such case, or nobody has taken it up: then it is no case yet."""
    case = cases.get(conn, case_id)
    if case is None or cases.is_perhaps(case):
        return None
    return Dossier(
        case,
        cases.events(conn, case_id),
        cases.supporters(conn, case_id),
        links.of_case(conn, case_id),
        ratings.of_case(conn, case_id),
        dead_letters.about(conn, case_id),
    )


def as_json(found: Dossier, book: Book) -> dict[str, Any]:
    """The public form; what may not be seen is null, and of a secret case nothing but its columns is told."""
    case = found.case
    told: dict[str, Any] = {"secret": is_secret(case)} | plain(seen(case, book, len(found.supporters)))
    if not may_see(OPERATOR, case, Field.HISTORY):
        return told
    return told | {
        "history": [_event(event, found, book) for event in found.events],
        "links": dict(Counter(link.role for link in found.links)),
        "grades": [
            {"closing": row.closing, "grade": book.grade(row.grade), "at": book.iso(row.at)} for row in found.ratings
        ],
        "posts": [
            {"id": post.name, "kind": post.kind, "state": post.state, "reason": mask_personal(post.reason or "")}
            for post in found.posts
        ],
    }


def lines(found: Dossier, book: Book) -> Iterator[str]:
    """For people: one fact a line, empty ones left out."""
    case = found.case
    values = seen(case, book, len(found.supporters))
    secret = f" · {KEPT}" if is_secret(case) else ""
    yield f"№{case.id} · {values['state']}{secret}"
    for column in COLUMNS[2:]:
        if shown := _shown(values[column.key], book):
            yield f"{column.heading}：{shown}"
    if not may_see(OPERATOR, case, Field.HISTORY):
        yield "这是保密的事，内容、地点、上报人和经过只有管它的人能看，命令行里也没有办法看。"
        return
    yield from _history(found, book)


def _history(found: Dossier, book: Book) -> Iterator[str]:
    yield ""
    yield "经过："
    for event in found.events:
        told = _event(event, found, book)
        text = f"：{told['text']}" if told["text"] else ""
        late = "（补录）" if entered_late(event) else ""
        yield f"  {book.moment(event.at)}  {told['who']} {told['action']}{text}{late}"
    if found.links:
        counted = Counter(_ROLES.get(link.role, link.role) for link in found.links)
        yield f"相关消息：{'，'.join(f'{role} {number} 条' for role, number in counted.items())}"
    for row in found.ratings:
        yield f"评价：{book.grade(row.grade)}（第 {row.closing} 次办结，{book.moment(row.at)}）"
    for post in found.posts:
        why = f"，{mask_personal(post.reason)}" if post.reason else ""
        yield f"没发完的：{post.name} {kind_word(post.kind)}（{_STATES[post.state]}{why}）"


def _event(event: EventRow, found: Dossier, book: Book) -> dict[str, Any]:
    word = book.texts.word
    return {
        "at": book.iso(event.at),
        "recorded_at": book.iso(event.recorded_at),
        "who": _who(event, found, book),
        "action": word("action", event.action),
        "from": word("state", event.from_state) if event.from_state else None,
        "to": word("state", event.to_state),
        "text": _facts(event.data, book),
    }


def _who(event: EventRow, found: Dossier, book: Book) -> str:
    """Staff by name, residents by what they are to the case."""
    if event.actor_id is None:
        return book.texts.word("role", "system")
    if name := book.directory.name_of(event.actor_id):
        return name
    if event.actor_id == found.case.reporter_id:
        return book.texts.word("role", "reporter")
    known = {row.person_id for row in found.supporters}
    return book.texts.word("role", "supporter" if event.actor_id in known else "resident")


def _facts(data: Mapping[str, Any], book: Book) -> str:
    """What of an event is worth reading: words, where it went, what was changed, the grade."""
    told = [f"№{data[key]}" if key in {"target", "case"} else str(data[key]) for key in _TOLD if data.get(key)]
    told += [f"{book.texts.word('field', name)}改成{_value(name, new, book)}" for name, new in _changes(data)]
    if isinstance(data.get("grade"), int):
        told.append(book.grade(data["grade"]))
    return mask_personal("；".join(told)).replace("\n", " / ")


def _changes(data: Mapping[str, Any]) -> list[tuple[str, object]]:
    changes = data.get("changes")
    return [(name, new) for name, new in changes.items() if new is not None] if isinstance(changes, Mapping) else []


def _value(name: str, new: object, book: Book) -> str:
    if name == "category":
        return book.category(str(new))
    if name == "area_id" and isinstance(new, int) and (area := book.directory.area(new)):
        return area.name
    return book.texts.word("urgency", str(new)) if name == "urgency" else str(new)


def _shown(value: object, book: Book) -> str:
    if isinstance(value, datetime):
        return book.moment(value)
    if isinstance(value, bool):
        return "是" if value else ""
    return str(value).replace("\n", " / ") if value else ""
